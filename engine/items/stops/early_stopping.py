"""Early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.stops import Metrics, ReadMetric, Stop, spoken


class EarlyStopping(Stop):
    """Early stopping: ends the training when a metric has not improved for a while.

    A network that fits its training samples ever better may at the same time become worse on others. Losses
    and errors improve by falling, accuracy by rising. Only samples that are kept for validation can tell, as
    those of the test set must not decide anything. Prechelt 1998, Early stopping, but when?; Bishop 1995,
    section 9.2.4.
    """

    kind: Literal["early_stopping"] = "early_stopping"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "The number of epochs need not be guessed.",
            "It saves the steps that would overfit, and costs no more than evaluations.",
        ),
        cons=(
            "Samples that are kept for validation are not trained on.",
            "A noisy metric, or little patience, ends a training that would still have improved.",
        ),
        use="For networks with many weights for their samples, where the validation loss turns upwards.",
        example=Example(
            "The validation loss turns upwards, the training loss still falls: the run ends, and goes back.",
            preset="early-stopping",
        ),
        mistakes=(
            Mistake(
                "It prevents underfitting.",
                "Overfitting: it ends a training, so it can only make it shorter.",
            ),
            Mistake(
                "It may watch the test set: nothing is trained on it.",
                "What decides when to stop takes part in the choice of the weights: then no set is left "
                "that was not looked at.",
            ),
            Mistake(
                "It keeps the weights of the last step.",
                "Those are the ones after so many epochs without an improvement; the best came before.",
            ),
        ),
    )
    restores: ClassVar[bool] = True
    metric: ReadMetric = option(
        "validation_loss", "The metric that is to improve, of the validation or the training set."
    )
    patience: int = option(10, "Readings without an improvement that end the training.", ge=1, le=10**6)
    least_change: float = option(
        0.0, "What an improvement must exceed; smaller ones do not count.", ge=0, le=1e9
    )
    restore_best: bool = option(True, "Whether the weights of the best reading are loaded at the end.")

    def metrics(self) -> dict[str, str]:
        return {"/metric": self.metric}

    def problem(self, metrics: Metrics) -> tuple[str, str] | None:
        if metrics[self.metric] is None:
            return "/metric", f"'{self.metric}' becomes neither better nor worse; expected a loss or a score"
        return None

    def warning(self, readings: int, steps: int) -> Problem | None:
        if self.patience < readings:
            return None
        fitting = max(1, readings // 5)
        return Problem(
            "/patience",
            f"{self.patience:,} readings without an improvement end the training, and it has {readings:,}: "
            "it never ends early",
            Remedy.setting(f"Use {fitting:,}", {"/patience": fitting}) if readings > 1 else None,
        )

    def call(self, metrics: Metrics) -> Call:
        higher = bool(metrics[self.metric])
        return Call(Patience, self.metric, self.patience, least_change=self.least_change, higher=higher)

    def told(self, state: Mapping[str, float], metrics: Metrics, readings: str) -> str:
        verb = "risen" if metrics[self.metric] else "fallen"
        count = f"{self.patience:,} {readings if self.patience > 1 else readings.removesuffix('s')}"
        by = f" by more than {self.least_change:g}" if self.least_change else ""
        return f"{spoken(self.metric)} had not {verb}{by} for {count}"


class Patience:
    """Whether a metric has not improved for `patience` readings; `higher` where more of it is better."""

    def __init__(self, metric: str, patience: int, *, least_change: float, higher: bool) -> None:
        self.metric, self.patience, self.least_change = metric, patience, least_change
        self.sign = -1.0 if higher else 1.0
        self.state = {"best": math.inf, "best_step": -1.0, "waited": 0.0}

    def __call__(self, step: int, seconds: float, row: dict[str, float]) -> bool:
        if self.metric not in row:
            return False
        value = self.sign * row[self.metric]
        if self.state["best"] - value > self.least_change:
            self.state.update(best=value, best_step=float(step), waited=0.0)
        else:
            self.state["waited"] += 1
        return self.state["waited"] >= self.patience
