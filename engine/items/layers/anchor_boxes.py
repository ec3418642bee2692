"""Boxes that start from anchors, as most detectors answer with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field

from glassnet.engine.boxes.anchors import anchor_grid
from glassnet.engine.boxes.candidates import candidate_rows
from glassnet.engine.boxes.coding import decoded, decoded_in_cells
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, OptionError, Shape, Window

Side = Annotated[float, Field(gt=0, le=1e5, json_schema_extra={"default": 16.0})]
Size = Annotated[list[Side], Field(min_length=2, max_length=2)]
Sizes = Annotated[list[Size], Field(min_length=1, max_length=64)]

#: The overlap with a box that an anchor must be able to have, to be matched with any.
REACH = 0.5


class AnchorBoxes(Layer):
    """Anchor boxes: what maps say about the anchors at their cells, read as boxes with scores.

    Inputs: one map or several, coarse or fine, and last the picture, whose size the boxes are in. In the
    middle of each cell of a map stand its anchors, boxes of given sizes. For each of them in turn the map's
    channels are four numbers that move it, one for an object or for the ground where there is one, and one
    for each class. With `separate`, the four numbers and the others come from two maps in turn.

    Offsets, as in R-CNN: x = xₐ + widthₐ tₓ / wₓ, width = widthₐ exp(t_w / w_w). Cells, as in YOLO v2:
    x = left + σ(tₓ) · side of the cell, width = widthₐ exp(t_w). The score of a class is its share by a
    softmax over ground and classes; with objectness, σ(objectness) times its share among the classes; or
    with sigmoids its own. The confidence of a candidate is the number for the object, or for the ground, or
    without either the highest of the classes.

    Shapes: (anchors · (4 + others), h, w), …, (channels, H, W) → candidates (Σ h · w · anchors,
    9 + 2 · classes), map after map, row by row. No parameters. Ren et al. 2015, section 3.1; Redmon &
    Farhadi 2017, section 2; Liu et al. 2016, section 2.1.
    """

    kind: Literal["anchor_boxes"] = "anchor_boxes"
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Several objects whose middles share a cell are told apart, if their shapes differ.",
            "A network learns small corrections of boxes that nearly fit, instead of boxes.",
        ),
        cons=(
            "Nearly all anchors are ground: the loss must keep them from drowning the others.",
            "Anchors of the wrong sizes fit nothing, and what fits nothing is hardly learned.",
        ),
        use="As the last node of a detector; coarse maps for large objects, fine ones for small.",
        example=Example(
            "Follow one anchor: it is moved and stretched until it lies around an object.",
        ),
        mistakes=(
            Mistake(
                "Three scales and three ratios make 3 + 3 anchors.",
                "Every scale goes with every ratio: 3 × 3 = 9 anchors at each place.",
            ),
            Mistake(
                "Anchors are the boxes that a detector answers with.",
                "They are what it starts from: four numbers move and stretch each of them.",
            ),
        ),
        tex=(
            r"x = x_a + w_a t_x / \lambda_x, \quad w = w_a e^{t_w / \lambda_w}",
            r"x = c_x + s \, \sigma(t_x), \quad w = w_a e^{t_w}",
        ),
    )
    anchors: Annotated[list[Sizes], Field(min_length=1, max_length=16)] = option(
        [[[16.0, 16.0], [28.0, 28.0]]],
        "Of each map, the width and height of the anchors at its cells, in pixels of the picture.",
    )
    coding: Literal["offsets", "cells"] = option(
        "offsets",
        "How numbers move an anchor: by shares of its size, anywhere; or within its cell, by a sigmoid.",
    )
    offset_weights: list[Annotated[float, Field(gt=0, le=1e3, json_schema_extra={"default": 1.0})]] = option(
        [10.0, 10.0, 5.0, 5.0],
        "What offsets of x, y, width and height are divided by; R-CNN and SSD have 10, 10, 5, 5.",
        min_length=4,
        max_length=4,
    )
    objectness: bool = option(
        False,
        "Whether each anchor has a number, before the classes, that says whether it is an object.",
    )
    scores: Literal["softmax", "sigmoid"] = option(
        "softmax",
        "Whether classes share a softmax, which without objectness has the ground as its first; or have "
        "sigmoids.",
    )
    prior: float = option(
        0.5,
        "How probable objects are before anything is learned: its logit is added to the number of an object, "
        "or to those of the classes, or taken from the ground's. Small, training starts with silence.",
        gt=0,
        lt=1,
    )
    separate: bool = option(
        False, "Whether boxes and classes come from maps of their own, in turn: first boxes, then classes."
    )

    def misread(self, objectness: bool, scores: str | None = None) -> str | None:
        """Why a loss cannot read it that wants objectness, or none, and scores of a kind; None: it can."""
        if self.objectness != objectness:
            return f"objectness {str(self.objectness).lower()}; expected {str(objectness).lower()}"
        if scores not in (None, self.scores):
            return f"scores '{self.scores}'; expected '{scores}'"
        return None

    def channels(self, classes: int) -> int:
        """The channels that its first map needs for so many classes, the boxes' with the classes'."""
        return len(self.anchors[0]) * (4 + self.first + classes)

    @property
    def first(self) -> int:
        """How many numbers of an anchor stand before its classes, its box apart."""
        return int(self.objectness or self.scores == "softmax")

    def call(self, context: Context) -> Call:
        *maps, picture = context.shapes
        arrive = " and ".join(map(shape_text, context.shapes))
        count = len(self.anchors) * (2 if self.separate else 1)
        if len(picture) != 3 or any(len(shape) != 3 for shape in maps):
            raise ValueError(f"{arrive} arrive; expected maps, and last the picture")
        if len(maps) != count:
            pairs = " in pairs" if self.separate else ""
            raise OptionError(
                "anchors",
                f"{len(self.anchors)} lists of anchors for {len(maps)} maps; expected {count} maps{pairs} "
                "before the picture, a list for each",
            )
        self._check_reach(picture)
        grids = maps[::2] if self.separate else maps
        classes = {self._classes(index, maps, context.width or 1) for index in range(len(grids))}
        if len(classes) > 1:
            raise ValueError(f"{arrive} arrive, which tell {sorted(classes)} classes apart; expected as many")
        return Call(
            AnchorDecoder,
            self.anchors,
            [list(grid[1:]) for grid in grids],
            list(picture[1:]),
            self.offset_weights if self.coding == "offsets" else None,
            self.objectness,
            self.scores,
            self.separate,
            math.log(self.prior / (1 - self.prior)),
        )

    def _classes(self, index: int, maps: Sequence[Shape], wanted: int) -> int:
        """How many classes the maps at a place tell apart. Raises OptionError where they cannot be read."""
        anchors = len(self.anchors[index])
        place = f"anchors/{index}"
        if self.separate:
            boxes, others = maps[2 * index : 2 * index + 2]
            if boxes[0] != 4 * anchors or boxes[1:] != others[1:]:
                raise OptionError(
                    place,
                    f"{anchors} anchors for maps of {shape_text(boxes)} and {shape_text(others)}; expected "
                    f"{4 * anchors} channels in the first, and maps of one size",
                )
            before, channels = self.first, others[0]
        else:
            before, channels = 4 + self.first, maps[index][0]
        if channels % anchors or channels // anchors <= before:
            raise OptionError(
                place,
                f"{anchors} anchors for a map of {channels} channels; expected {anchors} × ({before} + "
                f"classes), such as {anchors * (before + wanted)} for {wanted}",
            )
        return channels // anchors - before

    def _check_reach(self, picture: Shape) -> None:
        """Raise OptionError where no anchor can overlap any box inside the picture by one half."""
        height, width = picture[1:]

        def reach(size: list[float]) -> float:
            return min(size[0], width) * min(size[1], height) / (size[0] * size[1])

        best = max((size for sizes in self.anchors for size in sizes), key=reach)
        if reach(best) < REACH:
            raise OptionError(
                "anchors",
                f"no anchor fits a picture of {width}×{height}: even {best[0]:g}×{best[1]:g} overlaps the "
                f"whole of it by {reach(best):.2f} only; expected some that can overlap a box by {REACH}",
            )

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class AnchorDecoder(torch.nn.Module):
    """Candidates of the anchors of maps, which arrive before the picture."""

    starts: torch.Tensor
    sides: torch.Tensor

    def __init__(
        self,
        anchors: list[list[list[float]]],
        grids: list[list[int]],
        picture: list[int],
        weights: list[float] | None,
        objectness: bool,
        scores: str,
        separate: bool,
        prior: float = 0.0,
    ) -> None:
        super().__init__()
        self.counts = [len(sizes) for sizes in anchors]
        self.weights = None if weights is None else tuple(weights)
        self.objectness, self.scores, self.separate, self.prior = objectness, scores, separate, prior
        starts, sides = [], []
        for sizes, (rows, columns) in zip(anchors, grids, strict=True):
            down, across = picture[0] / rows, picture[1] / columns
            starts.append(anchor_grid(torch.tensor(sizes), rows, columns, down, across))
            sides.append(torch.tensor([across, down]).expand(len(starts[-1]), 2))
        self.register_buffer("starts", torch.cat(starts), persistent=False)
        self.register_buffer("sides", torch.cat(sides), persistent=False)

    def forward(self, *maps_and_picture: torch.Tensor) -> torch.Tensor:
        maps = maps_and_picture[:-1]
        each = 2 if self.separate else 1
        flat = [anchor_numbers(x, self.counts[index // each]) for index, x in enumerate(maps)]
        if self.separate:
            numbers, others = torch.cat(flat[::2], dim=1), torch.cat(flat[1::2], dim=1)
        else:
            numbers = torch.cat(flat, dim=1)
            numbers, others = numbers[..., :4], numbers[..., 4:]
        if self.weights is None:
            boxes = decoded_in_cells(numbers, self.starts, self.sides)
        else:
            boxes = decoded(numbers, self.starts, self.weights)
        return candidate_rows(boxes, self.starts, *self._said(others))

    def _said(self, others: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The confidence (n, k, 1), a number for each class, and its score, (n, k, classes) both."""
        if not self.objectness and self.scores == "sigmoid":
            classes = others + self.prior
            return classes.amax(dim=-1, keepdim=True), classes, torch.sigmoid(classes)
        first, classes = others[..., :1], others[..., 1:]
        if not self.objectness:
            ground = first - self.prior
            return ground, classes, torch.softmax(torch.cat([ground, classes], dim=-1), dim=-1)[..., 1:]
        objects = first + self.prior
        own = torch.softmax(classes, dim=-1) if self.scores == "softmax" else torch.sigmoid(classes)
        return objects, classes, own * torch.sigmoid(objects)


def anchor_numbers(x: torch.Tensor, anchors: int) -> torch.Tensor:
    """A map's numbers, anchor by anchor: (n, anchors · c, h, w) → (n, h · w · anchors, c)."""
    apart = x.reshape(len(x), anchors, -1, *x.shape[2:]).permute(0, 3, 4, 1, 2)  # (n, h, w, anchors, c)
    return apart.flatten(1, 3)
