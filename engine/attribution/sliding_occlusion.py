"""Occlusion of one image, computed incrementally: the network's outputs at each position of the square."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import torch
from torch import Tensor

from glassnet.engine.attribution.applicability import last_maps, require_maps, require_places
from glassnet.engine.attribution.chunks import in_chunks
from glassnet.engine.attribution.frame_images import shown
from glassnet.engine.attribution.methods import Explanation
from glassnet.engine.attribution.occlusion import OccluderGrid
from glassnet.engine.attribution.view import laid_out
from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.node import Reference

if TYPE_CHECKING:
    from glassnet.engine.frame import Arrays
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: The most positions of the square in one map.
MOST_PLACES = 65_536

#: What is noted of a place: the share of the class, the sum of the strongest map, the likeliest class, score.
SHARE, ACTIVATION, LIKELIEST, SCORE = range(4)


class OcclusionOptions(Item):
    """The common options of occlusion, as a probe and as a study."""

    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The image that the network is shown.")
    target: int | None = option(None, "The class to explain; left out: the predicted one.", ge=0)
    size: int = option(
        8, "Side of the square: a stretch of a signal, a cube in a volume.", unit="px", ge=1, le=1024
    )
    stride: int = option(2, "How far it moves at a time.", unit="px", ge=1, le=1024)
    grey: float = option(0.5, "How bright it is: 0 is the darkest of the set, 1 the brightest.", ge=0, le=1)
    node: Reference | None = option(
        None, "The node whose strongest map is watched; left out: the last that has maps."
    )

    def check(self, plan: Plan) -> None:
        """Raise ValueError, with alternatives, where the options do not suit the network."""
        require_places(plan)
        squares = self.squares(plan)
        most = largest_square(squares.image)
        if self.size > most:
            what = {1: "a signal", 2: "an image", 3: "a volume"}[len(squares.image)]
            raise ValueError(
                f"a square of {self.size} covers {what} of {'×'.join(map(str, squares.image))}; "
                f"expected a size of at most {most}"
            )
        if squares.count > MOST_PLACES:
            raise ValueError(f"{squares.count:,} places; expected at most {MOST_PLACES:,}: a larger stride")
        if self.node is not None:
            require_maps(plan, self.node, "no node has feature maps: leave 'node' out to see the rest")

    def squares(self, plan: Plan) -> OccluderGrid:
        """The positions of the square in the network's samples."""
        return OccluderGrid(plan.input_shape[1:], self.size, self.stride)

    def watched(self, plan: Plan) -> str | None:
        """The node whose strongest map is recorded; None where no node has maps."""
        if self.node is not None:
            return self.node
        try:
            return last_maps(plan)
        except ValueError:
            return None  # without feature maps the strongest map is left out


def largest_square(sizes: tuple[int, ...]) -> int:
    """The largest side of a square in samples of these sizes: an image's smaller side.

    Of a volume or a clip it is the smaller side of a slice: a clip may have few pictures, all of which are
    covered then.
    """
    return min(sizes[-2:])


class SlidingOcclusion:
    """The occlusion of one image, position by position, with the results and steps recorded.

    Both measures are derived from it: the output while a position is covered (Zeiler & Fergus 2014, section
    4.2), and the drop of the score, averaged over the squares that cover a pixel.
    """

    def __init__(self, asked: OcclusionOptions, trainer: Observed) -> None:
        """Raises ValueError where the options do not suit the network."""
        plan, data = trainer.plan, trainer.data
        asked.check(plan)
        self._asked, self._trainer = asked, trainer
        raw = asked.input.raw(data, trainer.blobs)
        self._x = data.transform(raw).to(trainer.device, trainer.dtype)
        self._pixels, self._span = shown(raw[0], data)
        low, high = self._span.tolist()
        self._level = low + asked.grey * (high - low)
        self._grey = data.transform(torch.full_like(raw, self._level)).to(self._x)
        self._truth = asked.input.target(data)
        self.squares = asked.squares(plan)
        self._node = asked.watched(plan)
        self._explanation = Explanation(trainer, asked.target, self._x)
        self._numbers = self._explanation.view.numbers(plan.loss_nodes[0])
        self._channel = -1
        self._forget()

    def _forget(self) -> None:
        count = self.squares.count
        self.seen = self._x.new_full((count, 4), torch.nan)
        self.steps = torch.full((count,), -1, dtype=torch.int32)
        #: The drop of the score at each position.
        self._drops = self._x.new_full((count,), torch.nan)

    @torch.no_grad()
    def ask(self) -> None:
        """Update the uncovered output; restart where the predicted class or the strongest map has changed."""
        explanation = Explanation(self._trainer, self._asked.target, self._x)
        channel = -1
        if self._node is not None:
            channel = int(explanation.view(self._x, self._node)[0].flatten(1).sum(dim=1).argmax())
        if (explanation.target, channel) != (self._explanation.target, self._channel):
            self._forget()
        self._explanation, self._channel = explanation, channel
        self.before = self._note(self._x)[0]

    @torch.no_grad()
    def cover(self, places: Tensor) -> None:
        """Compute and record the results at these positions (n,), in batches that fit in memory."""

        def look(start: int, stop: int) -> Tensor:
            masks = self.squares.masks(places[start:stop].to(self._x.device))
            covered = torch.where(masks[:, None], self._grey, self._x)
            return self._note(laid_out(covered))

        for start, stop, found in in_chunks(len(places), self._numbers, look):
            part = places[start:stop].to(self._x.device)
            self._drops[part], self.seen[part] = self.before[SCORE] - found[:, SCORE], found
            self.steps[part.cpu()] = self._trainer.steps_taken

    def _note(self, x: Tensor) -> Tensor:
        """The recorded values of samples (n, channels, …): (n, 4)."""
        explanation = self._explanation
        answer, values = explanation.outputs(x)
        shares = explanation.probabilities(answer)
        activation = torch.full_like(shares[:, 0], torch.nan)
        if self._node is not None:
            activation = values[self._node][:, self._channel].flatten(1).sum(dim=1)
        best = shares.argmax(dim=1).to(shares)
        return torch.stack([shares[:, explanation.target], activation, best, explanation.of(answer)], dim=1)

    def arrays(self) -> Arrays:
        """The results so far as the arrays of a frame."""
        seen = self.seen.view(*self.squares.grid, 4)
        return {
            "input": self._pixels,
            "input.range": self._span,
            "before": self.before[[SHARE, ACTIVATION]].float().cpu(),
            "target": torch.tensor(self._explanation.target, dtype=torch.int32),
            "truth": torch.tensor(-1 if self._truth is None else self._truth, dtype=torch.int32),
            "channel": torch.tensor(self._channel, dtype=torch.int32),
            "grey": torch.tensor(self._level),
            "probability": seen[..., SHARE].float().cpu(),
            "activation": seen[..., ACTIVATION].float().cpu(),
            "class": seen[..., LIKELIEST].nan_to_num(-1).int().cpu(),
            "drop": self.squares.mean(self._drops).float().cpu(),
            "steps": self.steps.view(self.squares.grid).clone(),
        }
