"""An hour at full speed, simulated: what the journal takes on disk, and how long it takes to open."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory

#: Rows of `progress` in a second of a small network, and seconds.
RATE, HOUR = 2300, 3600

STARTED = {"data": {"kind": "spiral"}}

#: What a run's journal may take, and seconds in which it opens.
MOST_BYTES, MOST_SECONDS = 64 << 20, 1.0


def main() -> Iterator[str]:
    """Disk, memory and the time to open after 1, 10 and 60 minutes; raises where a bound is passed."""
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        directory = RunDirectory.create(Path(folder) / "run", Experiment.parse(STARTED), run="run")
        for second in range(HOUR):
            _write(directory, second, chance.random(RATE))
            if second + 1 in (60, 600, HOUR):
                yield _measured(directory, second + 1)


def _write(directory: RunDirectory, second: int, losses: np.ndarray) -> None:
    steps = range(second * RATE, (second + 1) * RATE)
    rows = [
        {"step": step * 20, "epoch": step / 5, "batch_loss": loss, "learning_rate": 0.01}
        for step, loss in zip(steps, losses.tolist(), strict=True)
    ]
    for start in range(0, RATE, RATE // 20):
        directory.append_rows("progress", rows[start : start + RATE // 20])
    measured = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    ends = [{**dict.fromkeys(measured, row["batch_loss"]), **_place(row)} for row in rows[::5]]
    directory.append_rows("evaluation", ends)


def _place(row: dict[str, float]) -> dict[str, float]:
    return {"step": row["step"], "epoch": row["epoch"]}


def _measured(directory: RunDirectory, seconds: int) -> str:
    size = sum(path.stat().st_size for path in directory.path.rglob("*") if path.is_file())
    began = time.perf_counter()
    reader = RunDirectory.open(directory.path)
    last = reader.last_row("progress")
    opened = time.perf_counter() - began
    seen = reader.overview("progress", 6000)
    drawn = time.perf_counter() - began - opened
    assert size <= MOST_BYTES, f"{size:,} bytes"
    assert opened < MOST_SECONDS, f"{opened:.2f} s"
    assert last.next == seen.next == seconds * RATE, "a row at the end is missing"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return (
        f"{seconds // 60:>2} min: {seconds * RATE:>9,} rows, {size / 1e6:4.1f} MB on disk; opened in "
        f"{opened:.3f} s, an overview of {seen.count:,} rows in {drawn:.2f} s; {memory} MiB at most"
    )
