"""Target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.comparison import AT, Op, best_of, judged
from glassnet.engine.items.stops import Metrics, ReadMetric, Stop, spoken


class Target(Stop):
    """Target: ends the training when a metric compares with a number as stated.

    The comparison is a Condition on the rows so far: at the newest one, at the best, at a step, or at any
    step up to one. A training that is good enough needs no further steps, and one that has not come far
    enough at some step may as well be given up.
    """

    kind: Literal["target"] = "target"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A training that is good enough takes no further steps.",),
        cons=("The first row that reaches a number may do so by chance.",),
        use="To compare how many steps two trainings need to come equally far.",
        example=Example(
            "The run ends when the training loss is below 0.1.",
            preset="circle",
            changes={"/training/stops": [{"kind": "target", "value": 0.1}]},
        ),
    )
    metric: ReadMetric = option("train_loss", "The metric that is compared.")
    op: Op = option("<", "How it is compared.")
    value: float = option(0.05, "The number that it is compared with.", ge=-1e12, le=1e12)
    at: str = option(
        "end",
        "When: at the newest row (end), at the best so far (best), at a step (step 500), or at any step up "
        "to one (within 500).",
        pattern=AT,
    )

    def metrics(self) -> dict[str, str]:
        return {"/metric": self.metric}

    def problem(self, metrics: Metrics) -> tuple[str, str] | None:
        if self.at == "best" and metrics[self.metric] is None:
            return "/at", f"'{self.metric}' has no best number, as neither more nor less of it is better"
        return None

    def warning(self, readings: int, steps: int) -> Problem | None:
        kind, _, step = self.at.partition(" ")
        if kind != "step" or int(step) < steps:
            return None
        return Problem(
            "/at",
            f"it is compared at step {int(step):,}, and the training ends at step {steps:,}",
            Remedy.setting("Compare the newest row", {"/at": "end"}),
        )

    def call(self, metrics: Metrics) -> Call:
        falls = not metrics[self.metric]
        return Call(Reached, self.metric, self.op, self.value, at=self.at, falls=falls)

    def told(self, state: Mapping[str, float], metrics: Metrics, readings: str) -> str:
        return f"{spoken(self.metric)} was {state['judged']:.4g}, which is {self.op} {self.value:g}"


class Reached:
    """Whether a metric's rows so far compare with a number as stated; of them it keeps what can decide."""

    def __init__(self, metric: str, op: str, value: float, *, at: str, falls: bool) -> None:
        self.metric, self.op, self.value, self.at, self.falls = metric, op, value, at, falls
        kind, _, step = at.partition(" ")
        self.until = float(step) if kind == "step" else float("inf")
        self.state = {"step": -1.0, "number": 0.0, "best": 0.0, "judged": 0.0}

    def __call__(self, step: int, seconds: float, row: dict[str, float]) -> bool:
        state, number = self.state, row.get(self.metric)
        if number is not None and step <= self.until:
            before = [(state["step"], state["best"])] if state["step"] >= 0 else []
            best = best_of([*before, (step, number)], falls=self.falls)
            state.update(step=float(step), number=number, best=best)
        elif number is None and not step >= self.until:
            return False
        newest = state["best"] if self.at == "best" else state["number"]
        series = [(state["step"], newest)] if state["step"] >= 0 else []
        bounds = [(-1.0, self.value)]
        # Whether it would hold if the training ended here; but what is asked of a step waits for that.
        ended = not self.at.startswith("step")
        held, state["judged"] = judged(
            series, bounds, self.op, self.at, falls=self.falls, step=step, ended=ended
        )
        return held is True
