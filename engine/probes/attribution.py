"""Attribution: the pixels of one image that are evidence for a class, by several methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch

from glassnet.engine.attribution.applicability import require_maps
from glassnet.engine.attribution.frame_images import shown, signed
from glassnet.engine.attribution.gradients import MOST_STEPS, STEPS, IntegratedGradients
from glassnet.engine.attribution.methods import METHODS, Explanation, Method, flat, methods_for, places
from glassnet.engine.attribution.view import Normalisations
from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class Attribution(Picture):
    """Attribution: the pixels of an image that are evidence for a class, by several methods.

    The score is the class's logit, before the softmax: a probability also falls when another class gains.
    Saliency: Simonyan et al. 2014. Deconvnet: Zeiler & Fergus 2014. Guided backprop: Springenberg et al.
    2015. Grad-CAM: Selvaraju et al. 2017. Integrated gradients: Sundararajan et al. 2017, from black.
    SmoothGrad: Smilkov et al. 2017. Arrays: `methods` int32 (methods,), their indices among the six in this
    order; `maps` uint8 (methods, h, w) with `.range` (methods, 2), 128 is zero, one number per pixel;
    `signal/METHOD` uint8 (channels, h, w) with `.range`, where the method has a number for each channel;
    `input` uint8 (channels, h, w) with `input.range` (2,); `shares` float32 (classes,), the predicted
    probabilities; `target`, `truth` int32, −1: unknown. For integrated gradients, `completeness` float32
    (2,), their sum and the score's difference from black, which should be equal; `completeness.error`, the
    relative difference; `completeness.steps` int32, the steps used; `completeness.holds` uint8, 1 where the
    sum is correct to 1 % (or to the rounding of the scores). Of signals (length,) stands for (h, w), of
    volumes and clips (depth, h, w).
    """

    kind: Literal["attribution"] = "attribution"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Six methods side by side on one picture.",),
        cons=("Methods disagree, and a plausible map is no proof: run the sanity check.",),
        use="To ask which pixels speak for a class.",
        example=Example(
            "Compare saliency with Grad-CAM: pixels against regions.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "signal/saliency",
            "signal/deconvnet",
            "maps",
        ),
    )
    hz: float = frame_rate(2.0)
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The image that the network reads.")
    target: int | None = option(None, "The class to explain; left out: the predicted one.", ge=0)
    methods: list[Method] | None = option(
        None,
        "The methods, in the order of the maps; left out: all that the network allows.",
        min_length=1,
        max_length=len(METHODS),
    )
    node: Reference | None = option(None, "The node whose maps Grad-CAM weighs; left out: the last.")
    steps: int = option(
        STEPS,
        f"Steps of integrated gradients from black to the image; doubled, up to {MOST_STEPS} (fewer of a "
        "large network), until they add up to what the score gains, to 1 %.",
        unit="steps",
        ge=1,
        le=MOST_STEPS,
    )
    normalisations: Normalisations = option(
        "identity", "The backward rule of local normalisations, for the deconvnet and guided backprop."
    )

    def check(self, plan: Plan) -> None:
        methods_for(plan, self.methods)
        if self.node is not None:
            require_maps(plan, self.node, "no node has feature maps for Grad-CAM: leave 'node' out")

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        methods = methods_for(trainer.plan, self.methods)
        raw = self.input.raw(trainer.data, trainer.blobs)
        x = trainer.data.transform(raw).to(trainer.device, trainer.dtype)
        truth = self.input.target(trainer.data)
        pixels, span = shown(raw[0], trainer.data)
        fixed: Arrays = {
            "input": pixels,
            "input.range": span,
            "truth": torch.tensor(-1 if truth is None else truth, dtype=torch.int32),
            "methods": places(methods),
        }
        Explanation(trainer, self.target, x)  # says now what cannot be asked

        def look() -> Arrays:
            explanation = Explanation(trainer, self.target, x, node=self.node or "", steps=self.steps)
            return fixed | self._seen(trainer, explanation, methods)

        return look

    def _seen(self, trainer: Observed, explanation: Explanation, methods: list[Method]) -> Arrays:
        task, size = trainer.experiment.task, explanation.x.shape[2:]
        arrays: Arrays = {"target": torch.tensor(explanation.target, dtype=torch.int32)}
        arrays["shares"] = task.probabilities(task.losses[0], explanation.output)[0].float().cpu()
        maps = []
        for method in methods:
            signal = explanation.signal(method, normalisations=self.normalisations)
            maps.append(flat(method, signal, size))
            if method != "grad_cam":
                levels, ranges = signed(signal)
                arrays[f"signal/{method}"], arrays[f"signal/{method}.range"] = levels[0], ranges[0]
            if method == "integrated_gradients":
                arrays |= _completeness(explanation.integrated)
        arrays["maps"], arrays["maps.range"] = signed(torch.stack(maps))
        return arrays


def _completeness(integrated: IntegratedGradients) -> Arrays:
    return {
        "completeness": torch.tensor([integrated.total, integrated.gained]),
        "completeness.error": torch.tensor(integrated.error),
        "completeness.steps": torch.tensor(integrated.steps, dtype=torch.int32),
        "completeness.holds": torch.tensor(integrated.holds, dtype=torch.uint8),
    }
