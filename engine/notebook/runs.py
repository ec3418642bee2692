"""Runs in a notebook: training to the end in one call, and reading of run directories."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch

from glassnet.engine.catalog.shown import Shown
from glassnet.engine.errors import CheckpointError, RunDirectoryError
from glassnet.engine.experiment.condition import Condition, Verdict, evaluate
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.places import DATA_DIR
from glassnet.engine.notebook.own_tensors import recall, store
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.recorded_run import RecordedRun
from glassnet.engine.run.session import Session
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.training.device import asked_for
from glassnet.engine.training.trainer import Trainer

#: The default folder of runs, and that of downloaded data sets and uploads.
RUNS, BLOBS = DATA_DIR / "runs", DATA_DIR / "blobs"

#: Rows that are read from a journal at a time.
PAGE = 10_000

#: The callback for a run's status: step, epoch, metrics, samples a second (see docs/service.md, status).
Report = Callable[[dict[str, Any]], None]


class Run(Shown):
    """A run on disk, for reading: its experiment, metrics, and trained network.

    A notebook displays its losses and its network. Attributes are read from disk on each access, so that a
    run that is still training in another process can be used as well.

        run = glassnet.load_run("runs/spiral")
        run.metrics["test_loss"]
        columns = run.rows("evaluation")  # {"step": float64 (rows,), "train_loss": float32 (rows,), …}
        trainer = run.trainer()  # in the state of the newest checkpoint

    Raises RunDirectoryError where there is no run directory.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.directory = RunDirectory.open(self.path)
        recall(self.path)

    @property
    def experiment(self) -> Experiment:
        """The experiment with all edits."""
        return self.directory.experiment()

    @property
    def state(self) -> str:
        """The state: paused, finished, failed, stopped; training while another process trains it."""
        event = self.directory.last_event("state")
        return "paused" if event is None else str(event["state"])

    @property
    def reason(self) -> dict[str, Any] | None:
        """The reason of a state that was not requested: title, detail, …; else None."""
        event = self.directory.last_event("state") or {}
        return event.get("reason")

    @property
    def metrics(self) -> dict[str, float]:
        """The last evaluation: train_loss, test_loss, test_accuracy, …; empty before the first."""
        columns = self.directory.last_row("evaluation").columns
        return {name: float(values[-1]) for name, values in columns.items() if len(values)}

    @property
    def checkpoints(self) -> list[str]:
        """The names of the checkpoints, the furthest last."""
        return [info.name for info in sorted(self.directory.checkpoints(), key=lambda info: info.age)]

    def rows(self, probe: str = "evaluation") -> dict[str, np.ndarray]:
        """All rows of `evaluation` or `progress`: float64 `step`, `epoch`, float32 series, each (rows,)."""
        pages, start = [], 0
        while (page := self.directory.rows(probe, start, PAGE)).count:
            pages.append(page.columns)
            start = page.next
        names = dict.fromkeys(name for page in pages for name in page)
        return {name: np.concatenate([_column(page, name) for page in pages]) for name in names}

    def judge(self, condition: dict[str, Any]) -> Verdict:
        """Whether a condition holds of the run (None: it cannot be said yet), and the number it is judged by.

            run.judge({"metric": "test_accuracy", "op": ">", "value": 0.9, "at": "within 500"}).held

        Raises InvalidDocument where it is about what is not recorded.
        """
        return evaluate(Condition.parse(condition), RecordedRun(self.directory))

    def trainer(self, checkpoint: str | None = None, *, device: str = "cpu") -> Trainer:
        """A trainer with the state of a checkpoint, by default the furthest.

        For a run without checkpoints, the trainer is at step 0. Raises CheckpointError where there is no
        checkpoint of this name, or it is damaged.
        """
        return self._snapshot(checkpoint).trainer(device=device, blobs=Blobs(BLOBS))

    def _snapshot(self, checkpoint: str | None) -> Snapshot:
        known = self.checkpoints
        if checkpoint is None and not known:
            return Snapshot(self.experiment, run=self.directory.run, revision=self.directory.revision)
        if checkpoint is not None and checkpoint not in known:
            raise CheckpointError(f"'{checkpoint}' is no checkpoint; expected one of {', '.join(known)}")
        info, state = self.directory.load_checkpoint(checkpoint or known[-1])
        experiment = self.directory.experiment_at(info.revision)
        return Snapshot.at(experiment, (info, state), run=self.directory.run, exact=info.of_the_run)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.metrics.items() if "loss" in name)
        return f"<Run '{self.path}' {self.state}{': ' if numbers else ''}{numbers}>"


def load_run(path: str | Path) -> Run:
    """The run of a directory made by `train`, `glassnet train`, or the service (`data/runs/ID`).

        run = glassnet.load_run("runs/spiral")

    Raises RunDirectoryError where there is none at the path.
    """
    return Run(path)


def train(
    experiment: Experiment,
    out: str | Path | None = None,
    *,
    steps: int | None = None,
    device: str = "auto",
    report: Report | None = None,
) -> Run:
    """Train an experiment to its end, or for `steps` steps; returns the run, which is stored on disk.

        run = glassnet.train(experiment, "runs/spiral")
        run = glassnet.train(experiment, steps=200, report=lambda status: print(status["step"]))

    `out` is a directory that does not exist yet; by default a new one in the folder of `glassnet train`.
    `device` is cpu, cuda, or auto: CUDA where it is available. `report` is called about four times a second
    with a dictionary: step, epoch, metrics, samples_per_second. When it is interrupted (the notebook's ■),
    the run has a checkpoint.

    A run that diverges is returned as well: its `state` is failed, and its `reason` names the node. Raises
    InvalidExperiment, and creates no directory, where the experiment is invalid; RunDirectoryError where
    `out` exists already.
    """
    wanted, experiment = _device(device), asked_for(experiment, device)
    path = _fresh(experiment) if out is None else Path(out)
    if path.exists():
        raise RunDirectoryError(f"'{path}' is there already; expected a new directory")
    Trainer(experiment, device=wanted, blobs=Blobs(BLOBS))  # refused before there is a directory
    directory = RunDirectory.create(path, experiment, run=path.name)
    store(experiment.data, path)
    session = Session(directory, _Outlet(report), device=wanted, blobs=Blobs(BLOBS))
    try:
        session.handle({"type": "play"} if steps is None else {"type": "step", "steps": steps})
        while session.state == "training":
            session.advance()
    finally:
        session.close()
    return Run(path)


class _Outlet:
    """An outlet that forwards a session's status; frames are discarded."""

    def __init__(self, report: Report | None) -> None:
        self._report = report

    def text(self, message: dict[str, Any]) -> None:
        """Pass a status to the callback."""
        if self._report is not None and message["type"] == "status":
            self._report(message)

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """Discard a frame: its rows are in the journal."""


def _device(wanted: str) -> str:
    there = torch.cuda.is_available() if wanted != "cpu" else False
    if wanted not in ("auto", "cpu", "cuda") or (wanted == "cuda" and not there):
        seen = "cpu, cuda or auto" if there else "cpu or auto, as torch sees no CUDA here"
        raise ValueError(f"device {wanted!r}; expected {seen}")
    return "cuda" if there else "cpu"


def _fresh(experiment: Experiment) -> Path:
    """A new directory named by the experiment's title and the time, with a number where that exists."""
    title = re.sub(r"[^a-z0-9]+", "-", experiment.title.lower()).strip("-")[:40] or "run"
    stem = f"{title}-{time.strftime('%Y%m%d-%H%M%S')}"
    paths = (RUNS / (f"{stem}-{number}" if number > 1 else stem) for number in count(1))
    return next(path for path in paths if not path.exists())


def _column(page: dict[str, np.ndarray], name: str) -> np.ndarray:
    """A series of a page, NaN where the page lacks it."""
    found = page.get(name)
    return np.full(len(page["step"]), np.nan, np.float32) if found is None else found
