"""The sanity check of attribution maps: weights are randomised layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.attribution.frame_images import shown, signed
from glassnet.engine.attribution.gradients import MOST_STEPS, STEPS
from glassnet.engine.attribution.methods import METHODS, Explanation, Method, methods_for, places
from glassnet.engine.attribution.randomization import (
    cascading_randomisation,
    randomised_nodes,
    rank_correlation,
)
from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class SanityCheck(NetworkStudy):
    """Sanity check: weights are randomised layer by layer from the output down, to see which maps change.

    A map that does not change explains the image, or the architecture, but not what was learned. Adebayo et
    al. 2018, section 3.1. All maps are for the class that the trained network predicts (or `target`).
    `methods` int32 (methods,), their indices among the six in the probe `attribution`'s order. For S
    stages, the first of which is the trained network: `maps` uint8 (S, methods, h, w) with `.range` (S,
    methods, 2); `correlations` float32 (S, methods), Spearman's ρ of the maps' magnitudes with those of the
    trained network, NaN where a map is constant or not yet computed; `nodes` int32 (S,): the index among
    all nodes of the one that was randomised, −1 for the first stage; `input` uint8 (channels, h, w) with
    `input.range`; `target`, `truth` int32. For integrated gradients, `completeness.error` float32 (S,), as
    in the probe, NaN where not yet computed or not requested.
    """

    kind: Literal["sanity_check"] = "sanity_check"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Finds maps that do not depend on what was learned.",),
        cons=("Passing does not make a map right.",),
        use="Before believing an attribution map.",
        example=Example(
            "Guided backprop hardly changes when weights are random.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "maps",
            "correlations",
        ),
    )
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The image that the network reads.")
    target: int | None = option(None, "The class to explain; left out: the predicted one.", ge=0)
    methods: list[Method] | None = option(
        None,
        "The methods, in the order of the maps; left out: all that the network allows.",
        min_length=1,
        max_length=len(METHODS),
    )
    steps: int = option(
        STEPS,
        f"Steps of integrated gradients; doubled, up to {MOST_STEPS} (fewer for a large network), until they "
        "add up to the score's difference, to 1 %.",
        unit="steps",
        ge=1,
        le=MOST_STEPS,
    )
    seed: int = option(0, "The seed of the random weights.", ge=0, le=10**9)

    def check(self, plan: Plan) -> None:
        methods_for(plan, self.methods)

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        methods = methods_for(trainer.plan, self.methods)
        raw = self.input.raw(trainer.data, trainer.blobs)
        x = trainer.data.transform(raw).to(trainer.device, trainer.dtype)
        target = Explanation(trainer, self.target, x).target
        truth = self.input.target(trainer.data)
        pixels, span = shown(raw[0], trainer.data)
        names = [placed.name for placed in trainer.plan.nodes]
        stages = 1 + len(randomised_nodes(trainer))
        maps = torch.zeros(stages, len(methods), *x.shape[2:])
        correlations = torch.full((stages, len(methods)), torch.nan)
        errors = torch.full((stages,), torch.nan)
        nodes = [-1, *map(names.index, randomised_nodes(trainer))]
        fixed: Arrays = {
            "input": pixels,
            "input.range": span,
            "nodes": torch.tensor(nodes, dtype=torch.int32),
            "target": torch.tensor(target, dtype=torch.int32),
            "truth": torch.tensor(-1 if truth is None else truth, dtype=torch.int32),
            "methods": places(methods),
        }
        for stage, (_, network) in enumerate(cascading_randomisation(trainer, self.seed)):
            explanation = Explanation(trainer, target, x, network=network, steps=self.steps)
            for index, method in enumerate(methods):
                maps[stage, index] = explanation.picture(method).float().cpu()
                if method == "integrated_gradients":
                    errors[stage] = explanation.integrated.error
                correlations[stage, index] = rank_correlation(maps[0, index], maps[stage, index])
                done = (stage * len(methods) + index + 1) / (stages * len(methods))
                yield StudyFrame(
                    done, fixed | _sent(maps, correlations) | {"completeness.error": errors.clone()}
                )


def _sent(maps: Tensor, correlations: Tensor) -> Arrays:
    levels, ranges = signed(maps, leading=2)
    return {"maps": levels, "maps.range": ranges, "correlations": correlations.clone()}
