"""Reading: the numbers of a training at one evaluation, by which it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import torch

from glassnet.engine.probes.unit_health import UnitHealth
from glassnet.engine.training.host import on_host

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The most samples that are looked at for dead units.
SAMPLES = 512


class DeadUnits(NamedTuple):
    """The units of an activation that no sample moves, of how many."""

    dead: int
    units: int

    @property
    def share(self) -> float:
        """The share of dead units."""
        return self.dead / self.units


class Reading(NamedTuple):
    """The numbers of one evaluation."""

    step: int
    epoch: float
    #: What was evaluated, as `train_loss`.
    metrics: Mapping[str, float]
    #: The norm of the last batch's gradient at each layer that is trained, from the input on.
    gradients: dict[str, float]
    #: The dead units of each activation; empty where they were not counted.
    dead: Mapping[str, DeadUnits]
    #: How many samples the new ones are, by which it is judged.
    samples: int = 0

    @property
    def judged(self) -> str:
        """The metric by which new samples are judged: the validation loss, where there is one."""
        return "validation_loss" if "validation_loss" in self.metrics else "test_loss"

    @property
    def judged_accuracy(self) -> float | None:
        """The accuracy on samples that are not trained on; None where the task has none."""
        return self.metrics.get(self.judged.replace("loss", "accuracy"))

    @property
    def train_loss(self) -> float:
        """The loss of the training set."""
        return self.metrics["train_loss"]

    @property
    def judged_loss(self) -> float:
        """The loss of samples that are not trained on."""
        return self.metrics[self.judged]


def read(trainer: Observed, metrics: Mapping[str, float], *, count_dead: bool) -> Reading:
    """The reading of a trainer's current state, whose evaluation is `metrics`."""
    dead = _dead_units(trainer) if count_dead else {}
    return Reading(
        trainer.steps_taken,
        trainer.steps_taken / trainer.steps_per_epoch,
        dict(metrics),
        _gradients(trainer) if trainer.steps_taken else {},
        dead,
        len(trainer.data.validation or trainer.data.test),
    )


@torch.no_grad()
def _gradients(trainer: Observed) -> dict[str, float]:
    """The norm of the last gradient at each trained layer, in the order of the plan.

    Squares are added up in float64: those of a gradient that vanishes have no float32.
    """
    names = [name.rpartition(".")[0] for group in trainer.groups for name in group.names]
    gradients = [gradient for group in trainer.groups for gradient in group.gradients]
    norms = torch.stack(torch._foreach_norm(gradients, 2, dtype=torch.float64))
    squares: dict[str, float] = {}
    for name, norm in zip(names, on_host([norms])[0].tolist(), strict=True):
        squares[name] = squares.get(name, 0.0) + norm**2
    return {node.name: squares[node.name] ** 0.5 for node in trainer.plan.nodes if node.name in squares}


def _dead_units(trainer: Observed) -> dict[str, DeadUnits]:
    """The dead units of each elementwise activation."""
    try:
        look = UnitHealth(samples=SAMPLES).prepare(trainer)
    except ValueError:  # no activation is elementwise: none of its units can be told to be dead
        return {}
    arrays = look()
    while look.more:
        arrays = look()
    counted = {name.removesuffix(".dead"): array for name, array in arrays.items() if name.endswith(".dead")}
    return {name: DeadUnits(int(array.sum()), len(array)) for name, array in counted.items()}
