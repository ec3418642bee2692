"""Peaks: what each map and unit says at most."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import torch

from glassnet.engine.catalog import option
from glassnet.engine.items.node import INPUT
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.probes.metrics import SetName, samples_of

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class Peaks(Picture):
    """Peaks: the greatest number that each map or unit gives, over a set and all places.

    A rectified map whose peak is zero is dead: no sample of the set wakes it. Arrays: for each node
    `peak/NODE` float32 (maps,) or (units,); `samples` int32, how many were looked at.
    """

    kind: Literal["peaks"] = "peaks"
    hz: float = option(0.5, "How many frames a second to send at most.", unit="1/s", gt=0, le=30)
    set: SetName = option("test", "Which set is looked at.")
    most: int = option(500, "How many samples are looked at: the first of the set.", ge=1, le=100_000)

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
