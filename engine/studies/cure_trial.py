"""A trial of a cure: a training that its own stops may end."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from glassnet.engine.training.forks import DIVERGED, Trial


@dataclass
class CureTrial(Trial):
    """The training of one cure with one seed; what its stops end stays as it was at its best reading."""

    has_stopped: bool = False
    #: The step and state of the best reading of a stop that goes back to it.
    _best: tuple[int, dict[str, Tensor]] | None = None

    def measure(self) -> None:
        """Add a row of the current metrics, and read the stops."""
        if self.state == DIVERGED:
            return
        if self.has_stopped:
            self.rows.append(self.rows[-1])
            return
        self.evaluate()
        if self.rows and self.state != DIVERGED:
            self._read_stops(self.rows[-1])

    def number(self, measure: str, row: int) -> float:
        """The number of a series in a row; infinite where the trial has diverged, NaN where it is to come."""
        if self.state == DIVERGED:
            return float("inf")
        return self.rows[row][measure] if 0 <= row < len(self.rows) else float("nan")

    def _read_stops(self, row: dict[str, float]) -> None:
        stopping, step = self.trainer.stopping, self.trainer.steps_taken
        held = stopping.read(step, row, evaluated=True, epoch_ends=True)
        if step in stopping.best_steps():
            self._best = step, self.trainer.state()
        if held is None:
            return
        if held.best_step is not None and self._best is not None:
            self.trainer.load(self._best[1])
            self.rows[-1] = self.trainer.evaluate()
        self.has_stopped = True
