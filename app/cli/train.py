"""`glassnet train`: training without a server, with a progress bar."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from glassnet.app.cli.warned import warn
from glassnet.app.core.places import DATA_DIR
from glassnet.engine.errors import GlassnetError, InvalidExperiment, RunDirectoryError, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training.device import asked_for


class TrainingFailed(Exception):
    """Failed training; the message is one line."""


class CannotTrain(Exception):
    """An experiment that cannot be trained here; the message is one line."""


@dataclass
class _Listener:
    """An outlet that keeps the session's last status."""

    status: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None

    def text(self, message: dict[str, Any]) -> None:
        """Keep a status, or a refusal."""
        if message["type"] == "status":
            self.status = message
        elif message["type"] == "error":
            self.error = message

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """Ignore a frame: rows are in the journal."""


def train(experiment: Experiment, *, steps: int | None, device: str, out: Path | None, blobs: Blobs) -> str:
    """Train to the end (or for `steps` steps) in a new run directory; returns a line with a summary.

    Raises InvalidExperiment, and leaves no directory, where the experiment is invalid, CannotTrain where the
    directory exists already or the device does not, TrainingFailed otherwise, such as for a full disk.
    """
    path = out or _default_directory(experiment)
    listener = _Listener()
    try:
        chosen = requested_device(device)
        experiment = asked_for(experiment, device)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        directory = RunDirectory.create(path, experiment, run=path.name)
    except (OSError, StorageError) as error:
        raise TrainingFailed(_line(error, path)) from None
    except RunDirectoryError as error:
        raise CannotTrain(str(error)) from None
    try:
        session = _session(directory, listener, chosen, blobs)
        started = time.monotonic()
        try:
            _run(session, listener, steps)
        finally:
            session.close()
        if session.reason is None or "stop" in session.reason:
            return _summary(session, time.monotonic() - started, path)
    except InvalidExperiment:
        raise
    except (GlassnetError, MemoryError, RuntimeError, OSError, ValueError) as error:
        raise TrainingFailed(_line(error, path)) from None
    if "errno" in session.reason:  # the disk is full: a server would wait, the command fails
        raise TrainingFailed(f"{path}: {os.strerror(session.reason['errno'])}")
    raise TrainingFailed(f"{session.reason['title'].lower()}: {session.reason['detail']}; see {path}")


def _line(error: Exception, path: Path) -> str:
    """An error as one line; `path` is the run directory, for errors that name no file."""
    if isinstance(error, StorageError):
        return f"{path}: {os.strerror(error.errno)}"
    if isinstance(error, OSError):
        return f"{error.filename or path}: {error.strerror}"
    return str(error).split("\n", 1)[0] or type(error).__name__


def _run(session: Session, listener: _Listener, steps: int | None) -> None:
    warn(session.trainer.plan.warnings)
    total = session.trainer.steps if steps is None else min(steps, session.trainer.steps)
    columns = (
        TextColumn("{task.fields[epoch]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[facts]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=total, epoch="", facts="")
        session.handle({"type": "play"} if steps is None else {"type": "step", "steps": total})
        while session.state == "training":
            wait = session.advance()
            if wait:
                time.sleep(wait)
            progress.update(
                bar,
                completed=session.trainer.steps_taken,
                epoch=f"epoch {session.trainer.epoch:,.1f}",
                facts=_facts(listener.status, session),
            )


def _facts(status: dict[str, Any], session: Session) -> str:
    """Loss, accuracy and speed of the last status."""
    metrics = status.get("metrics", {})
    found = [f"{name.replace('_', ' ')} {metrics[name]:.4g}" for name in _shown(metrics)]
    rate = status.get("samples_per_second", 0) / session.experiment.training.batch_size
    return "  ".join([*found, f"{rate:,.0f} steps/s"])


def _shown(metrics: dict[str, float]) -> list[str]:
    return [
        name
        for name in (
            "train_loss",
            "validation_loss",
            "test_loss",
            "test_accuracy",
            "test_absolute_error",
            "test_absolute_error_original",
        )
        if name in metrics
    ]


def _summary(session: Session, seconds: float, path: Path) -> str:
    trainer = session.trainer
    metrics = trainer.evaluate()
    parts = [f"{name.replace('_', ' ')} {metrics[name]:.4g}" for name in _shown(metrics)]
    ended = f"{session.reason['detail']}; " if session.reason else ""  # by a stop
    return f"{ended}{trainer.steps_taken:,} steps in {seconds:.1f} s: {', '.join(parts)}; {path}"


def _default_directory(experiment: Experiment) -> Path:
    title = re.sub(r"[^a-z0-9]+", "-", experiment.title.lower()).strip("-")[:40] or "run"
    return DATA_DIR / "runs" / f"{title}-{time.strftime('%Y%m%d-%H%M%S')}"


def _session(directory: RunDirectory, listener: _Listener, device: str, blobs: Blobs) -> Session:
    try:
        return Session(directory, listener, device=device, blobs=blobs)
    except InvalidExperiment:
        shutil.rmtree(directory.path)
        raise


def requested_device(wanted: str) -> str:
    """The device of this name; auto is CUDA where it is available. Raises CannotTrain."""
    if wanted == "cpu":
        return wanted
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise CannotTrain("--device cuda: torch sees no CUDA device here; expected cpu or auto")
    return "cpu"
