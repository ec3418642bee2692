"""Features: the images with the strongest activations of each feature map, projected to pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from glassnet.engine.attribution.applicability import (
    require_channels,
    require_node,
    require_places,
    require_rule,
)
from glassnet.engine.attribution.frame_images import shown, signed
from glassnet.engine.attribution.input_regions import boxes, crops, tile_size
from glassnet.engine.attribution.projection import Projected, Seed, project
from glassnet.engine.attribution.rules import Rule
from glassnet.engine.attribution.top_activations import NO_IMAGE, Scan, TopActivations
from glassnet.engine.attribution.view import Normalisations, SignalView
from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays, IncrementalLook, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan, PlannedNode
    from glassnet.engine.training.observed import Observed

#: The multiply-adds of one call for searching strong activations, and for projecting them.
SEARCH, DOWN = 80_000_000, 240_000_000

#: Top activations kept for each that is displayed, as a reserve for those that lose their rank.
RESERVE = 4

#: The most projections in one frame.
MOST = 1200


class Features(Picture):
    """Features: the images with the strongest activations of each feature map, and their projections.

    With each projection comes the patch of the image in the activation's receptive field, clipped at the
    borders. Each call searches a part of the set and renews a part of the projections, so that training is
    hardly delayed; `steps` is the step of each activation. Zeiler & Fergus 2014, section 2.1. For C maps and
    `count` entries, arrays: `channels` int32 (C,); `images`, `positions`, `steps` int32 and `values` float32
    (C, count), −1 for an empty entry; `targets` int32 (C, count); `boxes` int32 (C, count, 4): top, left,
    bottom, right; `projections` uint8 (C, count, channels, h, w) with `.range` (C, count, 2), 128 is zero;
    `patches` uint8 of the same shape with `patches.range` (2,); both are aligned to the top left and empty
    beyond the box. Of signals tiles are (…, length) and boxes start, end; of volumes and clips tiles are
    (…, depth, h, w) and boxes front, top, left, back, bottom, right. `projected` int32 (C,): the step of the
    pictures. `seen` int32 (2,): images searched, and all.
    """

    kind: Literal["features"] = "features"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What each map answers to most, and which pixels made it.",),
        cons=("The strongest answers are not the usual ones.",),
        use="To name what a map has learned.",
        example=Example(
            "Let it search the whole set, then go through the maps of the second layer.",
            preset="digits-convolution",
        ),
        shows=(
            "patches",
            "projections",
            "values",
        ),
    )
    hz: float = frame_rate(2.0)
    node: Reference = option("relu1", "The node whose feature maps are shown.")
    channels: list[Annotated[int, Field(ge=0)]] | None = option(
        None, "The maps; left out: the first 64.", min_length=1, max_length=256
    )
    count: int = option(9, "The number of images for each map.", ge=1, le=25)
    set: Literal["train", "test"] = option("test", "The set that is searched.")
    images: int = option(
        1000, "The number of images of the set that are searched: the first.", ge=1, le=100_000
    )
    rule: Rule = option("deconvnet", "The backward rule of ReLUs.")
    seed: Seed = option(
        "strongest", "The signal projected: the strongest activation alone, or the whole map."
    )
    normalisations: Normalisations = option(
        "identity", "How the signal passes local normalisations: unchanged, or by their true gradient."
    )
    mask_empty: bool = option(False, "Whether pooling windows of zeros alone block the signal.")

    def check(self, plan: Plan) -> None:
        require_places(plan)
        require_channels(require_node(plan, self.node), self.channels or [])
        require_rule(plan, self.node, self.rule)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        return FeaturePictures(self, trainer, trainer.plan[self.node])


class FeaturePictures(IncrementalLook):
    """The pictures of one layer's maps, some of them renewed at each call."""

    def __init__(
        self, asked: Features, trainer: Observed, placed: PlannedNode, search: Scan | None = None
    ) -> None:
        """`search` is a complete scan of the set; None: each call continues its own."""
        self._asked, self._trainer = asked, trainer
        self._view = SignalView(trainer.evaluation_network, trainer.plan, asked.normalisations)
        samples = trainer.data.train if asked.set == "train" else trainer.data.test
        self._raw = samples.raw[: asked.images]
        self._inputs = samples.inputs[: asked.images] if len(samples) > asked.images else samples.inputs
        self._targets = samples.targets if trainer.data.dataset.family == "class" else None
        chosen = asked.channels or list(range(min(64, placed.shape[0])))
        self._count = min(asked.count, MOST // len(chosen) or 1, len(self._raw))
        self.channels = torch.tensor(chosen)
        macs = max(1, self._view.macs(asked.node))
        board = TopActivations(placed.shape[0], RESERVE * self._count, trainer.device, trainer.dtype)
        self.scan = search or Scan(
            self._view, asked.node, self._inputs, board, at_once=max(4, SEARCH // macs)
        )
        #: The number of maps that one call renews.
        self.at_once = max(1, DOWN // (2 * macs * self._count))
        self._turn = 0
        #: The images searched, and then maps renewed, since the last step.
        self._step, self._searched, self._renewed = NO_IMAGE, 0, 0
        self._tile = tile_size(trainer.plan, asked.node)
        shape = (len(chosen), self._count, trainer.plan.input_shape[0], *self._tile)
        self._projections = torch.full(shape, 128, dtype=torch.uint8)
        self._patches = torch.zeros(shape, dtype=torch.uint8)
        self._patch_range = shown(self._raw[:1], trainer.data)[1]
        self._ranges = torch.zeros(len(chosen), self._count, 2)
        self._values = torch.full((len(chosen), self._count), torch.nan)
        self._images, self._positions, self._steps, self._classes = (
            torch.full((len(chosen), self._count), NO_IMAGE, dtype=torch.int32) for _ in range(4)
        )
        self._boxes = torch.zeros(len(chosen), self._count, 2 * len(self._tile), dtype=torch.int32)
        self._projected = torch.full((len(chosen),), NO_IMAGE, dtype=torch.int32)

    @property
    def done(self) -> float:
        searched = min(1.0, self._searched / len(self._raw))
        return (searched + min(1.0, self._renewed / len(self.channels))) / 2

    def __call__(self) -> Arrays:
        """Continue the search, renew the next maps, and return all arrays."""
        if self._step != self._trainer.steps_taken:
            self._step, self._searched, self._renewed = self._trainer.steps_taken, 0, 0
        if self._searched < len(self._raw):
            self._searched += self.scan.scan_next(self._step)
            self._renewed = 0
        count = min(self.at_once, len(self.channels))
        self.renew((torch.arange(count) + self._turn) % len(self.channels))
        self._renewed += count
        self._turn = (self._turn + count) % len(self.channels)
        return self.arrays()

    def renew(self, rows: Tensor) -> None:
        """Renew the projections of these maps with the current network."""
        board, count = self.scan.board, self._count
        maps = self.channels[rows].to(board.images.device)
        images = board.images[maps, :count]
        there = (images != NO_IMAGE).flatten()
        if not bool(there.any()):
            return
        chosen = images.flatten()[there]
        found = project(
            self._view,
            self._asked.node,
            self._inputs,
            maps.repeat_interleave(count)[there],
            rule=self._asked.rule,
            seed=self._asked.seed,
            mask_empty=self._asked.mask_empty,
            images=chosen,
        )
        step = self._trainer.steps_taken
        values = board.values.new_full((len(rows), count), -torch.inf)
        places = torch.zeros_like(images)
        values.view(-1)[there], places.view(-1)[there] = found.values.to(values), found.positions
        board.correct(maps, values, places, step)
        # Empty entries have the least values, so that the others come first.
        order = values.sort(dim=1, descending=True, stable=True).indices
        number = torch.zeros_like(images)
        number.view(-1)[there] = torch.arange(len(chosen), device=images.device)
        by_value = number.gather(1, order).flatten()[there]
        found = Projected(*(part[by_value] for part in found))
        self._keep(rows, chosen[by_value].cpu(), there.cpu(), found)
        self._put(self._steps, rows, there.cpu(), torch.tensor(step, dtype=torch.int32))
        self._projected[rows] = step

    def _keep(self, rows: Tensor, images: Tensor, there: Tensor, found: Projected) -> None:
        plan, node = self._trainer.plan, self._asked.node
        places = boxes(plan, node, found.positions.cpu())
        levels, ranges = signed(crops(found.signals, places, self._tile))
        patches, _ = shown(
            crops(self._raw[images.to(self._raw.device)], places, self._tile), self._trainer.data
        )
        for store, values in (
            (self._projections, levels),
            (self._ranges, ranges),
            (self._patches, patches.cpu()),
            (self._values, found.values.cpu().float()),
            (self._images, images.int()),
            (self._positions, found.positions.cpu().int()),
            (self._boxes, places),
        ):
            self._put(store, rows, there, values)
        if self._targets is not None:
            self._put(self._classes, rows, there, self._targets[images.to(self._targets.device)].cpu().int())

    def _put(self, store: Tensor, rows: Tensor, there: Tensor, values: Tensor) -> None:
        """Write the values of existing entries to the rows of an array (C, count, …)."""
        part = store[rows].flatten(0, 1)
        part[there] = values
        store[rows] = part.view(len(rows), self._count, *store.shape[2:])

    def arrays(self) -> Arrays:
        """The arrays of a frame."""
        return {
            "channels": self.channels.int(),
            "images": self._images.clone(),
            "positions": self._positions.clone(),
            "steps": self._steps.clone(),
            "values": self._values.clone(),
            "targets": self._classes.clone(),
            "boxes": self._boxes.clone(),
            "projections": self._projections.clone(),
            "projections.range": self._ranges.clone(),
            "patches": self._patches.clone(),
            "patches.range": self._patch_range,
            "projected": self._projected.clone(),
            "seen": torch.tensor([self.scan.seen, len(self._raw)], dtype=torch.int32),
        }
