"""Trials of learning rates, each a whole training, around the rate that a range test points to."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from glassnet.engine.errors import Diverged, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Arrays
from glassnet.engine.studies.rate_curve import Marks
from glassnet.engine.training.trainer import Trainer

#: The most forward multiply-adds of one trial of a rate; the fewest steps of a trial.
TRY_WORK, LEAST_STEPS = 8e9, 50

#: Steps of a training that is tried at most, and rates that are tried at most by one seed.
MOST_STEPS, MOST_TRIES = 20_000, 9

#: Seeds that a good rate is tried with at most, and how many must agree. They do where something is learned,
#: and half and double of it are not better by a factor and, near the end of what can be learned, by a share
#: of the loss at the start.
SEEDS, AGREED, BETTER, MUCH = 3, 2, 1.1, 0.02


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


class Tries:
    """Trials of rates a factor of two apart, up to one that is better than its half and its double.

    One after the other: which rate is tried next depends on the losses before, and over whole trainings the
    rounding of replicas, which differ in their rates, would grow to differences that rank rates.
    """

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


def steps_of_a_try(trainer: Trainer) -> int:
    """The steps of a trial: the whole training; 0 where that is too much work, or too short.

    A part of it would rank rates differently: a high one is faster at first, a low one better at the end.
    """
    work = trainer.steps * trainer.plan.macs * trainer.order.batch_size
    return trainer.steps if LEAST_STEPS <= trainer.steps <= MOST_STEPS and work <= TRY_WORK else 0
