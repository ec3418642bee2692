"""Projection: one feature map of one chosen image, in pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch

from glassnet.engine.attribution.applicability import (
    require_channels,
    require_node,
    require_places,
    require_rule,
)
from glassnet.engine.attribution.frame_images import shown, signed
from glassnet.engine.attribution.input_regions import boxes
from glassnet.engine.attribution.projection import Seed, Value, project
from glassnet.engine.attribution.rules import Rule
from glassnet.engine.attribution.view import Normalisations, SignalView
from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class Projection(Picture):
    """Projection: the pattern in one image that activates a feature map, by projecting the map to pixels.

    Zeiler & Fergus 2014, section 2.1. Arrays: `projection` uint8 (channels, h, w) with `.range` (2,),
    128 is zero; `input` uint8 (channels, h, w) with `input.range` (2,); `value` float32, the strongest
    activation of the map; `box` int32 (4,), its receptive field: top, left, bottom, right. Of a signal both
    are (channels, length) and the box is start, end; of a volume or clip they are (channels, depth, h, w) and
    the box is front, top, left, back, bottom, right.
    """

    kind: Literal["projection"] = "projection"
    guide: ClassVar[Guide | None] = Guide(
        pros=("From one map's answer back to the pixels that made it.",),
        cons=("One picture, one map.",),
        use="To see why a map answered.",
        example=Example(
            "The projection shows the stroke, not the whole digit.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "projection",
        ),
    )
    hz: float = frame_rate(2.0)
    node: Reference = option("relu1", "The node whose feature map is projected.")
    channel: int = option(0, "The map, from 0.", ge=0)
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The image that the network reads.")
    rule: Rule = option("deconvnet", "The backward rule of ReLUs.")
    seed: Seed = option(
        "strongest", "The signal projected: the strongest activation alone, or the whole map."
    )
    value: Value = option("activation", "The value of the strongest activation: unchanged, or 1.")
    normalisations: Normalisations = option(
        "identity", "How the signal passes local normalisations: unchanged, or by their true gradient."
    )
    mask_empty: bool = option(False, "Whether pooling windows of zeros alone block the signal.")

    def check(self, plan: Plan) -> None:
        require_places(plan)
        require_channels(require_node(plan, self.node), [self.channel])
        require_rule(plan, self.node, self.rule)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        plan = trainer.plan
        self.check(plan)
        raw = self.input.raw(trainer.data, trainer.blobs)
        x = trainer.data.transform(raw).to(trainer.device, trainer.dtype)
        view = SignalView(trainer.evaluation_network, plan, self.normalisations)
        channels = torch.tensor([self.channel], device=trainer.device)
        pixels, span = shown(raw[0], trainer.data)

        def look() -> Arrays:
            found = project(
                view,
                self.node,
                x,
                channels,
                rule=self.rule,
                seed=self.seed,
                value=self.value,
                mask_empty=self.mask_empty,
            )
            levels, ranges = signed(found.signals)
            return {
                "projection": levels[0],
                "projection.range": ranges[0],
                "input": pixels,
                "input.range": span,
                "value": found.values[0].cpu().float(),
                "box": boxes(plan, self.node, found.positions.cpu())[0],
            }

        return look
