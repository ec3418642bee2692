"""`glassnet study`: a study without a server, with a progress bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from glassnet.app.cli.train import requested_device
from glassnet.engine.errors import GlassnetError, InvalidDocument
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import Stamp, encode
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study, StudyFrame
from glassnet.engine.training.device import asked_for


class StudyFailed(Exception):
    """A failed study; the message is one line."""


class CannotStudy(Exception):
    """A study that does not apply to its subject; the message is one line."""


def subject(directory: Path, checkpoint: str | None) -> Snapshot:
    """The snapshot of a run's checkpoint, by default the furthest. Raises GlassnetError."""
    run = RunDirectory.open(directory)
    furthest = max(run.checkpoints(), key=lambda info: info.age, default=None)
    name = checkpoint or (furthest.name if furthest else None)
    if name is None:
        return Snapshot(run.experiment(), run=run.run, revision=run.revision)
    info, state = run.load_checkpoint(name)
    experiment = run.experiment_at(info.revision)
    place = {"run": run.run, "revision": max(0, info.revision), "exact": info.of_the_run}
    return Snapshot.at(experiment, (info, state), **place)


def study(study: Study, at: Snapshot, *, device: str, blobs: Blobs, out: Path | None) -> str:
    """Run a study to its end; returns a line with a summary. The last frame is written to `out`.

    Raises CannotStudy where the study cannot apply, CannotTrain where the device does not exist,
    StudyFailed where it cannot go on.
    """
    host = requested_device(device)
    try:
        if isinstance(study, NetworkStudy):
            at = replace(at, experiment=asked_for(at.experiment, device))
            trainer = at.trainer(device=host, blobs=blobs)
            study.check(trainer.plan)
            study.check_experiment(trainer.experiment)
            frames = study.compute(trainer, at.history)
        else:
            assert isinstance(study, FreeStudy)
            frames = study.compute()
        last, count = _watched(frames, study.label())
    except InvalidDocument:
        raise
    except ValueError as error:
        raise CannotStudy(_line(error)) from None
    except (GlassnetError, MemoryError, RuntimeError, OSError) as error:
        raise StudyFailed(_line(error)) from None
    if last is None:
        raise StudyFailed(f"'{study.kind}' has shown nothing")
    data = encode(_stamp(study, at, count, last), last.arrays)
    written = ""
    if out is not None:
        try:
            out.write_bytes(data)
        except OSError as error:
            raise StudyFailed(f"{out}: {error.strerror}") from None
        written = f"; {out}"
    shapes = ", ".join(f"{name} {'×'.join(map(str, array.shape))}" for name, array in last.arrays.items())
    return f"{study.label()}: {shapes}{written}"


def _watched(frames: Iterator[StudyFrame], label: str) -> tuple[StudyFrame | None, int]:
    """The last frame of a study, and the number of frames."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    last, count = None, 0
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(label, total=1.0)
        for last in frames:
            count += 1
            progress.update(bar, completed=last.done)
    return last, count


def _stamp(study: Study, at: Snapshot, count: int, last: StudyFrame) -> dict[str, str]:
    place: dict[str, Any] = {"life": at.life, "revision": at.revision, "step": at.step, "epoch": at.epoch}
    stamp = Stamp(run=at.run, probe=study.kind, key=study.key, seq=count - 1, **place)
    return {**stamp.metadata(), "done": str(float(last.done))}


def _line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0] or type(error).__name__
