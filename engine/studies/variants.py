"""Variants of a running experiment, trained side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import JsonValue, model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.attribution.applicability import last_maps
from glassnet.engine.catalog import Document, Example, Guide, option
from glassnet.engine.errors import CheckpointError, InvalidCommand, InvalidDocument, Problem
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.network import planner
from glassnet.engine.probes import Arrays
from glassnet.engine.probes.activation_maps import ActivationMaps
from glassnet.engine.probes.pixel_classes import PixelClasses
from glassnet.engine.probes.surface import Surface
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training import checkpoint, forks
from glassnet.engine.training.forks import ARRIVED, DIVERGED, DROPPED, RACING, SelectionSet, Trial

if TYPE_CHECKING:
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.training.trainer import Trainer

MOST_VARIANTS, MOST_TRAINERS = 16, 48

#: The most parameters of all trainers together.
MOST_NUMBERS = 100_000_000

#: Seconds of one trial's turn, and between two frames.
TURN, EVERY = 0.04, 0.25

#: The maps of each variant in a frame, and their longest side.
NINE, MAP_SIDE = 9, 16

#: The test pictures of which each says every pixel's class.
PICTURES = 4

#: The shares of the race after which half of the variants are dropped, if losers are dropped.
RUNGS = (0.25, 0.5)


class Variant(Document):
    """One variant: its change of the experiment, and its start."""

    name: str = option("as it is", "The name in the chart.", min_length=1, max_length=80)
    patch: list[dict[str, JsonValue]] = option(
        [], "An RFC 6902 patch on the experiment; empty: no change.", max_length=100
    )
    start: str = option(
        "here",
        "The start: `here`, the current weights; `fresh`, new ones; or a checkpoint of the run.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$",
    )


class Variants(NetworkStudy):
    """Race of variants: forks the experiment into variants, and trains them side by side.

    They start with the same weights and take the same batches, in turns; one without changes stays
    bit-identical to its parent on the CPU. When the race has ended, each is a checkpoint of the run,
    `RACE-N`, from which a new run or another race can start. Arrays: `steps` int32 (rows,) since the fork;
    for each series of an evaluation `NAME` float32 (variants, seeds, rows), NaN where not yet computed;
    `states` uint8 (variants, seeds): 0 racing, 1 arrived, 2 diverged, 3 dropped; `judge` uint8, the set by
    whose loss losers are dropped, never the test set: 0 training, 1 validation; `starts` and `taken` int32
    (variants, seeds), the steps of each before and now; for data of the plane `surface/N` uint8 with
    `.range`, and `class/N`; for pictures `maps/N` uint8 (maps, h, w) with `.range`, the first nine of the
    last maps for the first test sample; for masks `mask/N` and `certainty/N` uint8 (pictures, h, w), what
    each says of the first test pictures, and `pictures/0` and `truth/0`, which all share.
    """

    kind: Literal["variants"] = "variants"
    leaves_checkpoints: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Same start and batches: only the change differs.",),
        cons=("A few seeds, and short.",),
        use="To compare settings fairly.",
        example=Example(
            "Fork with two rates and watch the curves part.",
            preset="circle",
        ),
        shows=(
            "test_loss",
            "train_loss",
        ),
    )
    variants: list[Variant] = option([Variant()], "The variants.", min_length=1, max_length=MOST_VARIANTS)
    steps: int = option(1000, "The steps of each variant.", unit="steps", ge=1, le=10**6)
    seeds: int = option(
        1,
        "The seeds of each variant, shown as a band: further ones change order, dropout and augmentation.",
        ge=1,
        le=8,
    )
    rows: int = option(60, "The number of evaluations.", ge=1, le=500)
    resolution: int = option(40, "Points along one side of each surface.", unit="px", ge=8, le=100)
    race: str = option(
        "race",
        "The prefix of its checkpoints' names: RACE-1, RACE-2 and so on.",
        pattern=r"^race[a-z0-9]{0,20}$",
    )
    drop_losers: bool = option(
        False,
        "After a quarter and after half of the steps, drop the worse half by validation loss; by training "
        "loss where one has no validation set. The test set is never used for selection.",
    )

    @model_validator(mode="after")
    def _few(self) -> Self:
        if len(self.variants) * self.seeds > MOST_TRAINERS:
            raise PydanticCustomError(
                "too_many",
                "{variants} variants with {seeds} seeds are {all} trainings; expected at most {most}",
                {
                    "variants": len(self.variants),
                    "seeds": self.seeds,
                    "all": len(self.variants) * self.seeds,
                    "most": MOST_TRAINERS,
                    "pointer": "/seeds",
                },
            )
        return self

    def check_experiment(self, experiment: Experiment) -> None:
        problems, numbers = [], 0
        for index, variant in enumerate(self.variants):
            try:
                numbers += self.seeds * planner.plan(self._experiment(experiment, variant)).parameters
            except InvalidDocument as error:
                for problem in error.problems:
                    inside = problem.pointer if problem.pointer.startswith("/patch") else "/patch"
                    pointer = f"/study/variants/{index}{inside}"
                    problems.append(Problem(pointer, f"variant '{variant.name}': {problem.message}"))
        if problems:
            raise InvalidCommand(problems)
        if numbers > MOST_NUMBERS:
            raise InvalidCommand.at(
                "/study/variants",
                f"networks of {numbers:,} parameters in all; expected at most {MOST_NUMBERS:,}: choose fewer "
                "variants or seeds",
            )

    def _experiment(self, experiment: Experiment, variant: Variant) -> Experiment:
        return apply_patch(experiment, variant.patch) if variant.patch else experiment

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        trials = self._trials(trainer, history)
        selection = forks.selection_set(trials)
        looks = [self._look(trials[number * self.seeds]) for number in range(len(self.variants))]
        # Trials may be at different steps: fresh ones start at step 0.
        starts = {id(trial): trial.trainer.steps_taken for trial in trials}
        after = np.unique(np.linspace(0, self.steps, self.rows + 1).astype(np.int32))
        due = time.monotonic()
        try:
            for number, steps in enumerate(after):
                for _ in self._round(trials, starts, int(steps)):
                    if time.monotonic() >= due:
                        yield StudyFrame(
                            self._done(trials, starts), self._arrays(trials, starts, after, looks)
                        )
                        due = time.monotonic() + EVERY
                if self.drop_losers and number in _rungs(len(after) - 1):
                    _drop(trials, selection)
            for trial in trials:
                trial.state = ARRIVED if trial.state == RACING else trial.state
        finally:
            # Also when the race is cancelled, so that the trials can be kept.
            if history.results is not None:
                forks.save(history.results, trials, self.race)
        yield StudyFrame(1.0, self._arrays(trials, starts, after, looks))

    def _trials(self, trainer: Trainer, history: History) -> list[Trial]:
        here = trainer.state()
        trials = []
        for number, variant in enumerate(self.variants):
            experiment = self._experiment(trainer.experiment, variant)
            for seed in range(self.seeds):
                state, drawn = here, seed
                if variant.start not in ("here", "fresh"):
                    state, drawn = self._checkpoint(history, variant.start, seed)
                fork = forks.forked(trainer, experiment, drawn, fresh=variant.start == "fresh", state=state)
                trials.append(Trial(fork, number, seed))
        return trials

    @staticmethod
    def _checkpoint(history: History, name: str, seed: int) -> tuple[dict[str, torch.Tensor], int]:
        """The state of a checkpoint, or of its variant for this seed; and the seed still to apply."""
        if history.checkpoints is None:
            raise ValueError(
                f"there is no run here to have a checkpoint '{name}'; expected 'here' or 'fresh'"
            )
        known = checkpoint.names(history.checkpoints)
        try:
            own = f"{name}-{seed + 1}"
            if seed and own in known:
                return checkpoint.read_first(history.checkpoints, own)[1], 0
            return checkpoint.read_first(history.checkpoints, name)[1], seed
        except CheckpointError as error:
            raise ValueError(str(error)) from None

    def _round(self, trials: list[Trial], starts: dict[int, int], steps: int) -> Iterator[None]:
        """Train all remaining trials in turns up to `steps`, and evaluate them."""
        waiting = [trial for trial in trials if trial.state == RACING]
        while waiting:
            left = []
            for trial in waiting:
                if not trial.advance(starts[id(trial)] + steps, TURN):
                    left.append(trial)
                elif trial.state == RACING:
                    trial.evaluate()
                yield
            waiting = left

    def _done(self, trials: list[Trial], starts: dict[int, int]) -> float:
        taken = [
            1.0 if trial.state != RACING else (trial.trainer.steps_taken - starts[id(trial)]) / self.steps
            for trial in trials
        ]
        return sum(taken) / len(taken)

    def _look(self, trial: Trial) -> Callable[[], Arrays] | None:
        """The view of one trial: the boundary, the pixels' classes, or maps; None where there is none."""
        trainer = trial.trainer
        names: dict[str, str]
        if trainer.data.dataset.plane is not None:
            look = Surface(resolution=self.resolution, units=[]).prepare(trainer)
            names = {"output": "surface", "output.range": "surface.range", "class": "class"}
        elif trainer.data.dataset.family == "masks":
            shown = list(range(min(PICTURES, len(trainer.data.test))))
            look = PixelClasses(samples=shown).prepare(trainer)
            names = {name: name for name in ("mask", "certainty")}
            if trial.variant == 0:
                names |= {name: name for name in ("pictures", "truth")}
        else:
            try:
                node = last_maps(trainer.plan)
            except ValueError:
                return None
            look = ActivationMaps(nodes=[node], most=NINE, side=MAP_SIDE).prepare(trainer)
            names = {f"maps/{node}": "maps", f"maps/{node}.range": "maps.range"}
        return lambda: {names[name]: array for name, array in look().items() if name in names}

    def _arrays(
        self, trials: list[Trial], starts: dict[int, int], steps: np.ndarray, looks: list[Any]
    ) -> Arrays:
        variants = len(self.variants)
        arrays = {"steps": torch.from_numpy(steps.astype(np.int32))}
        arrays["judge"] = torch.tensor(
            forks.SELECTION_SETS.index(forks.selection_set(trials)), dtype=torch.uint8
        )
        arrays |= forks.table(trials, variants, self.seeds, len(steps))
        shape = (variants, self.seeds)
        states = torch.tensor([trial.state for trial in trials], dtype=torch.uint8)
        taken = torch.tensor([trial.trainer.steps_taken for trial in trials], dtype=torch.int32)
        begun = torch.tensor([starts[id(trial)] for trial in trials], dtype=torch.int32)
        arrays |= {"states": states.view(shape), "taken": taken.view(shape), "starts": begun.view(shape)}
        for number, look in enumerate(looks):
            if look is not None:
                for name, array in look().items():
                    kind, dot, ending = name.partition(".")
                    arrays[f"{kind}/{number}{dot}{ending}"] = array
        return arrays


def _rungs(rows: int) -> set[int]:
    """The rows at which losers are dropped; not at the start, where losses are not informative yet."""
    return {round(rung * rows) for rung in RUNGS} - {0}


def _drop(trials: list[Trial], selection: SelectionSet) -> None:
    losers = set(forks.worst([trial for trial in trials if trial.state != DROPPED], selection))
    for trial in trials:
        if trial.variant in losers and trial.state != DIVERGED:
            trial.state = DROPPED
