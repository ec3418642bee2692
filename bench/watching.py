"""What watching gradient flow and histograms costs: steps a second watched at 10 Hz, against steps alone.

Both train the same network in turns, in seconds of this process's own time, so that other processes cost
neither. The watched one records its updates, looks at both probes ten times a second and encodes the frames.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import encode
from glassnet.engine.probes.gradient_flow import GradientFlow
from glassnet.engine.probes.histograms import Histograms
from glassnet.engine.training.trainer import Trainer

#: Looks a second, the seconds of a turn, and the turns of either.
HZ, SECONDS, ROUNDS = 10, 0.6, 7

#: Networks by name: data, hidden units, batch size, and the most that watching may cost.
NETWORKS: dict[str, tuple[dict[str, Any], list[int], int, float]] = {
    "2-8-8-8-1": ({"kind": "spiral"}, [8, 8, 8], 10, 0.15),
    "784-256-128-10": ({"kind": "gratings", "size": 28, "samples": 1000}, [256, 128], 64, 0.08),
}

Watch = Callable[[], None]


def main() -> Iterator[str]:
    """A line for each network: steps a second alone, the share that watching costs, and what it may."""
    for name, (data, hidden, batch_size, most) in NETWORKS.items():
        alone, cost = measured(_experiment(data, hidden, batch_size))
        yield f"watched    {name:<15} {alone:6.0f} steps/s, at 10 Hz {cost:.1%} fewer (at most {most:.0%})"


def measured(experiment: Experiment) -> tuple[float, float]:
    """Steps a second alone, and the share of them that watching costs: medians over turns."""
    plain, watched = Trainer(experiment), Trainer(experiment)
    look = watching(watched)
    for trainer, watch in ((plain, None), (watched, look)):
        _rate(trainer, watch, SECONDS / 2)
    turns = [(_rate(plain, None, SECONDS), _rate(watched, look, SECONDS)) for _ in range(ROUNDS)]
    return (
        statistics.median(alone for alone, _ in turns),
        1 - statistics.median(seen / alone for alone, seen in turns),
    )


def watching(trainer: Trainer) -> Watch:
    """A look at both probes, frames included; from now on the trainer records its updates."""
    trainer.record_updates(True)
    looks = [probe.prepare(trainer) for probe in (GradientFlow(), Histograms())]

    def watch() -> None:
        for look in looks:
            encode({}, look())

    return watch


def _rate(trainer: Trainer, watch: Watch | None, seconds: float) -> float:
    """Steps a second, with a look every tenth of a second where there is one."""
    steps, start = 0, time.process_time()
    due = start
    while (now := time.process_time()) - start < seconds:
        if watch is not None and now >= due:
            watch()
            due = now + 1 / HZ
        for _ in range(5):
            trainer.step()
        steps += 5
    return steps / (time.process_time() - start)


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
