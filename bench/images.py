"""Networks of images: samples a second beside a bare PyTorch loop and ConvNetJS; the cost of watching.

*Watched* is one viewer with the page's whole demand for pictures: every map of the chosen sample at 10 Hz,
the weights, the metrics of the test set with its surest mistakes, the prediction, and one map's arithmetic.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from bench.compare import compare
from bench.training import bare_loop, digits_cnn, take_steps
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training.trainer import Trainer
from tools import node

HERE = Path(__file__).parent

#: Steps in one go of a contestant.
STEPS = 10

WATCHED: list[dict[str, Any]] = [
    {"kind": "progress"},
    {"kind": "evaluation"},
    {"kind": "activation_maps", "most": 64, "side": 64, "hz": 10},
    {"kind": "weights", "hz": 10},
    {"kind": "metrics", "hz": 2},
    {"kind": "examples", "most": 18, "hz": 2},
    {"kind": "prediction", "hz": 10},
    {"kind": "arithmetic", "map": 1, "hz": 5},
]


def main() -> Iterator[str]:
    """A line for each measurement."""
    for batch_size in (20, 128):
        trainer = Trainer(digits_cnn(batch_size))
        ours = partial(take_steps, trainer, STEPS)
        samples = STEPS * batch_size
        yield _line(f"digits CNN    batch {batch_size:<4}", trainer, samples)
        with _convnetjs(trainer) as theirs:
            result = compare(ours, partial(theirs, 100), rounds=5)
            rate = 100 / statistics.median(result.theirs)
            times = result.ratio * samples / 100
            yield f"              ConvNetJS   {rate:6.0f} samples/s   ours {times:.0f}× that"
    yield _line("CIFAR-shaped  batch 64  ", Trainer(cifar_shaped()), STEPS * 64)
    for name, experiment in (("digits CNN", digits_cnn(20)), ("CIFAR-shaped", cifar_shaped())):
        with tempfile.TemporaryDirectory() as folder:
            yield _watched(Path(folder), name, experiment)


def cifar_shaped() -> Experiment:
    """ConvNetJS's network for CIFAR-10, on pictures of its size: three convolutions of 5×5, each pooled."""
    nodes: list[dict[str, Any]] = []
    for filters in (16, 20, 20):
        nodes += [
            {"kind": "conv2d", "filters": filters, "kernel": 5, "padding": "same"},
            {"kind": "relu"},
            {"kind": "max_pool2d"},
        ]
    return Experiment.parse(
        {
            "data": {"kind": "shapes", "samples": 2000, "size": 32},
            "network": [*nodes, {"kind": "flatten"}, {"kind": "linear", "units": None}],
            "training": {
                "batch_size": 64,
                "updates": [{"optimizer": {"kind": "sgd", "learning_rate": 0.03}}],
            },
        }
    )


def _line(name: str, trainer: Trainer, samples: int) -> str:
    result = compare(partial(take_steps, trainer, STEPS), bare_loop(trainer, nn.CrossEntropyLoss(), STEPS))
    rate, bare = samples / statistics.median(result.ours), samples / statistics.median(result.theirs)
    return f"{name}  {rate:6.0f} samples/s   {result.ratio:.2f}× the bare loop's {bare:.0f} (at least 0.9)"


@contextmanager
def _convnetjs(trainer: Trainer) -> Iterator[Callable[[int], None]]:
    """Have ConvNetJS train on so many samples of the same data, in a process of its own."""
    samples = trainer.data.train
    work = {
        "batch": trainer.order.batch_size,
        "inputs": samples.inputs[:].reshape(len(samples), -1).tolist(),
        "targets": samples.targets.tolist(),
    }
    path, _ = node.find()
    process = subprocess.Popen(
        [path, HERE / "convnetjs.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answered = process.stdin, process.stdout

    def ask(line: str) -> None:
        asked.write(f"{line}\n")
        asked.flush()
        if not answered.readline():
            raise RuntimeError("ConvNetJS ended; is it installed? `make check` installs what node needs")

    try:
        ask(json.dumps(work))
        yield lambda count: ask(str(count))
    finally:
        process.kill()
        process.wait()


class _Stopwatch:
    """Processor seconds; it stands still while it is the other contestant's turn."""

    def __init__(self) -> None:
        self._before, self._since, self._runs = 0.0, 0.0, False

    def __call__(self) -> float:
        return self._before + (time.process_time() - self._since if self._runs else 0.0)

    def stop(self) -> None:
        self._before, self._runs = self(), False

    def start(self) -> None:
        self._since, self._runs = time.process_time(), True


class _Viewer:
    """Takes what a session sends, and counts it."""

    def __init__(self) -> None:
        self.pictures = self.size = 0

    def text(self, message: dict[str, Any]) -> None:
        if message["type"] in ("error", "unwatched"):
            raise RuntimeError(message["detail"])

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        self.pictures += not scalar
        self.size += len(data) * (not scalar)


def _watched(folder: Path, name: str, experiment: Experiment) -> str:
    """Samples a second of a session that is watched, beside one that nobody watches."""
    document = experiment.document()
    document["training"]["epochs"] = 10**6
    endless, viewer = Experiment.parse(document), _Viewer()
    clocks = {"watched": _Stopwatch(), "alone": _Stopwatch()}
    watched, alone = (
        Session(RunDirectory.create(folder / run, endless, run=run), outlet, clock=clocks[run])
        for run, outlet in (("watched", viewer), ("alone", _Viewer()))
    )
    watched.handle({"type": "watch", "probes": WATCHED})
    for session in (watched, alone):
        session.handle({"type": "play"})

    # Whole epochs: each ends with an evaluation, which must fall to both alike.
    epoch = watched.trainer.steps_per_epoch

    def train(session: Session, clock: _Stopwatch) -> None:
        clock.start()
        last = session.trainer.steps_taken + epoch
        while session.trainer.steps_taken < last:
            session.advance()
        clock.stop()

    result = compare(
        partial(train, watched, clocks["watched"]),
        partial(train, alone, clocks["alone"]),
        clock=time.process_time,
    )
    seconds, each = clocks["watched"](), viewer.size / max(1, viewer.pictures) / 1024
    for session in (watched, alone):
        session.close()
    samples = epoch * experiment.training.batch_size
    return (
        f"{name:<13} watched   {samples / statistics.median(result.ours):6.0f} samples/s   "
        f"{result.ratio:.0%} of {samples / statistics.median(result.theirs):.0f} unwatched (at least 75%); "
        f"{viewer.pictures / seconds:.0f} pictures/s of {each:.1f} KiB"
    )
