"""Occlusion: a grey square slides over the image (Zeiler & Fergus 2014, figure 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import torch
from torch import Tensor

from engine.attribution.chunks import NUMBERS
from engine.attribution.methods import Question
from engine.attribution.occlusion import Squares, occluded
from engine.attribution.pictures import shown
from engine.attribution.possible import last_maps, require_images, require_node
from engine.catalog import Choice, option
from engine.inputs import Input
from engine.inputs.sample import SampleInput
from engine.node import Reference
from engine.probes import Arrays
from engine.studies import NetworkStudy, Sight

if TYPE_CHECKING:
    from engine.plan import Plan
    from engine.trainer import Trainer

#: Places of the square in one map.
MOST_PLACES = 65_536

#: Multiply-adds between two looks at what there is so far: well under a second.
AT_ONCE = 1_000_000_000


class Occlusion(NetworkStudy):
    """Occlusion: a grey square covers part of an image, here and there; what the network says then.

    As in Zeiler & Fergus 2014, section 4.2 and figure 7. For each place of the square (rows, columns):
    `probability` float32, the share of the class that is asked about; `class` int32, the likeliest class;
    `activation` float32, the sum over the feature map that is strongest in the whole image; NaN and −1
    where the square has not yet been. For each pixel (h, w): `drop` float32, how far the class's score
    falls, the mean over all squares that cover it. `input` uint8 (channels, h, w) with `input.range`;
    `before` float32 (2,): probability and activation of the whole image; `target`, `truth`, `channel`
    int32; `grey` float32.
    """

    kind: Literal["occlusion"] = "occlusion"
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The image that the network is shown.")
    target: int | None = option(None, "The class that is asked about; left out: what the network says.", ge=0)
    size: int = option(8, "Side of the square.", unit="px", ge=1, le=1024)
    stride: int = option(2, "How far it moves at a time.", unit="px", ge=1, le=1024)
    grey: float = option(0.5, "How bright it is: 0 is the darkest of the set, 1 the brightest.", ge=0, le=1)
    node: Reference | None = option(
        None, "The node whose strongest map is watched; left out: the last that has maps."
    )

    def check(self, plan: Plan) -> None:
        require_images(plan)
        squares = self._squares(plan)
        if self.size > min(squares.image):
            raise ValueError(
                f"a square of {self.size} covers an image of {squares.image[0]}×{squares.image[1]}; "
                f"expected a size of at most {min(squares.image)}"
            )
        if squares.count > MOST_PLACES:
            raise ValueError(f"{squares.count:,} places; expected at most {MOST_PLACES:,}: a larger stride")
        if self.node is not None and len(require_node(plan, self.node).shape) != 3:
            raise ValueError(f"node '{self.node}' gives a vector; expected a node with feature maps")

    def compute(self, trainer: Trainer) -> Iterator[Sight]:
        plan, data = trainer.plan, trainer.data
        self.check(plan)
        raw = self.input.raw(data, trainer.blobs)
        x = data.transform(raw).to(trainer.device, trainer.dtype)
        pixels, span = shown(raw[0], data)
        level = float(span[0] + self.grey * (span[1] - span[0]))
        grey = data.transform(torch.full_like(raw, level)).to(x)
        question = Question(trainer, self.target, x)
        truth = self.input.target(data)
        watch = _Watch(question, self._watched(plan))
        squares = self._squares(plan)
        at_once = max(1, min(squares.count, AT_ONCE // max(1, plan.macs)))
        seen = x.new_full((squares.count, 3), torch.nan)
        total, covers = x.new_zeros(squares.image), x.new_zeros(squares.image)
        arrays: Arrays = {
            "input": pixels,
            "input.range": span,
            "before": watch.before[:2].float().cpu(),
            "target": torch.tensor(question.target, dtype=torch.int32),
            "truth": torch.tensor(-1 if truth is None else truth, dtype=torch.int32),
            "channel": torch.tensor(watch.channel, dtype=torch.int32),
            "grey": torch.tensor(level),
        }
        numbers = question.view.numbers(plan.judged[0])
        pieces = occluded(watch, x, grey, squares, numbers=numbers, most=min(NUMBERS, at_once * numbers))
        for start, stop, masks, found in pieces:
            seen[start:stop] = found[:, :3]
            shares = masks.flatten(1).to(x.dtype)
            total += ((watch.before[3] - found[:, 3]) @ shares).view(squares.image)
            covers += shares.sum(dim=0).view(squares.image)
            yield Sight(stop / squares.count, arrays | _maps(seen.view(*squares.grid, 3), total, covers))

    def _squares(self, plan: Plan) -> Squares:
        height, width = plan.input_shape[1:]
        return Squares((height, width), self.size, self.stride)

    def _watched(self, plan: Plan) -> str | None:
        if self.node is not None:
            return self.node
        try:
            return last_maps(plan)
        except ValueError:
            return None  # the strongest map is not shown where there is none


class _Watch:
    """What is noted of each covered image: (probability, activation, likeliest class, score)."""

    def __init__(self, question: Question, node: str | None) -> None:
        self._question, self._node = question, node
        self.channel = -1
        if node is not None:
            with torch.no_grad():
                self.channel = int(question.view(question.x, node)[0].flatten(1).sum(dim=1).argmax())
        self.before = self(question.x)[0]

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        answer, values = self._question.answers(x)
        shares = self._question.shares(answer)
        activation = torch.full_like(shares[:, 0], torch.nan)
        if self._node is not None:
            activation = values[self._node][:, self.channel].flatten(1).sum(dim=1)
        best = shares.argmax(dim=1).to(shares)
        return torch.stack(
            [shares[:, self._question.target], activation, best, self._question.of(answer)], dim=1
        )


def _maps(seen: Tensor, total: Tensor, covers: Tensor) -> Arrays:
    return {
        "probability": seen[..., 0].float().cpu(),
        "activation": seen[..., 1].float().cpu(),
        "class": seen[..., 2].nan_to_num(-1).int().cpu(),
        "drop": (total / covers.clamp_min(1)).float().cpu(),
    }
