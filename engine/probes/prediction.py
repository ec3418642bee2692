"""The network's prediction for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Prediction(Picture):
    """Prediction: the prediction for one sample during training: a probability for each class, or values.

    Arrays: `answer` float32 (classes,) or (values,), values in the data's original units; `target` int32 (1,)
    where the class is known; `sample`, the raw sample, float32 (features,), or uint8 (channels, h, w) with
    `sample.range` for a picture; `source` float32 (channels, length), where the sample is a transform of this
    signal. Of data with masks `answer` is the share of each class, `mask` uint8 (h, w)
    the class of each pixel, and `truth` the right one, 255 where it has none.
    """

    kind: Literal["prediction"] = "prediction"
    #: Each stroke of a drawing is another sample, whose prediction is not worth recording.
    recorded: ClassVar[bool] = False
    guide: ClassVar[Guide | None] = Guide(
        pros=("The answer as it changes while training.",),
        cons=("One sample is an anecdote.",),
        use="To watch one sample being learned.",
        example=Example(
            "Choose a sample that is wrong, and wait.",
            preset="digits",
        ),
        shows=(
            "sample",
            "answer",
        ),
    )
    input: Annotated[Input, Choice(Input)] = option(SampleInput(), "The sample that the network reads.")

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        data, task = trainer.data, trainer.experiment.task
        raw = self.input.raw(data, trainer.blobs)
        inputs = data.transform(raw).to(trainer.device, trainer.dtype)
        judged, scaling = trainer.plan.loss_nodes[0], data.value_scaling.to(trainer.device)
        fixed: Arrays = {}
        if data.dataset.brightest is None:
            fixed["sample"] = raw[0].contiguous()
        else:
            brightest = data.dataset.brightest
            fixed["sample"] = (raw[0] * (255 / brightest)).clamp(0, 255).round().to(torch.uint8)
            fixed["sample.range"] = torch.tensor([0.0, brightest])
        target, masks = self.input.target(data), data.dataset.family == "masks"
        if target is not None:
            fixed["target"] = torch.tensor([target], dtype=torch.int32)
        if masks and (truth := self.input.targets(data)) is not None:
            fixed["truth"] = truth[0].cpu()

        if (source := self.input.source(data)) is not None:
            fixed["source"] = source[0].clone()

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            loss, output = task.losses[0], trainer.evaluation_network(inputs)[judged]
            probabilities = task.probabilities(loss, output)
            if data.dataset.classes is None:
                return (scaling.inverse(probabilities),)
            return (probabilities, *([task.predictions(loss, output)] if masks else []))

        again = capture(compute)[1] if trainer.replays else compute

        def look() -> Arrays:
            answer, *mask = on_host(again())
            said = {"mask": mask[0][0].to(torch.uint8)} if mask else {}
            return fixed | said | {"answer": answer[0].float()}

        return look
