"""Stopping: the stops of a training, what they have counted, and the one that has ended it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import recorded_metrics
from glassnet.engine.items.stops import Metrics, Rule, Stop

#: How the names of these tensors of a state begin.
PREFIX = "stop/"


class AppliedStop:
    """A stop at work on one training, with what it has counted."""

    def __init__(self, stop: Stop, metrics: Metrics) -> None:
        self.stop, self._metrics = stop, metrics
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what it has counted."""
        self.rule: Rule = self.stop.call(self._metrics).build()
        self.seconds = 0.0
        #: The steps at which it ended the training, and to which it went back then; None: it has not.
        self.ended_at: int | None = None
        self.restored: int | None = None

    def end(self, step: int, restored: int | None) -> None:
        """It has ended the training at a step, and gone back to another, if to any."""
        self.ended_at, self.restored = step, restored

    def is_due(self, *, evaluated: bool, epoch_ends: bool) -> bool:
        """Whether it is read at a step."""
        match self.stop.check:
            case "step":
                return True
            case "epoch":
                return evaluated and epoch_ends
            case _:
                return evaluated

    @property
    def best_step(self) -> int | None:
        """The step of its best reading; None where there is none, or it does not go back to one."""
        best = self.rule.state.get("best_step", -1.0)
        return int(best) if self.stop.goes_back and best >= 0 else None

    def numbers(self) -> dict[str, float]:
        """What it has counted, by name; −1 is none."""
        ended = -1 if self.ended_at is None else self.ended_at
        restored = -1 if self.restored is None else self.restored
        return {**self.rule.state, "seconds": self.seconds, "ended_at": ended, "restored": restored}

    def take(self, numbers: Mapping[str, float]) -> None:
        """Go on from what `numbers` gave."""
        own = {name: value for name, value in numbers.items() if name in self.rule.state}
        self.rule.state.update(own)
        self.seconds = numbers["seconds"]
        ended, restored = int(numbers["ended_at"]), int(numbers["restored"])
        self.ended_at, self.restored = (None if step < 0 else step for step in (ended, restored))


class Stopping:
    """The stops of a training, read as it goes."""

    def __init__(self, experiment: Experiment) -> None:
        self.applied: list[AppliedStop] = []
        self.follow(experiment)

    def follow(self, experiment: Experiment) -> None:
        """Take over an edited experiment.

        A stop whose options are others begins anew; all of them, where one had ended the training.
        """
        metrics = recorded_metrics(experiment)
        known = {} if self.ended else {each.stop.key: each for each in self.applied}
        self.applied = [
            known.get(stop.key) or AppliedStop(stop, metrics) for stop in experiment.training.stops
        ]
        self._metrics, self._every = metrics, experiment.training.evaluate_every

    def begin_anew(self) -> None:
        """Forget what all stops have counted."""
        for each in self.applied:
            each.begin_anew()

    @property
    def ended(self) -> AppliedStop | None:
        """The stop that has ended the training; None where it can go on."""
        return next((each for each in self.applied if each.ended_at is not None), None)

    def tick(self, seconds: float) -> None:
        """Count seconds of training."""
        for each in self.applied:
            each.seconds += seconds

    def is_read_at(self, step: int, steps_per_epoch: int) -> bool:
        """Whether any stop is read at a step, by the steps that are evaluated."""
        epoch_ends = step % steps_per_epoch == 0
        evaluated = epoch_ends or (self._every is not None and step % self._every == 0)
        return any(each.is_due(evaluated=evaluated, epoch_ends=epoch_ends) for each in self.applied)

    def read(
        self, step: int, row: dict[str, float], *, evaluated: bool, epoch_ends: bool
    ) -> AppliedStop | None:
        """Read what was recorded at a step; returns the first stop that holds, if any."""
        due = [each for each in self.applied if each.is_due(evaluated=evaluated, epoch_ends=epoch_ends)]
        # All of them: what the others have counted must not depend on the first.
        held = [each for each in due if each.rule(step, each.seconds, row)]
        return held[0] if held else None

    def best_steps(self) -> set[int]:
        """The steps of the best readings that stops go back to."""
        return {each.best_step for each in self.applied if each.best_step is not None}

    def reason(self) -> dict[str, Any] | None:
        """Why the training is over, for users; None where no stop has ended it."""
        ended = self.ended
        if ended is None:
            return None
        stop, step, restored = ended.stop, ended.ended_at, ended.restored
        why = stop.told(ended.rule.state, self._metrics, self._readings(stop))
        back = "" if restored is None else f"; the weights of step {restored:,} are back"
        if ended.best_step is not None and restored is None:
            back = f"; the weights of step {ended.best_step:,} are lost, and those of the end stay"
        return {
            "title": type(stop).label(),
            "detail": f"stopped at step {step:,}: {why}{back}",
            "stop": stop.kind,
            "index": self.applied.index(ended),
            "step": step,
            "restored": restored,
        }

    def _readings(self, stop: Stop) -> str:
        """What the readings of a stop are called."""
        if stop.check == "step":
            return "readings"
        return "epochs" if stop.check == "epoch" or self._every is None else "evaluations"

    # State -------------------------------------------------------------------------------------------

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """What is kept in checkpoints: `stop/KEY/NAME`, each a number."""
        for each in self.applied:
            for name, value in each.numbers().items():
                yield f"{PREFIX}{each.stop.key}/{name}", torch.tensor(value, dtype=torch.float64)

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from the numbers of a state; the others stay as they are."""
        for each in self.applied:
            start = f"{PREFIX}{each.stop.key}/"
            found = {name: float(state[start + name]) for name in each.numbers() if start + name in state}
            each.take(each.numbers() | found)
