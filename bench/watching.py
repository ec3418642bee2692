"""What watching gradient flow and histograms costs: steps a second watched at 10 Hz, against steps alone.

Two sessions train the same network in turns, in seconds of this process's own time, so that other processes
cost neither. One of them is watched: it records updates, makes frames of both probes, and writes some down.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session

#: Looks a second, the seconds of a turn, and the turns of either.
HZ, SECONDS, ROUNDS = 10.0, 0.4, 15

#: Networks by name: data, hidden units, batch size, and the most that watching may cost.
NETWORKS: dict[str, tuple[dict[str, Any], list[int], int, float]] = {
    "2-8-8-8-1": ({"kind": "spiral"}, [8, 8, 8], 10, 0.15),
    "784-256-128-10": ({"kind": "gratings", "size": 28, "samples": 1000}, [256, 128], 64, 0.08),
}

#: What is watched.
PROBES = [{"kind": kind, "hz": HZ} for kind in ("gradient_flow", "histograms")]


class Frames:
    """An outlet that counts frames of pictures."""

    def __init__(self) -> None:
        self.count = 0

    def text(self, message: dict[str, Any]) -> None:
        """Drop a message. Raises ValueError where it is a refusal."""
        if message["type"] in ("error", "unwatched"):
            raise ValueError(message)

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """Count a frame."""
        self.count += not scalar


def main() -> Iterator[str]:
    """A line for each network: steps and frames a second, the share that watching costs, and what it may."""
    for name, (data, hidden, batch_size, most) in NETWORKS.items():
        alone, frames, cost = measured(_experiment(data, hidden, batch_size))
        yield (
            f"watched    {name:<15} {alone:6.0f} steps/s; with {frames:.0f} frames/s {cost:.1%} fewer "
            f"(at most {most:.0%})"
        )


def measured(experiment: Experiment) -> tuple[float, float, float]:
    """Steps a second alone, frames a second watched, and the share of steps that it costs: medians."""
    with tempfile.TemporaryDirectory() as folder:
        plain, watched = (_playing(Path(folder) / name, experiment) for name in ("plain", "watched"))
        session, outlet = watched
        session.handle({"type": "watch", "probes": PROBES})
        for each, _ in (plain, watched):
            _rate(each, SECONDS / 2)
        before = outlet.count
        turns = [(_rate(plain[0], SECONDS), _rate(session, SECONDS)) for _ in range(ROUNDS)]
        frames = (outlet.count - before) / (ROUNDS * SECONDS)
        for each, _ in (plain, watched):
            each.close()
    return (
        statistics.median(alone for alone, _ in turns),
        frames,
        1 - statistics.median(seen / alone for alone, seen in turns),
    )


def _playing(path: Path, experiment: Experiment) -> tuple[Session, Frames]:
    """A session that trains, and what it sends to."""
    RunDirectory.create(path, experiment, run=path.name).close()
    outlet = Frames()
    session = Session(RunDirectory.open(path), outlet, clock=time.process_time)
    session.handle({"type": "play"})
    return session, outlet


def _rate(session: Session, seconds: float) -> float:
    """Steps a second."""
    before, start = session.trainer.steps_taken, time.process_time()
    while time.process_time() - start < seconds:
        session.advance()
    return (session.trainer.steps_taken - before) / (time.process_time() - start)


def _experiment(data: dict[str, Any], hidden: list[int], batch_size: int) -> Experiment:
    layers = [node for units in hidden for node in ({"kind": "linear", "units": units}, {"kind": "relu"})]
    return Experiment.parse(
        {
            "data": data,
            "network": [{"kind": "flatten"}, *layers, {"kind": "linear", "units": None}],
            "training": {
                "batch_size": batch_size,
                "epochs": 100_000,
                "updates": [{"optimizer": {"kind": "sgd", "learning_rate": 0.001}}],
            },
        }
    )
