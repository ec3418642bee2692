"""Findings: what a study found, as a condition reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from glassnet.engine.items.comparison import Series
from glassnet.engine.items.probe import Probe
from glassnet.engine.probes import Arrays


class Findings(NamedTuple):
    """The last frame of a study: its metrics are the arrays of one number, and those along `steps`."""

    arrays: Arrays
    #: The number of parameters of the network that was studied; 0 where there is none.
    parameters: int = 0
    ended: bool = True

    @property
    def step(self) -> int:
        """The last step that has a row."""
        return int(self._steps[-1])

    @property
    def metrics(self) -> Mapping[str, bool | None]:
        """The names of the numbers; of none is it known whether more is better."""
        rows = len(self._steps)
        return {
            name: None
            for name, array in self.arrays.items()
            if name != "steps" and (array.shape == (rows,) or len(array.reshape(-1)) == 1)
        }

    def series(self, metric: str) -> Series:
        """The numbers along the steps; of a single number, at the last one."""
        numbers = torch.as_tensor(self.arrays[metric]).flatten().tolist()
        steps = self._steps.tolist() if len(numbers) > 1 else [self.step]
        return [(step, number) for step, number in zip(steps, numbers, strict=True) if not math.isnan(number)]

    def numbers(self, probe: Probe, array: str, index: tuple[int, ...]) -> Series:
        """Raises ValueError: a study has no probes."""
        raise ValueError(
            f"a study has no probe '{probe.kind}'; expected the name of one of its arrays as metric"
        )

    @property
    def _steps(self) -> Tensor:
        return torch.as_tensor(self.arrays.get("steps", torch.tensor([0])))
