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
from glassnet.engine.errors import Diverged, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.accuracy_curve import AccuracyCurve
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.studies.rate_curve import Marks, RunningMean, is_trainable, marks, smooth
from glassnet.engine.training.trainer import Trainer

__all__ = ["LRRangeTest", "Marks", "marks", "smooth"]

#: Samples behind each point of the curve, and sweeps that small batches are repeated for at most.
SAMPLES, MOST_SWEEPS = 128, 12

#: The most forward multiply-adds of all sweeps, and of one trial of a rate; the fewest steps of a trial.
SWEEP_WORK, TRY_WORK, LEAST_STEPS = 1e12, 8e9, 50

#: Steps of a training that is tried at most, and rates that are tried at most by one seed.
MOST_STEPS, MOST_TRIES = 20_000, 9

#: Seeds that a good rate is tried with at most, and how many must agree. They do where something is learned,
#: and half and double of it are not better by a factor and, near the end of what can be learned, by a share
#: of the loss at the start.
SEEDS, AGREED, BETTER, MUCH = 3, 2, 1.1, 0.02

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
        sweeps, looks = _sweeps(trainer, self.steps), Looks()
        for number in range(sweeps):
            for taken in self._sweep(starts.trainer(number), curve, accuracy, number):
                if looks.due():
                    done = (number + taken / self.steps) / sweeps
                    yield StudyFrame(SWEPT * done if self.tries else done, curve.arrays() | _of(accuracy))
        found, swept = curve.marks(), curve.arrays() | _of(accuracy, ended=True)
        if not self.tries:
            yield StudyFrame(1.0, swept | {"marks": _exact(found)})
            return
        tried = Tries(starts, _steps_of_a_try(trainer), level)
        for done in tried.look(found):
            if looks.due():
                yield StudyFrame(SWEPT + (1 - SWEPT) * done, swept | tried.arrays())
        yield StudyFrame(1.0, swept | tried.arrays() | {"marks": _exact(found, tried.good)})

    def _sweep(
        self, trainer: Trainer, curve: Curve, accuracy: AccuracyCurve | None, number: int
    ) -> Iterator[int]:
        """Train once while the rate rises; the number of steps taken so far."""
        since = trainer.steps_taken
        rising = Rising(kind="rising", low=self.low, high=self.high, count=self.steps, since=since)
        for group in trainer.groups:
            group.schedule = rising
        trainer.take_loss()
        for taken in range(self.steps):
            try:
                trainer.step()
                loss = trainer.take_loss()
            except Diverged:
                loss = math.nan
            if accuracy is not None and math.isfinite(loss):
                accuracy.look(trainer, taken, rising.at(taken))
            goes_on = curve.add(number, rising.at(taken), loss)
            yield taken + 1
            if not goes_on:
                break


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


class Starts:
    """A source of trainers with different seeds, new or with a trainer's state."""

    def __init__(self, trainer: Trainer, *, now: bool) -> None:
        self._trainer = trainer
        self._state = trainer.state() if now else None

    @property
    def experiment(self) -> Experiment:
        """What is trained."""
        return self._trainer.experiment

    def trainer(self, number: int, rate: float | None = None) -> Trainer:
        """A trainer; number 0 has the experiment's own seed. Raises InvalidExperiment, for the rate."""
        document, given = self.experiment.document(), self._trainer
        if rate is not None:
            for update in document["training"]["updates"]:
                update["optimizer"]["learning_rate"] = rate
        document["seed"] += number if self._state is None else 0
        made = Trainer(
            Experiment.parse(document),
            device=given.device,
            limits=given.limits,
            blobs=given.blobs,
            share_data_with=given,
        )
        if self._state is not None:
            made.load(self._state)
            if number:  # the network stays as it is, and sees its samples in another order
                made.order.generators[0].manual_seed(document["seed"] + number)
                made.order.batch = made.order.per_epoch
        return made


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
        return goes_on and (sweep == 0 or len(losses) < len(self.rates))

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


class Tries:
    """Trials of rates a factor of two apart, up to one that is better than its half and its double."""

    def __init__(self, starts: Starts, steps: int, level: float) -> None:
        self._starts, self.steps, self._level = starts, steps, level
        #: The loss over the training set in the end, by seed and power of two; NaN until it is known.
        self._losses: dict[tuple[int, int], float] = {}
        self._anchor = math.nan
        self._now: tuple[int, int] | None = None
        self._agree = (0, 0)
        #: The good rate; NaN where there is none.
        self.good = math.nan

    def look(self, marks: Marks) -> Iterator[float]:
        """Try rates, starting between the curve's steepest and least points; yields the share done."""
        if not self.steps or not math.isfinite(marks.steepest):
            return
        self._anchor = float(f"{math.sqrt(marks.steepest * marks.least):.0e}")
        place = 0
        while len(self._losses) < MOST_TRIES:
            around = (place - 1, place, place + 1)
            for power in around:
                yield from self._try(0, power)
            better = min(around, key=lambda power: self._losses[0, power])
            if better == place:
                yield from self._ask_others(place)
                return
            place = better

    def _ask_others(self, place: int) -> Iterator[float]:
        """Try the rate with other seeds until enough agree; yields the share done.

        A seed's half or double is not tried where its result cannot change the outcome.
        """
        for seed in range(SEEDS):
            for power in (place, place - 1, place + 1):
                if self._may_be_good(seed, place) and not self._is_good(seed, place):
                    yield from self._try(seed, power)
            self._agree = self._agree[0] + self._is_good(seed, place), seed + 1
            if self._agree[0] == AGREED:
                self.good = self._rate(place)
            if self._agree[0] in (0, AGREED):
                return

    def _may_be_good(self, seed: int, place: int) -> bool:
        """Whether a rate may still be good by the known losses."""
        return self._holds(seed, place, own=0.0, others=math.inf)

    def _is_good(self, seed: int, place: int) -> bool:
        """Whether a rate is good whatever the unknown losses are, as no loss is below zero."""
        return self._holds(seed, place, own=math.inf, others=0.0)

    def _holds(self, seed: int, place: int, *, own: float, others: float) -> bool:
        """Whether a rate is good if unknown losses had these values."""
        own = self._losses.get((seed, place), own)
        least = min(self._losses.get((seed, power), others) for power in (place - 1, place + 1))
        return own < (1 - MUCH) * self._level and own <= BETTER * least + MUCH * self._level

    def _try(self, seed: int, power: int) -> Iterator[float]:
        """Train at a rate, once; yields the share of all trials that is done."""
        if (seed, power) in self._losses:
            return
        before, whole = len(self._losses), MOST_TRIES + 3 * (SEEDS - 1)
        self._now, self._losses[seed, power] = (seed, power), math.nan
        loss = math.inf
        try:
            trainer = self._starts.trainer(seed, self._rate(power))
            for taken in range(self.steps):
                trainer.step()
                yield (before + taken / self.steps) / whole
            loss = trainer.evaluate()["train_loss"]
        except (Diverged, InvalidExperiment):
            pass  # an invalid rate: its loss stays infinite
        self._now, self._losses[seed, power] = None, loss

    def _rate(self, power: int) -> float:
        """The rate of a power of two, computed so that halves and doubles are exact."""
        return self._anchor * 2.0**power

    def arrays(self) -> Arrays:
        """The arrays of the trials so far."""
        own = sorted(power for seed, power in self._losses if seed == 0)
        seed, rate = (math.nan, math.nan) if self._now is None else (self._now[0], self._rate(self._now[1]))
        return {
            "tried/rates": torch.tensor([self._rate(power) for power in own], dtype=torch.float64),
            "tried/losses": torch.tensor([self._losses[0, power] for power in own], dtype=torch.float32),
            "tried/steps": torch.tensor(self.steps, dtype=torch.int32),
            "tried/now": torch.tensor([rate, seed], dtype=torch.float64),
            "tried/agree": torch.tensor(self._agree, dtype=torch.int32),
        }


def _sweeps(trainer: Trainer, steps: int) -> int:
    """The number of sweeps: more for small batches, fewer for large networks."""
    wanted = -(-SAMPLES // trainer.order.batch_size)
    allowed = SWEEP_WORK / (trainer.plan.macs * trainer.order.batch_size * steps + 1)
    return max(1, min(wanted, MOST_SWEEPS, int(allowed)))


def _steps_of_a_try(trainer: Trainer) -> int:
    """The steps of a trial: the whole training; 0 where that is too much work, or too short.

    A part of it would rank rates differently: a high one is faster at first, a low one better at the end.
    """
    work = trainer.steps * trainer.plan.macs * trainer.order.batch_size
    return trainer.steps if LEAST_STEPS <= trainer.steps <= MOST_STEPS and work <= TRY_WORK else 0


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
