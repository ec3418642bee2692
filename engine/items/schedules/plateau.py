"""A rate that is reduced when a metric stops improving."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.monitored import MonitoredMetric, falls
from glassnet.engine.items.plateau_rule import Plateau
from glassnet.engine.items.schedules import Following, Schedule, use
from glassnet.engine.items.schedules.constant import Level


class ReduceOnPlateau(Schedule):
    """Reduce on plateau: the rate is multiplied by a factor when a metric has stopped improving.

    The metric is measured at each epoch's end. An epoch counts as better where the metric passes the best so
    far by the threshold: a share of it, or an amount. More than `patience` epochs in a row that are not
    better reduce the rate; the `cooldown` epochs after that do not count. As in torch. The test set decides
    nothing: rates that follow it would make it part of the training.
    """

    kind: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    formula: ClassVar[str] = "η ← max(γ η, η_min) after more than `patience` epochs without a better metric"
    guide: ClassVar[Guide | None] = Guide(
        pros=("It falls when training needs it, not at a planned epoch.",),
        cons=(
            "The metric is noisy: with little patience it falls too early, with much too late.",
            "It must not follow the test set, which would then be part of the training.",
        ),
        use="Where it is not known how long training takes; with validation data.",
        example=Example(
            "The rate falls after the loss has been flat for as many epochs as the patience says.",
            preset="circle",
        ),
        tex=(r"\eta \leftarrow \max(\gamma\,\eta, \eta_{\min})",),
    )
    metric: MonitoredMetric = option("train_loss", "The loss or metric that it follows.")
    factor: float = option(0.1, "γ, the factor of each reduction.", gt=0, lt=1, live=True)
    patience: int = option(
        10, "Epochs without a better metric that are let pass.", unit="epochs", ge=0, le=10**6, live=True
    )
    threshold: float = option(
        1e-4, "By how much the best metric must be passed to count as better.", ge=0, lt=1, live=True
    )
    threshold_mode: Literal["relative", "absolute"] = option(
        "relative", "Whether the threshold is a share of the best metric, or an amount.", live=True
    )
    cooldown: int = option(
        0, "Epochs after a reduction that do not count.", unit="epochs", ge=0, le=10**6, live=True
    )
    min_rate: float = option(0.0, "η_min, the least rate.", ge=0, le=100, live=True)

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        if self.min_rate >= rate:
            return Problem(
                "/min_rate",
                f"{self.min_rate:g} is not below the rate {rate:g}: it never falls",
                Remedy.setting("Use 0", {"/min_rate": 0.0}),
            )
        # The first epoch is better than none before it; after one more than the patience, one is to follow.
        if self.patience + 2 < epochs:
            return None
        return Problem(
            "/patience",
            f"{self.patience:,} epochs are let pass, and there are {epochs:,}: the rate never falls",
            use("/patience", epochs // 5, "epochs") if epochs > 2 else None,
        )

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(Level)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return None

    def follows(self, steps_per_epoch: int) -> Following | None:
        return Following(self.metric, self.rule(), "/metric")

    def metric_call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return Call(
            "torch.optim.lr_scheduler.ReduceLROnPlateau",
            Name("optimizer"),
            mode="min" if falls(self.metric) else "max",
            factor=self.factor,
            patience=self.patience,
            threshold=self.threshold,
            threshold_mode="rel" if self.threshold_mode == "relative" else "abs",
            cooldown=self.cooldown,
            min_lr=self.min_rate,
        )

    def rule(self) -> Call:
        """The rule as a call, which scripts copy."""
        return Call(
            Plateau,
            falls(self.metric),
            self.factor,
            self.patience,
            self.threshold,
            self.threshold_mode == "relative",
            self.cooldown,
            self.min_rate,
        )
