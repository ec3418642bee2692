"""The class of each pixel of a few pictures, as the network says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.targets import WORDS
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.metrics import SetName, samples_of
from glassnet.engine.training import metrics
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class PixelClasses(Picture):
    """Pixel classes: the class of each pixel of a few pictures, as the network says it and as it is.

    Arrays: `index` int32 (pictures,), their positions in the set; `pictures` uint8 (pictures, channels, h,
    w); `mask` uint8 (pictures, h, w), the class with the highest score, and `certainty` uint8 of the same
    shape, its probability, 255 for 1; `truth` uint8, 255 where a pixel has no class; `iou` float32
    (pictures, classes), NaN of a class that is neither there nor said.
    """

    kind: Literal["pixel_classes"] = "pixel_classes"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shows at a glance where the network is wrong: at edges, in holes, by whole objects.",),
        cons=("A few pictures are an anecdote: see the overlap of each class over a whole set.",),
        use="Beside the curves, while a network learns to segment.",
        example=Example(
            "First blots of one colour, then outlines; then the colours become right.",
            preset="shapes-segmentation",
        ),
        shows=("pictures", "mask"),
    )
    hz: float = frame_rate(5.0)
    set: SetName = option("test", "The set that the pictures are of.")
    samples: list[Annotated[int, Field(ge=0, le=10**9)]] = option(
        [0, 1, 2, 3], "The positions of the pictures in the set, from 0.", min_length=1, max_length=24
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        data, task = trainer.data, trainer.experiment.task
        if data.dataset.family != "masks":
            given = WORDS[data.dataset.family]
            raise ValueError(
                f"pixel classes of '{data.dataset.kind}', which gives {given}; expected data with masks"
            )
        samples, judged = samples_of(trainer, self.set), trainer.plan.loss_nodes[0]
        for place in self.samples:
            if place >= len(samples):
                raise ValueError(
                    f"sample {place} of the {self.set} set; expected one of 0 to {len(samples) - 1}"
                )
        chosen = torch.tensor(self.samples)
        inputs = samples.inputs[chosen.to(samples.targets.device)]
        truth, classes = samples.targets[chosen.to(samples.targets.device)], len(data.dataset.classes or ())
        levels = samples.raw[chosen].float() * (255 / (data.dataset.brightest or 1.0))
        fixed: Arrays = {
            "index": chosen.int(),
            "pictures": levels.clamp(0, 255).round().to(torch.uint8),
            "truth": truth.cpu(),
        }

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            output = trainer.evaluation_network(inputs)[judged]
            certainty, mask = torch.softmax(output, dim=1).max(dim=1)
            each = [
                task.confusion(one[None], right[None], classes)
                for one, right in zip(output, truth, strict=True)
            ]
            overlap = torch.stack([metrics.intersection_over_union(matrix) for matrix in each])
            return mask.to(torch.uint8), (certainty * 255).round().to(torch.uint8), overlap.float()

        again = capture(compute)[1] if trainer.replays else compute

        def look() -> Arrays:
            mask, certainty, overlap = on_host(again())
            return fixed | {"mask": mask, "certainty": certainty, "iou": overlap}

        return look
