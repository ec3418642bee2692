"""Studies side by side: each gets on, each is cancelled within one yield, each fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from pydantic import Field

from glassnet.engine.frame import decode
from glassnet.engine.probes import Arrays
from glassnet.engine.run import study_runner
from glassnet.engine.run.study_runner import FRAMES_EVERY, StudyRunner
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp


class Counting(FreeStudy):
    """Counts to `most`, and says at the end that it was closed."""

    most: int = 3
    fails_at: int = -1
    with_error: str = "value"
    closed: list[str] = Field(default_factory=list)

    def compute(self) -> Iterator[StudyFrame]:
        try:
            for number in range(self.most):
                if number == self.fails_at:
                    raise ERRORS[self.with_error]
                yield StudyFrame(
                    (number + 1) / self.most, {"count": torch.tensor([number], dtype=torch.int32)}
                )
        finally:
            self.closed.append(self.kind)


class Weighing(NetworkStudy):
    """Says where the trainer stands, and trains it a step."""

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        trainer.step()
        yield StudyFrame(1.0, {"step": torch.tensor([trainer.steps_taken], dtype=torch.int32)})


class Wrong(FreeStudy):
    """Shows what no frame can carry."""

    def compute(self) -> Iterator[StudyFrame]:
        yield StudyFrame(0.5, {"count": torch.tensor([1])})


ERRORS: dict[str, Exception] = {
    "value": ValueError("the options do not fit; expected others"),
    "memory": MemoryError(),
    "torch": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes\nmore"),
    "ours": ZeroDivisionError("division by zero"),
    "device": torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
}


class Stage:
    """What is shown, in the order in which it would be sent."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, Any]] = []
        self._waiting: dict[str, bytes] = {}

    def text(self, message: dict[str, Any]) -> None:
        self.shown.append(("text", message))

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        assert not scalar
        self._waiting[key] = data

    def settle(self, key: str) -> None:
        self.shown.append(("frame", decode(self._waiting.pop(key)))) if key in self._waiting else None

    @property
    def words(self) -> list[dict[str, Any]]:
        return [what for how, what in self.shown if how == "text" and what["type"] == "study"]

    @property
    def frames(self) -> list[tuple[dict[str, str], Arrays]]:
        return [what for how, what in self.shown if how == "frame"]

    def state(self, number: int) -> str:
        return str([word["state"] for word in self.words if word["number"] == number][-1])


Begin = Callable[..., None]


@pytest.fixture
def stage() -> Stage:
    return Stage()


class Clock:
    """A millisecond passes whenever somebody looks."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(stage: Stage, clock: Clock) -> StudyRunner:
    return StudyRunner(stage, clock=clock)


@pytest.fixture
def begin(bench: StudyRunner, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Hands a study of this file to the bench, as if the catalogue had it."""

    def handed(number: int, study: Study, **fields: Any) -> None:
        monkeypatch.setattr(study_runner, "parse_study", lambda document: study)
        bench.handle({"type": "study", "number": number, "key": f"key{number}", "study": {}, **fields})

    return handed


def test_a_study_ends_with_its_last_sight_and_then_its_last_word(
    bench: StudyRunner, stage: Stage, begin: Begin
) -> None:
    begin(1, Counting(kind="a"), first=40)
    while bench.advance() is not None:
        pass
    assert bench.advance() is None
    assert [word["state"] for word in stage.words] == ["running", "running", "done"]
    (metadata, arrays), last = stage.frames[-1], stage.shown[-1]
    assert arrays["count"].tolist() == [2]
    assert last[1]["state"] == "done"
    assert (metadata["probe"], metadata["key"], metadata["done"]) == ("a", "key1", "1.0")
    assert int(metadata["seq"]) > 40


def test_studies_take_turns_and_all_get_on(
    bench: StudyRunner, clock: Clock, begin: Begin, stage: Stage
) -> None:
    for number in (1, 2, 3):
        begin(number, Counting(kind=f"s{number}", most=10**6))
    turns = []
    for _ in range(9):
        bench.advance()
        turns.append([what["number"] for how, what in stage.shown if what["type"] == "turn"][-1])
    assert turns == [1, 2, 3] * 3


def test_cancelling_takes_one_yield_and_the_study_tidies_up(
    bench: StudyRunner, begin: Begin, stage: Stage
) -> None:
    study = Counting(kind="long", most=10**9)
    begin(1, study)
    begin(2, Counting(kind="other", most=2))
    bench.advance()
    bench.handle({"type": "cancel", "number": 1})
    assert study.closed == ["long"]
    assert stage.state(1) == "cancelled"
    while bench.advance() is not None:
        pass
    assert stage.state(2) == "done"
    bench.handle({"type": "cancel", "number": 1})
    bench.handle({"type": "cancel", "number": 77})
    assert [word["state"] for word in stage.words].count("cancelled") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("value", "the options do not fit; expected others"),
        ("memory", "out of memory: the worker may not allocate as much as it wanted"),
        (
            "torch",
            "out of memory: [enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes",
        ),
        ("ours", "an error in Glassnet: ZeroDivisionError: division by zero"),
    ],
)
def test_a_study_that_fails_says_why_and_fails_alone(
    bench: StudyRunner, begin: Begin, stage: Stage, error: str, words: str
) -> None:
    begin(1, Counting(kind="bad", most=9, fails_at=2, with_error=error))
    begin(2, Counting(kind="good"))
    while bench.advance() is not None:
        pass
    assert (stage.state(1), stage.state(2)) == ("failed", "done")
    assert [word["detail"] for word in stage.words if word["state"] == "failed"] == [words]
    # What it had found until then is shown.
    found = [arrays for metadata, arrays in stage.frames if metadata["key"] == "key1"]
    assert found[-1]["count"].tolist() == [1]


def test_a_failed_device_ends_the_worker_and_not_the_study_alone(bench: StudyRunner, begin: Begin) -> None:
    """Nothing else in this process could use the device; the server begins the others again elsewhere."""
    begin(1, Counting(kind="lost", fails_at=0, with_error="device"))
    with pytest.raises(torch.AcceleratorError, match="illegal memory access"):
        bench.advance()


def test_what_no_frame_can_carry_fails_that_study(bench: StudyRunner, begin: Begin, stage: Stage) -> None:
    begin(1, Wrong(kind="wrong"))
    while bench.advance() is not None:
        pass
    assert stage.state(1) == "failed"
    assert "int64" in stage.words[-1]["detail"]


def test_a_study_that_yields_faster_than_anybody_sees_sends_no_more_than_that(
    bench: StudyRunner, begin: Begin, stage: Stage, clock: Clock
) -> None:
    begin(1, Counting(kind="quick", most=1000))
    seconds = 0.0
    while bench.advance() is not None:
        stage.settle("key1")
        seconds = clock.now
    assert 2 < len(stage.frames) <= seconds / FRAMES_EVERY + 2
    assert stage.frames[-1][1]["count"].tolist() == [999]
    numbers = [int(metadata["seq"]) for metadata, _ in stage.frames]
    assert numbers == list(range(len(numbers)))


def test_a_network_study_gets_a_trainer_of_its_own_that_stands_where_it_was_told(
    bench: StudyRunner, begin: Begin, stage: Stage
) -> None:
    document = mlp(4).document()
    subject = {
        "run": "abc",
        "life": 3,
        "revision": 5,
        "experiment": document,
        "folder": "",
        "checkpoint": None,
    }
    begin(1, Weighing(kind="weighing"), subject=subject)
    while bench.advance() is not None:
        pass
    (metadata, arrays) = stage.frames[-1]
    assert arrays["step"].tolist() == [1]
    assert [metadata[name] for name in ("run", "life", "revision", "step")] == ["abc", "3", "5", "0"]


def test_a_network_study_without_a_network_fails_with_words(
    bench: StudyRunner, begin: Begin, stage: Stage
) -> None:
    begin(1, Weighing(kind="weighing"))
    while bench.advance() is not None:
        pass
    assert "expected a run to look at" in stage.words[-1]["detail"]
    begin(2, Weighing(kind="weighing"), subject={"snapshot": "/nowhere/s.safetensors"})
    assert "no snapshot" in stage.words[-1]["detail"]


def test_closing_ends_all_of_them_where_they_stand(bench: StudyRunner, begin: Begin) -> None:
    studies = [Counting(kind=f"s{number}", most=10**9) for number in range(3)]
    for number, study in enumerate(studies):
        begin(number, study)
    for _ in range(3):
        bench.advance()
    bench.close()
    assert bench.advance() is None
    assert studies[0].closed == ["s0"]
