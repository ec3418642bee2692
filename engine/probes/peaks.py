"""Peaks: the greatest output of each map and unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.node import INPUT
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.metrics import SetName, samples_of

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Peaks(Picture):
    """Peaks: the greatest output of each map or unit over a set and all positions.

    A rectified map whose peak is zero is dead: no sample of the set activates it. Arrays: for each node
    `peak/NODE` float32 (maps,) or (units,); `samples` int32, the number of samples.
    """

    kind: Literal["peaks"] = "peaks"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Dead maps are certain: the whole set was searched.",),
        cons=("A single outlier keeps a map alive.",),
        use="To count dead units.",
        example=Example(
            "A peak of zero is a dead map.",
            preset="digits-convolution",
        ),
        shows=("peak/",),
    )
    hz: float = frame_rate(0.5)
    set: SetName = option("test", "The set that is evaluated.")
    most: int = option(500, "The number of samples: the first of the set.", ge=1, le=100_000)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        samples = samples_of(trainer, self.set)
        count = min(self.most, len(samples))

        @torch.no_grad()
        def look() -> Arrays:
            peaks: Arrays = {}
            for start in range(0, count, trainer.evaluation_batch):
                part = samples.inputs[start : min(start + trainer.evaluation_batch, count)]
                for name, value in trainer.evaluation_network(part).items():
                    if name == INPUT:
                        continue
                    most = value.flatten(2).amax((0, 2)) if value.ndim > 2 else value.amax(0)
                    known = peaks.get(f"peak/{name}", most)
                    peaks[f"peak/{name}"] = torch.maximum(known, most).float()
            return peaks | {"samples": torch.tensor(count, dtype=torch.int32)}

        return look
