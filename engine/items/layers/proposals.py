"""Proposals: the first stage's answer, and the boxes of the second, one candidate a class of each region."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field

from glassnet.engine.boxes.candidates import class_count
from glassnet.engine.boxes.coding import decoded
from glassnet.engine.boxes.second_stage import proposed_regions, region_rows
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window

#: How many numbers a proposal has: left, top, right, bottom and score.
NUMBERS = 5


class Proposals(Layer):
    """Region proposals: a first stage's best boxes, a fixed number, without those that say the same.

    Inputs: candidates, as `anchor_boxes` gives them, and the picture, at whose sides boxes are cut off. Of
    the `looked` with the highest scores greedy suppression leaves `kept` at the most; a place that stays
    empty has −1 and the score 0. No slope passes: the first stage learns from its own loss, as published.
    The paper looks at the best of each level of a pyramid, this at the best of all.

    Shapes: (k, 9 + 2 · classes), (channels, H, W) → (kept, 5): left, top, right, bottom in pixels, score.
    No parameters. Ren et al. 2015, section 3.3.
    """

    kind: Literal["region_proposals"] = "region_proposals"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    takes: ClassVar[tuple[int, ...] | None] = ()
    guide: ClassVar[Guide | None] = Guide(
        pros=("A few dozen regions are looked at closely, instead of every anchor.",),
        cons=("What is not proposed is not found, however good the second stage is.",),
        use="Between the two stages of a detector.",
        example=Example(
            "Follow a proposal: it starts as an anchor and ends as a box with a class.",
        ),
        mistakes=(
            Mistake(
                "Proposals are made by selective search.",
                "In R-CNN and Fast R-CNN; from Faster R-CNN on the network proposes them itself.",
            ),
        ),
        tex=(r"\mathrm{NMS}\bigl(\mathrm{top}_k\, \sigma(o)\bigr)",),
    )
    looked: int = option(
        128, "How many of the candidates with the highest scores are looked at.", ge=1, le=100_000
    )
    kept: int = option(32, "How many proposals there are, at the most, and places for them.", ge=1, le=10_000)
    threshold: float = option(0.7, "The IoU with a better proposal from which one is left out.", ge=0, le=1)
    least: float = option(1.0, "The least side of a proposal.", unit="px", ge=0, le=1e5)

    def call(self, context: Context) -> Call:
        candidates, picture = context.shapes
        if len(candidates) != 2 or candidates[1] < 11 or candidates[1] % 2 == 0 or len(picture) != 3:
            raise ValueError(
                f"{shape_text(candidates)} and {shape_text(picture)} arrive; expected candidates × 9 + 2 · "
                "classes numbers, as 'anchor_boxes' gives them, and the picture"
            )
        sides = list(picture[1:])
        return Call(ProposalChoice, sides, self.looked, self.kept, self.threshold, self.least)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class ProposalChoice(torch.nn.Module):
    """A fixed number of the best candidates' boxes."""

    def __init__(self, picture: list[int], looked: int, kept: int, threshold: float, least: float) -> None:
        super().__init__()
        self.picture, self.looked, self.kept = picture, looked, kept
        self.threshold, self.least = threshold, least

    def forward(self, candidates: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
        given = candidates.detach()
        scores = given[..., 9 + class_count(given) :].amax(dim=-1)
        return proposed_regions(
            given[..., :4], scores, self.picture, self.looked, self.kept, self.threshold, self.least
        )


class RegionBoxes(Layer):
    """Region boxes: what the second stage says about each proposal, read as boxes with scores.

    Inputs: proposals; for each a number of the ground and one of each class; and for each four offsets for
    the ground, of which there is no use, and for every class. A class of a region is a candidate of its own:
    its box is the proposal moved by the class's offsets, its score the class's share of the softmax over
    ground and classes. Without a proposal scores are 0.

    Shapes: (k, 5), (1 + classes, k), (4 · (1 + classes), k) → candidates (k · classes, 9 + 2 · classes),
    region by region. No parameters. Girshick 2015, section 2.3.
    """

    kind: Literal["region_boxes"] = "region_boxes"
    arity: ClassVar[tuple[int, int | None]] = (3, 3)
    takes: ClassVar[tuple[int, ...] | None] = ()
    guide: ClassVar[Guide | None] = Guide(
        pros=("Each class may move a box its own way: a cross is cut off elsewhere than a disc.",),
        cons=("Most of its answers are of classes that the region does not show.",),
        use="As the last node of a detector with two stages.",
        example=Example(
            "A proposal that holds half of a ring is moved until it holds all of it.",
        ),
        mistakes=(
            Mistake(
                "The second stage finds objects anew.",
                "It names and corrects what the first has proposed, and says of most that it is ground.",
            ),
        ),
        tex=(r"p_c = \mathrm{softmax}(s)_c, \quad x = x_r + w_r t_x^c / \lambda_x",),
    )
    offset_weights: list[Annotated[float, Field(gt=0, le=1e3, json_schema_extra={"default": 1.0})]] = option(
        [10.0, 10.0, 5.0, 5.0],
        "What offsets of x, y, width and height are divided by; R-CNN has 10, 10, 5, 5.",
        min_length=4,
        max_length=4,
    )

    def call(self, context: Context) -> Call:
        proposals, classes, offsets = context.shapes
        regions = proposals[0]
        if (
            len(proposals) != 2
            or proposals[1] != NUMBERS
            or len(classes) != 2
            or classes[0] < 2
            or classes[1] != regions
            or offsets != (4 * classes[0], regions)
        ):
            arrive = " and ".join(map(shape_text, context.shapes))
            raise ValueError(
                f"{arrive} arrive; expected proposals k×5, 1 + classes numbers of each, and four times "
                "as many offsets: (1 + classes)×k and 4 · (1 + classes)×k"
            )
        return Call(RegionDecoder, self.offset_weights)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class RegionDecoder(torch.nn.Module):
    """Candidates of the classes of regions."""

    def __init__(self, weights: list[float]) -> None:
        super().__init__()
        self.weights = tuple(weights)

    def forward(self, proposals: torch.Tensor, classes: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        numbers = classes.transpose(1, 2)  # (n, k, 1 + classes)
        own = offsets.transpose(1, 2).reshape(*numbers.shape, 4)[:, :, 1:]  # (n, k, classes, 4)
        boxes = decoded(own, proposals[:, :, None, :4], self.weights)
        return region_rows(proposals, boxes, numbers[..., :1], numbers[..., 1:])
