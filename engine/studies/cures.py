"""Cures of a trouble, tried: the unchanged run and each cure side by side, ranked by what they do."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.diagnosis.cures import KINDS, Cure, CureKind, cures_of
from glassnet.engine.diagnosis.finding import Trouble
from glassnet.engine.errors import CheckpointError, InvalidCommand
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.network import planner
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.cure_trial import CureTrial
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training import checkpoint, forks
from glassnet.engine.training.forks import ARRIVED, DIVERGED, RACING

if TYPE_CHECKING:
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.training.trainer import Trainer

#: The most parameters of all trainers together.
MOST_NUMBERS = 100_000_000

#: The most steps, and multiply-adds of all trainings, where the number of steps is left out.
MOST_STEPS, MOST_WORK = 1000, 2e11

#: A training pass forward and backward, in forward passes.
PASSES = 3

#: Seconds of one trial's turn, and between two frames.
TURN, EVERY = 0.04, 0.25

#: The checkpoint of a run's last good state, and the troubles that come after one; others come before.
GOOD = "best"
AFTER_LEARNING: tuple[Trouble, ...] = ("exploding", "overfitting")

#: What cures are ranked by.
MEASURES = ("train_loss", "validation_loss", "test_loss")


class Cures(NetworkStudy):
    """Cures: forks a run into its cures and the unchanged run, and ranks them by their measured effect.

    All start from the run's last good state: the checkpoint of its best evaluation where the training had
    learned before (exploding, overfitting), else its initial weights. There seed 0 has the run's own
    weights and order, so that the unchanged one repeats the run bit for bit on the CPU; further seeds
    have others. What a cure adds or starts otherwise begins anew. When it ends, each is a checkpoint of
    the run, `RACE-N`, the unchanged one the first. Arrays: `cures` int32 (cures,), the places of their
    kinds in `KINDS`; `steps` int32 (rows,) since the start; for each series of an evaluation `NAME`
    float32 (1 + cures, seeds, rows), the unchanged run first, NaN where not yet computed; `states` uint8
    (1 + cures, seeds): 0 racing, 1 arrived, 2 diverged; `measure` uint8, the series they are ranked by: 0
    `train_loss`, 1 `validation_loss`, 2 `test_loss`; `effect` float32 (1 + cures, seeds), its number in
    the newest row that all have, infinite where it diverged; `median`, `low`, `high` float32 (1 + cures,)
    of it over the seeds; `rank` int32 (1 + cures,), 0 the best; `start` int32, the step that all start
    from.
    """

    kind: Literal["cures"] = "cures"
    leaves_checkpoints: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("What helps is measured on the very run, with the same start and batches for all.",),
        cons=("A few seeds and some epochs: a cure that needs longer may come out last.",),
        use="When the page says that a run vanishes, explodes, stalls, overfits or has dead units.",
        example=Example(
            "Train, wait for the banner, and try the cures: the one that learns comes first.",
            preset="deep-sigmoid",
        ),
        mistakes=(
            Mistake(
                "What cured one network cures the next one.",
                "The order of the cures changes with the data, the depth and the rate: they are tried.",
            ),
        ),
        shows=("train_loss",),
    )
    trouble: Trouble = option("vanishing", "What is to be cured.")
    cures: list[CureKind] = option(
        [], "The cures; empty: all that the experiment has a place for.", max_length=len(KINDS)
    )
    steps: int | None = option(
        None, "The steps of each; left out: as many as the run takes, up to about a minute.", ge=1, le=10**6
    )
    seeds: int = option(3, "The trainings of each, of which the band is shown.", ge=1, le=10)
    rows: int = option(200, "The number of evaluations, at most one an epoch.", ge=1, le=500)
    race: str = option(
        "race",
        "The prefix of its checkpoints' names: RACE-1, RACE-2 and so on.",
        pattern=r"^race[a-z0-9]{0,20}$",
    )

    def check_experiment(self, experiment: Experiment) -> None:
        cures = self.chosen(experiment)
        experiments = [experiment, *(apply_patch(experiment, list(cure.patch)) for cure in cures)]
        numbers = self.seeds * sum(planner.plan(each).parameters for each in experiments)
        if numbers > MOST_NUMBERS:
            raise InvalidCommand.at(
                "/study/seeds",
                f"networks of {numbers:,} parameters in all; expected at most {MOST_NUMBERS:,}: choose fewer "
                "cures or seeds",
            )

    def chosen(self, experiment: Experiment) -> list[Cure]:
        """The cures that are tried. Raises InvalidCommand where there is no place for one, or for any."""
        found = cures_of(self.trouble, experiment)
        kinds = [cure.kind for cure in found]
        if not found:
            raise InvalidCommand.at(
                "/study/trouble", f"no cure of '{self.trouble}' has a place in this experiment"
            )
        for index, kind in enumerate(self.cures):
            if kind not in kinds:
                raise InvalidCommand.at(
                    f"/study/cures/{index}",
                    f"'{kind}' is no cure of '{self.trouble}' here; expected one of {', '.join(kinds)}",
                )
        return [cure for cure in found if not self.cures or cure.kind in self.cures]

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        cures = self.chosen(trainer.experiment)
        state, start = self._last_good(trainer, history)
        trials = self._trials(trainer, cures, state)
        _check_finite(trials)
        after = self._rows(trainer, start, len(trials))
        due = time.monotonic()
        try:
            for steps in after:
                for _ in _round(trials, start + int(steps)):
                    if time.monotonic() >= due:
                        yield StudyFrame(
                            _done(trials, start, int(after[-1])), self._arrays(trials, cures, start, after)
                        )
                        due = time.monotonic() + EVERY
            for trial in trials:
                trial.state = ARRIVED if trial.state == RACING else trial.state
        finally:
            # Also when it is cancelled: what was trained can be kept.
            if history.results is not None:
                forks.save(history.results, trials, self.race)
        yield StudyFrame(1.0, self._arrays(trials, cures, start, after))

    def _last_good(self, trainer: Trainer, history: History) -> tuple[dict[str, Tensor] | None, int]:
        """The state that all start from, and its step; None for the initial weights."""
        if self.trouble not in AFTER_LEARNING or history.checkpoints is None:
            return None, 0
        if GOOD not in checkpoint.names(history.checkpoints):
            return None, 0
        try:
            info, state = checkpoint.read_first(history.checkpoints, GOOD)
        except CheckpointError as error:
            raise ValueError(f"the last good state cannot be read: {error}") from None
        return (state, info.step) if info.step > 0 else (None, 0)

    def _trials(
        self, trainer: Trainer, cures: list[Cure], state: dict[str, Tensor] | None
    ) -> list[CureTrial]:
        own = trainer.experiment
        experiments = [own, *(apply_patch(own, list(cure.patch)) for cure in cures)]
        return [
            CureTrial(
                forks.forked(trainer, experiment, seed, fresh=state is None, state=state or {}), number, seed
            )
            for number, experiment in enumerate(experiments)
            for seed in range(self.seeds)
        ]

    def _rows(self, trainer: Trainer, start: int, trials: int) -> np.ndarray:
        """The steps since the start at which all are evaluated: whole epochs, where there are several."""
        steps, epoch = self.steps or self._fitting(trainer, start, trials), trainer.steps_per_epoch
        rows = min(self.rows, max(1, steps // epoch))
        shares = np.linspace(0, 1, rows + 1)
        if steps < epoch:
            return np.unique((shares * steps).astype(np.int32))
        return np.unique(np.append(np.round(shares * (steps // epoch)) * epoch, steps).astype(np.int32))

    def _fitting(self, trainer: Trainer, start: int, trials: int) -> int:
        """As many steps as the run takes, fewer where all together would take too long; at least an epoch."""
        wanted = max(min(trainer.steps - start, MOST_STEPS), trainer.steps_taken - start)
        work = PASSES * trainer.plan.macs * trainer.experiment.training.batch_size * trials
        return max(trainer.steps_per_epoch, min(wanted, int(MOST_WORK / max(1, work))))

    def _arrays(self, trials: list[CureTrial], cures: list[Cure], start: int, steps: np.ndarray) -> Arrays:
        shape = (1 + len(cures), self.seeds)
        measure = self._measure(trials)
        row = min((len(trial.rows) for trial in trials if trial.state != DIVERGED), default=0) - 1
        effect = torch.tensor([trial.number(measure, row) for trial in trials]).view(shape)
        middle = effect.sort(1).values[:, _middle(self.seeds)].mean(1)
        return {
            "cures": torch.tensor([KINDS.index(cure.kind) for cure in cures], dtype=torch.int32),
            "steps": torch.from_numpy(steps.astype(np.int32)),
            **forks.table(list(trials), *shape, len(steps)),
            "states": torch.tensor([trial.state for trial in trials], dtype=torch.uint8).view(shape),
            "measure": torch.tensor(MEASURES.index(measure), dtype=torch.uint8),
            "effect": effect,
            "median": middle,
            "low": effect.amin(1),
            "high": effect.amax(1),
            "rank": torch.argsort(torch.argsort(middle, stable=True)).int(),
            "start": torch.tensor(start, dtype=torch.int32),
        }

    def _measure(self, trials: list[CureTrial]) -> str:
        """Overfitting is judged by new samples: those kept for validation, where all have some."""
        if self.trouble != "overfitting":
            return "train_loss"
        return "validation_loss" if all(trial.trainer.data.validation for trial in trials) else "test_loss"


def _middle(count: int) -> slice:
    """The one in the middle of an odd number, or the two of an even one."""
    return slice((count - 1) // 2, count // 2 + 1)


def _check_finite(trials: list[CureTrial]) -> None:
    """Raise ValueError where the unchanged run has no finite state to start from."""
    unchanged = trials[0].trainer
    if not all(map(math.isfinite, unchanged.evaluate().values())):
        raise ValueError(
            "there is no finite state to start from: the loss is no finite number at step "
            f"{unchanged.steps_taken:,} already; expected finite data and weights"
        )


def _round(trials: list[CureTrial], step: int) -> Iterator[None]:
    """Train all remaining trials in turns up to a step, and evaluate them."""
    waiting = list(trials)
    while waiting:
        left = []
        for trial in waiting:
            if trial.state == RACING and not trial.has_stopped and not trial.advance(step, TURN):
                left.append(trial)
            else:
                trial.measure()
            yield
        waiting = left


def _done(trials: list[CureTrial], start: int, steps: int) -> float:
    """The share of all steps that is taken."""
    shares = [
        1.0 if trial.state == DIVERGED or trial.has_stopped else (trial.trainer.steps_taken - start) / steps
        for trial in trials
    ]
    return sum(shares) / len(shares)
