"""Losses over training as an SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from glassnet.engine.notebook.html import BLUE, GREEN, ORANGE, tag

#: The picture, and its margins for the numbers on the left, below, and the names on the right, in pixels.
WIDTH, HEIGHT, LEFT, BELOW, RIGHT, ABOVE = 460, 180, 52, 22, 96, 10

#: The series that are drawn, where there are such.
SERIES = {"train_loss": BLUE, "validation_loss": GREEN, "test_loss": ORANGE}


def curves_svg(columns: Mapping[str, np.ndarray]) -> str:
    """Every loss over the epochs as one `<svg>` element; "" where there is no row to draw."""
    drawn = {name: columns[name] for name in SERIES if name in columns}
    finite = [value for values in drawn.values() for value in values if math.isfinite(value)]
    if not finite:
        return ""
    scale = _Scale(columns["epoch"], min(finite), max(finite))
    ends = [
        _words(0, ABOVE + 8, f"{scale.high:.4g}"),
        _words(0, HEIGHT - BELOW, f"{scale.low:.4g}"),
        _words(LEFT, HEIGHT - 6, f"epoch {scale.first:g}"),
        _words(WIDTH - RIGHT, HEIGHT - 6, f"{scale.last:.4g}", anchor="end"),
    ]
    lines = [scale.line(columns["epoch"], values, SERIES[name]) for name, values in drawn.items()]
    names = [_name(name, row) for row, name in enumerate(drawn)]
    return tag(
        "svg",
        tag("path", d=scale.axes(), fill="none", stroke="currentColor", stroke_opacity=0.3),
        *ends,
        *lines,
        *names,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"{', '.join(drawn)} over {scale.last:g} epochs",
        width=WIDTH,
        height=HEIGHT,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        style="color: inherit; font: 11px system-ui, sans-serif",
    )


class _Scale:
    """From epochs and losses to pixels."""

    def __init__(self, epochs: np.ndarray, low: float, high: float) -> None:
        self.first, self.last = float(epochs.min()), float(epochs.max())
        self.low, self.high = low, high

    def x(self, epoch: float) -> float:
        share = (epoch - self.first) / (self.last - self.first or 1.0)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, loss: float) -> float:
        share = (loss - self.low) / (self.high - self.low or 1.0)
        return HEIGHT - BELOW - share * (HEIGHT - BELOW - ABOVE)

    def axes(self) -> str:
        """A line on the left and one below."""
        return f"M{LEFT} {ABOVE}V{HEIGHT - BELOW}H{WIDTH - RIGHT}"

    def line(self, epochs: Sequence[float] | np.ndarray, losses: np.ndarray, colour: str) -> str:
        """One series; the line is interrupted at values that are not finite, and where a new life begins."""
        path, before = "", math.inf
        for epoch, loss in zip(epochs, losses, strict=True):
            if not math.isfinite(loss):
                before = math.inf
                continue
            path += f"{'L' if epoch >= before else 'M'}{self.x(epoch):.1f} {self.y(loss):.1f}"
            before = epoch
        return tag("path", d=path, fill="none", stroke=colour, stroke_width=1.5)


def _name(name: str, row: int) -> str:
    return _words(WIDTH - RIGHT + 8, ABOVE + 10 + 16 * row, name.replace("_", " "), SERIES[name])


def _words(x: int, y: int, text: str, colour: str = "currentColor", anchor: str = "start") -> str:
    return tag("text", escape(text), x=x, y=y, fill=colour, text_anchor=anchor)
