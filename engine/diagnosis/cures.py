"""Cures: changes of an experiment that may end a trouble, each as a JSON patch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

from glassnet.engine.diagnosis import architecture, practice
from glassnet.engine.diagnosis.finding import Trouble
from glassnet.engine.errors import InvalidDocument, Patch
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan

CureKind = Literal[
    "relu",
    "leaky_relu",
    "residual",
    "batch_norm",
    "initializer",
    "smaller_rate",
    "larger_rate",
    "adam",
    "clip_norm",
    "weight_decay",
    "dropout",
    "l2",
    "l1",
    "augmentation",
    "early_stopping",
]

#: Every kind of cure; arrays of a study refer to them by their places here.
KINDS: tuple[CureKind, ...] = get_args(CureKind)

#: Makes the patch of a cure; None where the experiment has no place for it.
Make = Callable[[Experiment, Plan], list[dict[str, Any]] | None]

#: The label of each cure, and what makes its patch.
CURES: dict[CureKind, tuple[str, Make]] = {
    "relu": ("ReLU, with He's start", architecture.relu),
    "leaky_relu": ("Leaky ReLU", architecture.leaky_relu),
    "residual": ("Shortcuts (residual)", architecture.residual),
    "batch_norm": ("Batch norm", architecture.batch_norm),
    "initializer": ("Another start of the weights", architecture.initializer),
    "smaller_rate": ("A tenth of the learning rate", practice.smaller_rate),
    "larger_rate": ("Ten times the learning rate", practice.larger_rate),
    "adam": ("Adam", practice.adam),
    "clip_norm": ("Gradients clipped to norm 1", practice.clip_norm),
    "weight_decay": ("Weight decay", practice.weight_decay),
    "dropout": ("Dropout", architecture.dropout),
    "l2": ("L2 penalty", practice.l2),
    "l1": ("L1 penalty", practice.l1),
    "augmentation": ("Augmentation", practice.augmentation),
    "early_stopping": ("Early stopping", practice.early_stopping),
}

#: The cures that are tried for each trouble.
FOR: dict[Trouble, tuple[CureKind, ...]] = {
    "exploding": ("smaller_rate", "clip_norm", "initializer", "batch_norm", "weight_decay"),
    "dead_units": ("leaky_relu", "smaller_rate", "batch_norm", "clip_norm"),
    "vanishing": ("relu", "residual", "batch_norm", "initializer"),
    "stalled": ("initializer", "adam", "larger_rate", "smaller_rate", "batch_norm"),
    "overfitting": ("dropout", "l2", "l1", "augmentation", "early_stopping"),
}


class Cure(NamedTuple):
    """A change that may end a trouble: the label of its button, and an RFC 6902 patch of the experiment."""

    kind: CureKind
    label: str
    patch: Patch

    def document(self) -> dict[str, Any]:
        """The cure as JSON values."""
        return {"kind": self.kind, "label": self.label, "patch": list(self.patch)}


def cures_of(trouble: Trouble, experiment: Experiment) -> list[Cure]:
    """The cures of a trouble that the experiment has a place for."""
    plan = planner.plan(experiment)
    found = [(kind, CURES[kind]) for kind in FOR[trouble]]
    made = [(kind, label, make(experiment, plan)) for kind, (label, make) in found]
    return [Cure(kind, label, patch) for kind, label, patch in made if patch and _holds(experiment, patch)]


def _holds(experiment: Experiment, patch: Patch) -> bool:
    """Whether a patch gives another experiment that can be built."""
    try:
        changed = apply_patch(experiment, list(patch))
        planner.plan(changed)
    except InvalidDocument:
        return False
    return changed != experiment
