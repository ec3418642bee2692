"""Conditions, against closed forms: every comparison, at every time, of every series."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.condition import Condition, evaluate
from glassnet.engine.items.comparison import Series, judged
from glassnet.engine.items.probe import Probe
from glassnet.engine.notebook.runs import load_run
from glassnet.engine.run.recorded_run import RecordedRun
from tests.engine.test_stops import EARLY, overfitting, played

COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "≤": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "≥": lambda a, b: a >= b,
}


@dataclass
class Run:
    """What a test says that a run has recorded."""

    rows: dict[str, Series]
    step: int = 100
    ended: bool = True
    parameters: int = 7
    pictures: dict[str, Series] = field(default_factory=dict)

    @property
    def metrics(self) -> Mapping[str, bool | None]:
        return {name: None if "rate" in name else "accuracy" in name for name in self.rows}

    def series(self, metric: str) -> Series:
        return self.rows[metric]

    def numbers(self, probe: Probe, array: str, index: tuple[int, ...]) -> Series:
        if array not in self.pictures:
            raise ValueError(f"no array '{array}'; expected one of {', '.join(self.pictures)}")
        return self.pictures[array]


LOSS: Series = [(0, 1.0), (10, 0.4), (20, 0.2), (30, 0.3)]


def said(run: Run, others: dict[str, Run] | None = None, **condition: Any) -> tuple[bool | None, float]:
    found = evaluate(Condition.parse({"metric": "loss", "op": "<", "value": 0.25} | condition), run, others)
    return found.held, found.number


@pytest.mark.parametrize("op", COMPARED)
def test_at_the_end_the_newest_number_decides_ties_among_them(op: str) -> None:
    for value in (0.2, 0.3, 0.4):
        assert said(Run({"loss": LOSS}), op=op, value=value) == (COMPARED[op](0.3, value), 0.3)
    assert said(Run({"loss": LOSS}, ended=False), op=op) == (None, 0.3)


def test_best_is_the_least_of_losses_and_the_greatest_of_accuracies() -> None:
    run = Run({"loss": LOSS, "accuracy": [(0, 0.5), (10, 0.9), (20, 0.8)], "rate": [(0, 0.1)]})
    assert said(run, at="best") == (True, 0.2)
    assert said(run, at="best", value=0.2) == (False, 0.2)
    assert said(run, metric="accuracy", op="≥", value=0.9, at="best") == (True, 0.9)
    with pytest.raises(InvalidDocument, match="neither more nor less") as refused:
        said(run, metric="rate", at="best")
    assert refused.value.problems[0].pointer == "/at"


def test_a_best_that_can_only_become_better_is_judged_before_the_end() -> None:
    run = Run({"loss": LOSS}, ended=False)
    assert said(run, at="best") == (True, 0.2)
    assert said(run, at="best", value=0.1) == (None, 0.2)
    # What is never to fall so low is broken for good once it does, and kept only at the end.
    assert said(run, at="best", op=">", value=0.25) == (False, 0.2)
    assert said(run, at="best", op=">", value=0.1) == (None, 0.2)
    assert said(Run({"loss": LOSS}), at="best", op=">", value=0.1) == (True, 0.2)


def test_at_a_step_the_newest_number_up_to_it_decides_once_the_run_is_there() -> None:
    for step, expected in [(19, (None, 0.4)), (20, (None, 0.2)), (25, (True, 0.2)), (30, (True, 0.2))]:
        rows = [row for row in LOSS if row[0] <= step]
        assert said(Run({"loss": rows}, step=step, ended=False), at="step 25") == expected
    assert said(Run({"loss": LOSS}, step=30), at="step 500") == (False, 0.3)


def test_within_a_step_any_number_up_to_it_decides_as_soon_as_it_holds() -> None:
    run = Run({"loss": LOSS}, step=30, ended=False)
    assert said(run, at="within 20") == (True, 0.2)
    assert said(run, at="within 19") == (False, 0.4)
    assert said(run, at="within 40", value=0.1) == (None, 0.3)
    assert said(Run({"loss": LOSS}, step=30), at="within 40", value=0.1) == (False, 0.3)


@pytest.mark.parametrize("at", ["end", "best", "step 5", "within 5"])
@pytest.mark.parametrize("op", COMPARED)
def test_of_no_rows_nothing_holds_and_before_the_end_nothing_is_said(op: str, at: str) -> None:
    empty: list[Series] = [[], [(0, math.nan)]]
    for rows in empty:
        for ended, expected in ((False, None), (True, False)):
            held, number = said(Run({"loss": rows}, step=0, ended=ended), op=op, at=at)
            assert held is expected
            assert math.isnan(number)


@pytest.mark.parametrize("op", COMPARED)
def test_nan_satisfies_nothing_and_is_no_best(op: str) -> None:
    run = Run({"loss": [(0, 0.3), (10, math.nan)]})
    assert said(run, op=op)[0] is False
    assert said(run, op=op, at="best") == (COMPARED[op](0.3, 0.25), 0.3)
    assert said(run, op=op, at="within 10")[0] is COMPARED[op](0.3, 0.25)


def test_another_number_is_read_at_the_same_time_of_the_run_that_is_named() -> None:
    runs = {"a": Run({"loss": LOSS}), "b": Run({"loss": [(0, 1.0), (10, 0.1), (20, 0.5)]})}
    than = {"metric": "loss", "of": "b", "times": 0.5}
    named: dict[str, Any] = {"of": "a", "value": None, "than": than}
    assert said(runs["a"], runs, **named) == (False, 0.3)
    assert said(runs["a"], runs, **named, at="step 25") == (True, 0.2)
    assert said(runs["a"], runs, **named, at="best") == (False, 0.2)
    assert said(runs["a"], runs, **named, at="within 19") == (False, 0.4)
    assert said(runs["a"], runs, **named, at="within 20") == (True, 0.2)
    runs["b"].ended = False
    assert said(runs["a"], runs, **named)[0] is None


def test_arrays_of_probes_and_parameters_are_compared_too() -> None:
    run = Run({"loss": LOSS}, ended=False, pictures={"counts": [(0, 1.0), (10, 4.0)]})
    probe: dict[str, Any] = {
        "metric": None,
        "probe": {"kind": "confusion_matrix"},
        "array": "counts",
        "index": [0, 1],
    }
    assert said(run, **probe, op=">", value=3, at="within 10") == (True, 4.0)
    assert said(run, metric=None, parameters=True, value=8) == (True, 7.0)
    other = {"parameters": True, "of": "b"}
    condition = {"metric": None, "parameters": True, "value": None, "than": other, "op": "≥"}
    assert said(run, {"b": Run({}, parameters=7)}, **condition) == (True, 7.0)
    with pytest.raises(InvalidDocument, match="no array 'sums'; expected one of counts"):
        said(run, **{**probe, "array": "sums"})


def test_both_spellings_of_a_comparison_are_read_and_one_is_stored() -> None:
    for spelling, stored in (("<=", "≤"), (">=", "≥"), ("<", "<"), ("≥", "≥")):
        condition = Condition.parse({"metric": "loss", "op": spelling, "value": 1})
        assert condition.op == stored
        assert Condition.parse(json.loads(condition.model_dump_json())) == condition


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"op": "=="}, "/op", "'=='; expected '<', '≤', '>' or '≥'"),
        ({"op": None}, "/op", "expected"),
        ({"at": "step 0"}, "/at", "'step 0'; expected"),
        ({"at": "later"}, "/at", "'later'; expected"),
        ({"value": None}, "", "expected either 'value' or 'than'"),
        ({"than": {"metric": "loss"}}, "", "expected either 'value' or 'than'"),
        ({"metric": None}, "", "expected one of metric, probe and parameters, not none"),
        ({"parameters": True}, "", "not metric and parameters"),
        ({"array": "counts"}, "", "expected a probe and one of its arrays together"),
        ({"index": [0]}, "", "expected a probe and one of its arrays together"),
        ({"value": None, "than": {"times": 2}}, "/than", "not none"),
        ({"value": "much"}, "/value", "'much'; expected a number"),
        ({"colour": 1}, "/colour", "unknown field"),
    ],
)
def test_a_condition_that_says_nothing_is_refused_where_it_is_wrong(
    changed: dict[str, Any], pointer: str, said: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        Condition.parse({"metric": "loss", "op": "<", "value": 1} | changed)
    assert refused.value.problems[0].pointer == pointer
    assert said in refused.value.problems[0].message


def test_what_is_not_recorded_is_refused_with_what_is() -> None:
    run = Run({"train_loss": LOSS, "test_loss": LOSS})
    with pytest.raises(InvalidDocument) as refused:
        said(run, metric="train_los")
    (problem,) = refused.value.problems
    assert problem.pointer == "/metric"
    assert "did you mean 'train_loss'?" in problem.message
    assert "expected one of train_loss, test_loss" in problem.message
    than = {"metric": "train_loss", "of": "c"}
    with pytest.raises(InvalidDocument, match="no run 'c'; expected one of a") as refused:
        said(run, {"a": run}, metric="train_loss", value=None, than=than)
    assert refused.value.problems[0].pointer == "/than/of"


def test_a_verdict_once_said_stays_as_more_is_recorded() -> None:
    """Over all short series: what is judged of a part is what is judged of the whole."""
    times = ("end", "best", "step 2", "within 2")
    for numbers in itertools.product((0.1, 0.3, math.nan), repeat=4):
        rows = [(float(step), number) for step, number in enumerate(numbers)]
        for op, at, falls in itertools.product(COMPARED, times, (True, False)):
            last = judged(rows, [(-1, 0.2)], op, at, falls=falls, step=3, ended=True)[0]
            for end in range(len(rows)):
                held, _ = judged(rows[: end + 1], [(-1, 0.2)], op, at, falls=falls, step=end, ended=False)
                assert held is None or held == last, (numbers, op, at, falls, end)


def test_a_condition_is_judged_on_the_rows_that_led_to_where_a_run_stands(tmp_path: Path) -> None:
    run = played(tmp_path / "run", overfitting(EARLY))
    run.session.close()
    reason, recorded = run.session.reason, load_run(tmp_path / "run")
    assert reason is not None
    best = recorded.judge({"metric": "validation_loss", "op": "<", "value": 10, "at": "best"})
    end = recorded.judge({"metric": "validation_loss", "op": "≤", "value": best.number})
    assert best.held is end.held is True, "it ended in the state with the least loss"
    assert recorded.judge({"parameters": True, "op": "<", "value": 100}) == (True, 82.0)
    steps = [step for step, _ in RecordedRun(recorded.directory).series("validation_loss")]
    assert (steps[0], max(steps)) == (0, reason["restored"])
    with pytest.raises(InvalidDocument, match="unknown metric"):
        recorded.judge({"metric": "loss", "op": "<", "value": 1})
