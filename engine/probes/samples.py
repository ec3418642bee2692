"""Samples of the sets, with their predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.frame import quantize
from glassnet.engine.probes import Arrays, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Samples(Picture):
    """Samples: the first raw samples of each set, with targets and predictions.

    Arrays, for `train` and `test`: `SET/inputs` float32 (samples, numbers), or uint8 (samples,
    channels, h, w) with `SET/inputs.range`; `SET/targets` and `SET/predictions` int32 (samples,) for
    classes, float32 (samples, k) for values, uint8 (samples, h, w) for masks.
    """

    kind: Literal["samples"] = "samples"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The data beside the answers.",),
        cons=("The first ones only.",),
        use="To check that data are read as meant.",
        example=Example(
            "Right and wrong are marked on the points.",
            preset="circle",
        ),
        shows=("train/inputs",),
    )
    hz: float = frame_rate(2.0)
    count: int = option(500, "The number of samples of each set.", ge=1, le=5000)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        sets = {"train": trainer.data.train, "test": trainer.data.test}
        fixed: Arrays = {}
        for name, samples in sets.items():
            raw = samples.raw[: self.count]
            if raw.dtype == torch.uint8:
                fixed[f"{name}/inputs"] = raw
                fixed[f"{name}/inputs.range"] = torch.tensor([0.0, 255.0])
            elif raw.ndim > 2:
                picture, ranges = quantize(raw.reshape(1, -1))
                fixed[f"{name}/inputs"] = picture.view(raw.shape)
                fixed[f"{name}/inputs.range"] = ranges[0]
            else:
                fixed[f"{name}/inputs"] = raw
            fixed[f"{name}/targets"] = _sent(samples.targets[: self.count])

        def look() -> Arrays:
            said = {
                f"{name}/predictions": _sent(trainer.predict(samples.inputs[: self.count]))
                for name, samples in sets.items()
            }
            return fixed | said

        return look


def _sent(values: Tensor) -> Tensor:
    if values.is_floating_point():
        return values.float()
    return values.to(torch.uint8 if values.ndim == 3 else torch.int32)
