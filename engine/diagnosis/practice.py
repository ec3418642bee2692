"""Cures that change how a network is trained: the optimizer, penalties, clipping, stops, the pictures.

Each is the patch of an experiment, or None where it has no place there.
"""

from __future__ import annotations

from typing import Any

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.remedies import put, validation_share

Operations = list[dict[str, Any]]

#: How a rate is changed, to so many digits.
TENTH, DIGITS = 10.0, 3

#: Adam's rate: its publication's.
ADAM_RATE = 0.001

#: The strengths of penalties.
L2, L1, DECAY = 0.01, 0.001, 0.1

#: Epochs without an improvement that early stopping waits.
PATIENCE = 5

REGULARIZERS = "/training/regularizers/-"


def smaller_rate(experiment: Experiment, plan: Plan) -> Operations | None:
    """A tenth of each learning rate."""
    return _rates(experiment, 1 / TENTH)


def larger_rate(experiment: Experiment, plan: Plan) -> Operations | None:
    """Ten times each learning rate."""
    return _rates(experiment, TENTH)


def _rates(experiment: Experiment, factor: float) -> Operations:
    return [
        put(
            f"/training/updates/{index}/optimizer/learning_rate",
            float(f"{update.optimizer.learning_rate * factor:.{DIGITS}g}"),
        )
        for index, update in enumerate(experiment.training.updates)
    ]


def adam(experiment: Experiment, plan: Plan) -> Operations | None:
    """Adam for each update that has another optimizer."""
    return [
        put(f"/training/updates/{index}/optimizer", {"kind": "adam", "learning_rate": ADAM_RATE})
        for index, update in enumerate(experiment.training.updates)
        if update.optimizer.kind != "adam"
    ] or None


def clip_norm(experiment: Experiment, plan: Plan) -> Operations | None:
    """Gradients scaled down to norm 1 where they are longer."""
    return _regularizer(experiment, {"kind": "clip_norm"})


def weight_decay(experiment: Experiment, plan: Plan) -> Operations | None:
    """A share of each weight taken off at every step."""
    return _regularizer(experiment, {"kind": "weight_decay", "strength": DECAY})


def l2(experiment: Experiment, plan: Plan) -> Operations | None:
    """A penalty on squared weights."""
    return _regularizer(experiment, {"kind": "l2", "strength": L2})


def l1(experiment: Experiment, plan: Plan) -> Operations | None:
    """A penalty on the weights' magnitudes."""
    return _regularizer(experiment, {"kind": "l1", "strength": L1})


def _regularizer(experiment: Experiment, added: dict[str, Any]) -> Operations | None:
    """The regularizer added, where there is none of its kind."""
    if any(item.kind == added["kind"] for item in experiment.training.regularizers):
        return None
    return [put(REGULARIZERS, added)]


def augmentation(experiment: Experiment, plan: Plan) -> Operations | None:
    """Training pictures shifted and turned at random, where there are pictures and they are not yet."""
    if not isinstance(experiment.data, Images) or experiment.data.augmentations:
        return None
    return [put("/data/augmentations", [{"kind": "shift"}, {"kind": "rotate", "angle": 10}])]


def early_stopping(experiment: Experiment, plan: Plan) -> Operations | None:
    """An end where the validation loss no longer falls, and a share for validation where there is none."""
    if any(stop.kind == "early_stopping" for stop in experiment.training.stops):
        return None
    kept = [] if experiment.data.validation_count else validation_share().patch
    return [*kept, put("/training/stops/-", {"kind": "early_stopping", "patience": PATIENCE})]
