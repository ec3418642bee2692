"""The metrics that training may decide by: of the training or the validation set, never of the test set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

#: Those of the tasks here.
MONITORED = [
    f"{part}_{metric}"
    for metric in ("loss", "accuracy", "absolute_error")
    for part in ("train", "validation")
]

#: A set and a loss or metric of it: `train_loss`, `validation_accuracy`, `validation_absolute_error`, …
MonitoredMetric = Annotated[
    str,
    Field(
        pattern=r"^(train|validation)_[a-z][a-z0-9_]*$",
        max_length=100,
        examples=MONITORED,
        json_schema_extra={
            "expected": "a loss or metric of the training or the validation set, such as train_loss; "
            "the test set decides nothing"
        },
    ),
]


def set_of(metric: str) -> str:
    """The set that a metric is measured on: `train` or `validation`."""
    return metric.partition("_")[0]


def is_loss(metric: str) -> bool:
    """Whether a metric of a set is its loss, or one of its losses: `train_loss`, `train_loss_NAME`."""
    name = metric.partition("_")[2]
    return name == "loss" or name.startswith("loss_")


def falls(metric: str) -> bool:
    """Whether less of a metric is better: of losses and errors, not of accuracies."""
    return is_loss(metric) or "_error" in metric
