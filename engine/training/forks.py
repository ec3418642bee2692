"""Forks of a training: trials of variants that continue from its state."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from glassnet.engine.errors import CheckpointError, Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.random_streams import stream
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import ANOTHER_EXPERIMENT, CheckpointInfo
from glassnet.engine.training.trainer import Trainer

#: The prefix of races' names, and the most checkpoints of races in a run.
RACE, MOST_KEPT = "race", 96

#: The states of a trial, as numbers in frames.
RACING, ARRIVED, DIVERGED, DROPPED = range(4)


#: The sets by whose loss trials may be selected; never the test set, which would no longer be a test.
SelectionSet = Literal["train", "validation"]
SELECTION_SETS: tuple[SelectionSet, ...] = ("train", "validation")


@dataclass
class Trial:
    """The training of one variant with one seed; `seed` 0 continues exactly as the parent would."""

    trainer: Trainer
    variant: int
    seed: int = 0
    state: int = RACING
    #: Losses and metrics at the steps where all are evaluated.
    rows: list[dict[str, float]] = field(default_factory=list)

    def advance(self, step: int, seconds: float) -> bool:
        """Train up to a step, for at most `seconds`; returns whether it is reached, or cannot be."""
        until = time.perf_counter() + seconds
        try:
            while self.trainer.steps_taken < step:
                self.trainer.step()
                if time.perf_counter() >= until:
                    break
        except Diverged:
            self.state = DIVERGED
            return True
        return self.trainer.steps_taken >= step

    def evaluate(self) -> None:
        """Add a row of the current metrics."""
        try:
            self.rows.append(self.trainer.evaluate())
        except Diverged:
            self.state = DIVERGED

    def loss(self, selection: SelectionSet) -> float:
        """The newest loss on a set; infinite where there is none."""
        return self.rows[-1][f"{selection}_loss"] if self.rows and self.state != DIVERGED else float("inf")


def forked(
    parent: Trainer, experiment: Experiment, seed: int, *, fresh: bool, state: dict[str, Tensor]
) -> Trainer:
    """A trainer of a variant that continues from a state, or, `fresh`, from its own initial state.

    With seed 0 the order of batches is the parent's, and without changes every bit is equal. Other seeds keep
    weights and samples, and change the order, dropout and augmentation; fresh ones also the weights. Raises
    InvalidExperiment.
    """
    trainer = Trainer(
        experiment, device=parent.device, limits=parent.limits, blobs=parent.blobs, share_data_with=parent
    )
    own = trainer.state()
    if fresh:
        if seed:
            other = experiment.model_copy(update={"seed": _other_seed(experiment.seed, seed)})
            started = Trainer(other, device=parent.device, limits=parent.limits, blobs=parent.blobs).state()
            trainer.load({name: started[name] if _is_of_network(name) else own[name] for name in own})
    elif experiment == parent.experiment:
        try:
            trainer.load(state)
        except (
            CheckpointError
        ):  # a checkpoint of another experiment: a variant of this run, or before an edit
            trainer.load_matching(state)
    else:
        trainer.load_matching(state)
    if seed:
        trainer.load(_drawn_anew(trainer.state(), experiment.seed, seed, trainer.device))
    return trainer


def _is_of_network(name: str) -> bool:
    return name.startswith(("parameters/", "buffers/"))


def _other_seed(seed: int, replica: int) -> int:
    return int(stream(seed, f"replica {replica}").initial_seed()) % 2**53


def _drawn_anew(state: dict[str, Tensor], seed: int, replica: int, device: str) -> dict[str, Tensor]:
    """The state with other generators, and the rest of the epoch in another order."""
    changed = dict(state)
    for name in state:
        if name.startswith("generator/"):
            # The order is drawn on the CPU, the same everywhere; all else where it is used.
            where = "cpu" if name == "generator/order" else device
            changed[name] = stream(seed, f"{name}/replica {replica}", where).get_state()
    order = stream(seed, f"order/replica {replica}")
    left = state["order/permutation"]
    changed["order/permutation"] = left[torch.randperm(len(left), generator=order)]
    return changed


def save(folder: Path, trials: Sequence[Trial], race: str) -> None:
    """Write trials as checkpoints, `RACE-N`, from which new runs can start.

    Nothing is written where the folder's parent does not exist, so that a deleted run stays deleted.
    """
    if folder.parent.is_dir():
        for trial in trials:
            _write(folder, trial, checkpoint_name(race, trial.variant, trial.seed))


def prune(folder: Path) -> None:
    """Remove the checkpoints of all races in a folder but the newest MOST_KEPT."""
    for name in [name for name in checkpoint.names(folder) if name.startswith(RACE)][:-MOST_KEPT]:
        checkpoint.remove(folder, name)


def _write(folder: Path, trial: Trial, name: str) -> None:
    trainer = trial.trainer
    metrics = trial.rows[-1] if trial.rows else {}
    place = trainer.steps_taken, trainer.epoch, ANOTHER_EXPERIMENT, time.time()
    checkpoint.save(folder, CheckpointInfo(name, *place, metrics), trainer.state())


def checkpoint_name(race: str, variant: int, seed: int = 0) -> str:
    """The name of a trial's checkpoint: `RACE-3` for the third variant, `RACE-3-2` for its second seed."""
    return f"{race}-{variant + 1}" + (f"-{seed + 1}" if seed else "")


def table(trials: list[Trial], variants: int, seeds: int, rows: int) -> dict[str, Tensor]:
    """Every series as (variants, seeds, rows) float32, NaN for rows that are not computed yet."""
    series: dict[str, Tensor] = {}
    for trial in trials:
        for row, values in enumerate(trial.rows):
            for name, value in values.items():
                if name not in series:
                    series[name] = torch.full((variants, seeds, rows), torch.nan)
                series[name][trial.variant, trial.seed, row] = value
    return series


def selection_set(trials: list[Trial]) -> SelectionSet:
    """The set by whose loss trials are selected: validation where all have one, else training."""
    return "validation" if all(trial.trainer.data.validation for trial in trials) else "train"


def worst(trials: list[Trial], selection: SelectionSet) -> Iterator[int]:
    """The half of the remaining variants, rounded down, with the greatest mean loss over seeds."""
    losses: dict[int, list[float]] = {}
    for trial in trials:
        if trial.state != DROPPED:
            losses.setdefault(trial.variant, []).append(trial.loss(selection))
    ranked = sorted(losses, key=lambda variant: sum(losses[variant]) / len(losses[variant]))
    yield from ranked[len(ranked) - len(ranked) // 2 :]
