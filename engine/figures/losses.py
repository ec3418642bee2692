"""Losses: over the error of a value, and over the score of the right class; each with its gradient."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Chart, Figure
from glassnet.engine.figures.slopes import with_slopes
from glassnet.engine.figures.values import spaced, tensor_of
from glassnet.engine.items.losses import Loss

#: Errors and scores that are drawn, and how many of them.
REACH, POINTS = 4.0, 321

NOTE = (
    "One sample at a time, computed by the loss that trains and differentiated by autograd. The error e is "
    "y − t. A score is the output for the right side or class, where the other classes have the score 0."
)

#: The classes of losses that compare the scores of several.
CLASSES = 3


def figure(item: Loss) -> Figure:
    """The loss over its error, and over a score where it is for classes, with the gradients."""
    module = item.call().build()
    parts: list[Chart] = []
    if item.values:
        parts += _charts("error", Axis("e"), lambda e: module(e[:, None], 0 * e[:, None]))
    match item.labels:
        case "plus_minus":
            parts += _charts("score", Axis("score"), lambda s: module(s[:, None], 0 * s[:, None] + 1))
        case "zero_one":
            parts += _charts("score", Axis("score"), lambda s: module(s[:, None], 0 * s[:, None] + 1))
        case "index":
            parts += _charts("score", Axis("score"), lambda s: module(_scores(s), _first(s)))
    if not parts and item.masks:
        pixels = item.call_for_masks().build()
        parts += _charts(
            "score", Axis("score"), lambda s: pixels(_scores(s)[..., None, None], _first(s)[..., None, None])
        )
    if item.boxes:
        there = tensor_of(OBJECT)[None, None]
        parts += _charts("error", Axis("e"), lambda e: module(_candidate(left=e), there))
        parts += _charts("confidence", Axis("confidence"), lambda c: module(_candidate(sure=c), there))
    return Figure(tuple(parts), NOTE)


#: An object of the first class, in the first half of a cell of 16 pixels.
OBJECT = [0.0, 0.0, 8.0, 8.0, 0.0]


def _candidate(left: Tensor | None = None, sure: Tensor | None = None) -> Tensor:
    """The one box of the cell (1, 1, 11): right but for an error of its place in pixels, or of confidence."""
    zero = tensor_of([0.0])
    e, c = zero if left is None else left, zero + 1 if sure is None else sure
    box, cell = [zero + e, zero, zero + 8 + e, zero + 8], [zero, zero, zero + 16, zero + 16]
    return torch.stack([*box, *cell, c, zero + 1, c], dim=-1)[None]


def _charts(name: str, axis: Axis, loss: Callable[[Tensor], Tensor]) -> tuple[Chart, Chart]:
    """The loss of each place alone, because modules give the mean over a batch."""
    x = spaced(-REACH, REACH, POINTS).requires_grad_()
    values = torch.stack([loss(place) for place in x.unsqueeze(1)])
    titles = (f"Loss over the {name}", "L"), (f"Gradient over the {name}", "∂L")
    return with_slopes(x, {"": values}, axis, *titles)


def _scores(score: Tensor) -> Tensor:
    """The outputs (1, classes) with this score for the first class."""
    others = [0 * score for _ in range(CLASSES - 1)]
    return torch.stack([score, *others], 1)


def _first(score: Tensor) -> Tensor:
    return torch.zeros_like(score, dtype=torch.int64)
