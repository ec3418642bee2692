"""The parts of a figure, and their form as JSON."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from glassnet.engine.figures.values import floats

#: Digits of a number that is drawn.
DIGITS = 6


class Axis(NamedTuple):
    """An axis: its label, and whether it is logarithmic."""

    label: str
    log: bool = False


class Line(NamedTuple):
    """A named line, or a set of points where it is part of a Plane. x and y have the same length."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


class Chart(NamedTuple):
    """Lines over one axis."""

    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]

    def document(self) -> dict[str, Any]:
        """The chart as JSON."""
        return {
            "type": "chart",
            "title": self.title,
            "x": self.x._asdict(),
            "y": self.y._asdict(),
            "lines": [_line(line) for line in self.lines],
        }


class Plane(NamedTuple):
    """Points or paths in a plane, over heights where it has some."""

    title: str
    x: Axis
    y: Axis
    #: The part that is shown: left, right, bottom, top.
    region: tuple[float, float, float, float]
    points: tuple[Line, ...] = ()
    paths: tuple[Line, ...] = ()
    #: (rows, columns), the top row first.
    heights: Tensor | None = None
    #: Whether heights are of either sign, so that the colours of negative and positive are theirs.
    signed: bool = False

    def document(self) -> dict[str, Any]:
        """The plane as JSON."""
        heights = None if self.heights is None else [numbers(floats(row)) for row in self.heights]
        return {
            "type": "plane",
            "title": self.title,
            "x": self.x._asdict(),
            "y": self.y._asdict(),
            "region": self.region,
            "points": [_line(line) for line in self.points],
            "paths": [_line(line) for line in self.paths],
            "heights": heights,
            "signed": self.signed,
        }


class Picture(NamedTuple):
    """A picture (rows, columns), or (rows, columns, 3) of a colour each, with its caption."""

    caption: str
    pixels: Tensor

    def document(self, scale: str) -> dict[str, Any]:
        """The picture as JSON; bytes are in base64, the middle of a signed scale at 128."""
        values = self.pixels.detach().double().nan_to_num(0.0)
        low, high = floats(torch.stack(values.aminmax()))
        if scale == "signed":
            reach = max(abs(low), abs(high), 1e-12)
            levels = 128 + 127 * values / reach
        elif scale == "unit":
            levels = 255 * values.clamp(0, 1)
        else:
            levels = 255 * (values - low) / max(high - low, 1e-12)
        small = values.ndim == 2 and (values.numel() <= MOST_NUMBERS or values.shape[0] == 1)
        return {
            "caption": self.caption,
            "width": values.shape[1],
            "height": values.shape[0],
            "channels": 1 if values.ndim == 2 else values.shape[2],
            "pixels": base64.b64encode(bytes(map(round, floats(levels.flatten())))).decode(),
            "numbers": numbers(floats(values.flatten())) if small else None,
        }


#: Pictures of at most so many pixels, or of one row, come with their numbers, to be written into them.
MOST_NUMBERS = 25


class Pictures(NamedTuple):
    """Pictures side by side."""

    title: str
    pictures: tuple[Picture, ...]
    #: Of their colours: brightness from 0 to 1, either sign, or from least to greatest.
    scale: Literal["unit", "signed", "range"] = "unit"

    def document(self) -> dict[str, Any]:
        """The pictures as JSON."""
        pictures = [picture.document(self.scale) for picture in self.pictures]
        return {"type": "pictures", "title": self.title, "scale": self.scale, "pictures": pictures}


class Bars(NamedTuple):
    """Named numbers as bars, each with a note beside it."""

    title: str
    unit: str
    bars: tuple[tuple[str, float, str], ...]

    def document(self) -> dict[str, Any]:
        """The bars as JSON."""
        bars = [{"name": name, "value": number(value), "note": note} for name, value, note in self.bars]
        return {"type": "bars", "title": self.title, "unit": self.unit, "bars": bars}


Part = Chart | Plane | Pictures | Bars


class Figure(NamedTuple):
    """What an item does: parts in the order in which they are read, and a sentence on how they were made."""

    parts: tuple[Part, ...]
    note: str = ""

    def document(self) -> dict[str, Any]:
        """The figure as JSON."""
        return {"parts": [part.document() for part in self.parts], "note": self.note}


def number(value: float) -> float | None:
    """A number to draw; None where it is not finite."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def numbers(values: Sequence[float]) -> list[float | None]:
    """Numbers to draw."""
    return [number(value) for value in values]


def _line(line: Line) -> dict[str, Any]:
    return {"name": line.name, "x": numbers(line.x), "y": numbers(line.y)}
