"""A session with all that a test wants to look at: its run directory, its clock, what it has sent."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import decode
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from tests.engine.experiments import mlp

Message = dict[str, Any]

SURFACE = {"kind": "surface", "resolution": 8}
PICTURES: list[Message] = [SURFACE, {"kind": "weights"}, {"kind": "confusion_matrix"}, {"kind": "samples"}]


class Clock:
    """A clock that moves on by a millisecond whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Recorder:
    """An outlet that keeps everything."""

    def __init__(self) -> None:
        self.texts: list[Message] = []
        self.frames: list[tuple[dict[str, str], dict[str, np.ndarray], bool]] = []

    def text(self, message: Message) -> None:
        self.texts.append(copy.deepcopy(message))

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        stamp, arrays = decode(data)
        assert stamp["key"] == key
        self.frames.append((stamp, arrays, scalar))

    def said(self, kind: str) -> list[Message]:
        return [message for message in self.texts if message["type"] == kind]

    def column(self, probe: str, series: str) -> list[float]:
        return [
            float(value)
            for stamp, arrays, _ in self.frames
            if stamp["probe"] == probe
            for value in arrays[series]
        ]


class Run:
    """A session with all that a test wants to look at."""

    def __init__(self, path: Path, experiment: Experiment, **options: Any) -> None:
        self.path = path
        self.clock, self.outlet = Clock(), Recorder()
        if not path.exists():
            RunDirectory.create(path, experiment, run=path.name).close()
        self.directory = RunDirectory.open(path)
        self.session = Session(self.directory, self.outlet, clock=self.clock, **options)
        self.numbers = itertools.count()

    def tell(self, type: str, **message: Any) -> Message:  # noqa: A002
        """Hand over a command; its answer, or nothing while there is none."""
        number = next(self.numbers)
        self.session.handle({"type": type, "id": number, **message})
        return self.answer(number)

    def answer(self, number: int) -> Message:
        return next((m for m in self.outlet.texts if m["type"] in ("ack", "error") and m["id"] == number), {})

    def step(self, steps: int) -> Message:
        self.tell("step", steps=steps)
        self.rest()
        return self.outlet.said("ack")[-1]

    def rest(self) -> None:
        """Advance until there is nothing to train."""
        for _ in range(10_000):
            if self.session.state != "training":
                return
            self.session.advance()
        raise AssertionError("still training")

    def edit(self, *patch: Message, revision: int | None = None) -> Message:
        current = self.session.revision if revision is None else revision
        return self.tell("edit", revision=current, patch=list(patch))

    @property
    def state(self) -> str:
        return self.session.state

    def reopened(self, **options: Any) -> Run:
        self.session.close()
        return Run(self.path, self.session.experiment, **options)


def replace(path: str, value: Any) -> Message:
    return {"op": "replace", "path": path, "value": value}


RATE = "/training/updates/0/optimizer/learning_rate"
DIVERGING = mlp(
    4,
    activation="identity",
    data={"kind": "regression_plane"},
    task={"kind": "regression", "losses": [{"kind": "mse"}]},
    optimizer={"kind": "sgd", "learning_rate": 100},
)
