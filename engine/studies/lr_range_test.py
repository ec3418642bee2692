"""The learning rate range test."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.accuracy_curve import AccuracyCurve
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.rate_curve import Marks, RunningMean, is_trainable, marks
from glassnet.engine.studies.rate_trials import Starts, Tries, steps_of_a_try
from glassnet.engine.training.observed import Observed
from glassnet.engine.training.together import at_once, replicated
from glassnet.engine.training.trainer import Trainer

#: Samples behind each point of the curve, and sweeps that small batches are repeated for at most.
SAMPLES, MOST_SWEEPS = 128, 12

#: The most forward multiply-adds of all sweeps.
SWEEP_WORK = 1e12

#: The share of the work that is sweeps, and seconds between two frames.
SWEPT, LOOK_EVERY = 0.5, 0.05


class LRRangeTest(NetworkStudy):
    """LR range test: trains while the learning rate rises, then tries rates, to find those worth using.

    Arrays: `rates` float32 (steps,), `losses` float32 (steps,) of each batch before its update, `smoothed`
    float32 (steps,) and its standard `error`, and `marks` float64 (4,): where the loss begins to fall
    (base_lr), a good rate, where it is least (max_lr), and where it diverges; NaN where it does not, or
    where it cannot be told. `sweeps` int32: small batches are noisy, so the smoothed loss is the mean over
    so many sweeps, each with a seed of its own. `steepest` float32: where it falls fastest.

    There are no `tried/` arrays before the tries, or without them. `tried/rates` float64 and `tried/losses`
    float32 (tries,): from between the steepest and the least on, the experiment is trained at rates a factor
    of two apart, each for the whole training, `tried/steps` int32 steps (0 where those are too many or too
    few), up to the rate that is better than half and than double of it. A loss is infinite where nothing can
    be trained, and NaN until it is known: `tried/now` float64 (2,) is the rate under way and how far its seed
    lies from the experiment's own. `tried/agree` int32 (2,): how many seeds agree, of how many that were
    asked. Where most do not, there is no good rate to be told.

    Where classes are told apart, `accuracy/rates` and `accuracy/values` float32 (measurements,) of samples of
    the validation set, else of the training set, and `accuracy/marks` float64 (3,): the rate where the
    accuracy peaks (max_lr, last), and a quarter and a third of it (base_lr).

    The rate rises by the same factor at each optimizer step. A sweep ends where the loss is not finite
    or far above its start. Smith 2017, section 3.3.
    """

    kind: Literal["lr_range_test"] = "lr_range_test"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The rates worth trying, from one short run.",),
        cons=("Noisy with small batches: it takes the mean of several sweeps.",),
        use="Before any longer training.",
        example=Example(
            "base_lr where the loss begins to fall, max_lr where it stops.",
            preset="circle",
        ),
        shows=(
            "smoothed@rates",
            "losses@rates",
        ),
    )
    start: Literal["beginning", "now"] = option(
        "beginning", "Whether a new network is trained, or the one there is."
    )
    low: float = option(1e-4, "The rate of the first step.", log=True, gt=0, le=1e4)
    high: float = option(10.0, "The rate of the last step.", log=True, gt=0, le=1e4)
    steps: int = option(300, "How many steps are taken at most.", ge=10, le=10_000)
    smoothing: float = option(0.9, "β of the running mean that the marks are read from.", ge=0, lt=1)
    tries: bool = option(
        True, "Whether a good rate is looked for by training at it, its half and its double."
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.high <= self.low:
            raise PydanticCustomError(
                "range",
                f"the rate would rise from {self.low:g} to {self.high:g}; expected 'low' below 'high'",
            )
        return self

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        starts = Starts(trainer, now=self.start == "now")
        level = starts.trainer(0).evaluate()["train_loss"]
        curve, accuracy = Curve(self.smoothing, level), AccuracyCurve.of(trainer, self.steps)
        looks = Looks()
        for done in self._sweeps(trainer, starts, curve, accuracy):
            if looks.due():
                yield StudyFrame(SWEPT * done if self.tries else done, curve.arrays() | _of(accuracy))
        found, swept = curve.marks(), curve.arrays() | _of(accuracy, ended=True)
        if not self.tries:
            yield StudyFrame(1.0, swept | {"marks": _exact(found)})
            return
        tried = Tries(starts, steps_of_a_try(trainer), level)
        for done in tried.look(found):
            if looks.due():
                yield StudyFrame(SWEPT + (1 - SWEPT) * done, swept | tried.arrays())
        yield StudyFrame(1.0, swept | tried.arrays() | {"marks": _exact(found, tried.good)})

    def _sweeps(
        self, trainer: Trainer, starts: Starts, curve: Curve, accuracy: AccuracyCurve | None
    ) -> Iterator[float]:
        """Sweep with several seeds; yields the share of the work that is done.

        Of new small networks all seeds are swept together (see `at_once`), which only rounds differently.
        From the present state on they are not: each sees the samples from another place of its epoch on.
        """
        sweeps = _sweeps(trainer, self.steps)
        if self.start == "beginning" and at_once(trainer, sweeps) == sweeps > 1:
            for taken in self._together(trainer, curve, accuracy, sweeps):
                yield taken / self.steps
            return
        for number in range(sweeps):
            for taken in self._sweep(starts.trainer(number), curve, accuracy, number):
                yield (number + taken / self.steps) / sweeps

    def _sweep(
        self, trainer: Trainer, curve: Curve, accuracy: AccuracyCurve | None, number: int
    ) -> Iterator[int]:
        """Train once while the rate rises; the number of steps taken so far."""
        rising = self._rising_from(trainer.steps_taken)
        for group in trainer.groups:
            group.schedule = rising
        trainer.take_loss()
        for taken in range(self.steps if number == 0 else len(curve.rates)):
            try:
                trainer.step()
                loss = trainer.take_loss()
            except Diverged:
                loss = math.nan
            goes_on = self._seen(trainer, curve, accuracy, number, taken, loss)
            yield taken + 1
            if not goes_on:
                break

    def _together(
        self, trainer: Trainer, curve: Curve, accuracy: AccuracyCurve | None, sweeps: int
    ) -> Iterator[int]:
        """Train with so many seeds at once, up to where the first seed's sweep ends; the steps so far."""
        whole = Trainer(
            self._swept(trainer.experiment, sweeps),
            device=trainer.device,
            limits=trainer.limits,
            blobs=trainer.blobs,
            share_data_with=trainer,
        )
        going = {number: whole.replica(number) for number in range(sweeps)}
        for taken in range(self.steps):
            try:
                whole.step()
                losses = whole.take_each_loss()
            except Diverged:  # the first has, with which all end
                losses = [math.nan] * sweeps
            for number, network in list(going.items()):
                if not self._seen(network, curve, accuracy, number, taken, losses[number]):
                    del going[number]
            yield taken + 1
            if 0 not in going:
                break

    def _swept(self, experiment: Experiment, sweeps: int) -> Experiment:
        """The experiment with a replica for each sweep, and the rising rate for a schedule."""
        training = replicated(experiment, sweeps).training
        rising = self._rising_from(0)
        updates = [update.model_copy(update={"schedule": rising}) for update in training.updates]
        return experiment.model_copy(update={"training": training.model_copy(update={"updates": updates})})

    def _rising_from(self, since: int) -> Rising:
        return Rising(kind="rising", low=self.low, high=self.high, count=self.steps, since=since)

    def _seen(
        self,
        network: Observed,
        curve: Curve,
        accuracy: AccuracyCurve | None,
        number: int,
        taken: int,
        loss: float,
    ) -> bool:
        """Add the loss of a step, and the accuracy after it where that is due; whether the sweep goes on."""
        rate = self._rising_from(0).at(taken)
        if accuracy is not None and math.isfinite(loss):
            accuracy.look(network, taken, rate)
        return curve.add(number, rate, loss)


def _of(accuracy: AccuracyCurve | None, *, ended: bool = False) -> Arrays:
    """The arrays of an accuracy's curve; none where there is no accuracy."""
    return {} if accuracy is None else accuracy.arrays(ended=ended)


class Looks:
    """The timing of frames, because making one costs as much as several small steps."""

    def __init__(self) -> None:
        self._last = -math.inf

    def due(self) -> bool:
        """Whether a frame is due; if so, the time restarts."""
        if time.monotonic() - self._last < LOOK_EVERY:
            return False
        self._last = time.monotonic()
        return True


@dataclass
class Curve:
    """The losses of all sweeps and their mean. The first sweep has the experiment's seed."""

    smoothing: float
    #: The loss over the training set before the first step.
    level: float
    rates: list[float] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)
    smoothed: list[RunningMean] = field(default_factory=list)
    ended: bool = False

    def add(self, sweep: int, rate: float, loss: float) -> bool:
        """Add a loss; returns whether the sweep goes on."""
        if sweep == len(self.losses):
            self.losses.append([])
            self.smoothed.append(RunningMean(self.smoothing))
        if sweep == 0:
            self.rates.append(rate)
        losses, mean = self.losses[sweep], self.smoothed[sweep]
        losses.append(loss)
        mean.add(loss)
        goes_on = is_trainable(losses, mean.means, mean.errors, self.level)
        if sweep == 0:
            self.ended = not goes_on
        return goes_on

    def mean(self) -> tuple[list[float], list[float]]:
        """The smoothed loss over all sweeps that have reached each step, and its standard error."""
        means, spreads = [], []
        for place, own in enumerate(self.smoothed[0].means):
            here = [sweep for sweep in self.smoothed if _reaches(sweep.means, place)]
            lines = [sweep.means[place] for sweep in here] or [own]
            squares = [sweep.errors[place] ** 2 for sweep in here] or [math.nan]
            means.append(sum(lines) / len(lines))
            spreads.append(math.sqrt(sum(squares)) / len(squares))
        if not math.isfinite(self.losses[0][-1]):
            means[-1] = math.nan
        return means, spreads

    def marks(self) -> Marks:
        """The marks of the curve."""
        return marks(self.rates, *self.mean(), ended=self.ended)

    def arrays(self) -> Arrays:
        """The arrays of the curve so far."""
        means, spreads = self.mean()
        found = marks(self.rates, means, spreads, ended=self.ended)
        named = {"rates": self.rates, "losses": self.losses[0], "smoothed": means, "error": spreads}
        return {name: torch.tensor(values, dtype=torch.float32) for name, values in named.items()} | {
            "marks": _exact(found, math.nan),
            "steepest": torch.tensor(found.steepest, dtype=torch.float32),
            "sweeps": torch.tensor(len(self.losses), dtype=torch.int32),
        }


def _exact(found: Marks, good: float | None = None) -> torch.Tensor:
    """Marks as float64: points of the curve, which are float32, and a good rate just as it was tried."""
    told = torch.tensor(found, dtype=torch.float32).double()
    if good is not None:
        told[1] = good
    return told


def _reaches(line: list[float], place: int) -> bool:
    return place < len(line) and math.isfinite(line[place])


def _sweeps(trainer: Trainer, steps: int) -> int:
    """The number of sweeps: more for small batches, fewer for large networks."""
    wanted = -(-SAMPLES // trainer.order.batch_size)
    allowed = SWEEP_WORK / (trainer.plan.macs * trainer.order.batch_size * steps + 1)
    return max(1, min(wanted, MOST_SWEEPS, int(allowed)))


class Rising(Schedule):
    """A rate that rises by the same factor at each step, independent of the optimizer's own."""

    low: float
    high: float
    count: int
    #: The step at which it begins.
    since: int

    def at(self, step: int) -> float:
        """The rate after `step` steps of the test."""
        return geometric(self.low, self.high, self.count, 0)(0.0, step)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(geometric, self.low, self.high, self.count, self.since)


def geometric(low: float, high: float, count: int, since: int) -> Callable[[float, int], float]:
    """A curve that rises geometrically from `low` to `high` in `count` steps from step `since` on."""
    return lambda initial, step: low * (high / low) ** ((step - since) / max(1, count - 1))
