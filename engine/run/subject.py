"""The subject of a study or an export, as a message to a worker names it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.training import checkpoint


def subject_of(message: dict[str, Any]) -> Snapshot:
    """The subject of a message: a snapshot's file, a checkpoint, or an experiment before its first step.

    Raises CheckpointError, InvalidExperiment.
    """
    results = Path(message["results"]) if message.get("results") is not None else None
    if "snapshot" in message:
        return replace(Snapshot.read(Path(message["snapshot"])), results=results)
    found = None
    if message.get("checkpoint") is not None:
        found = checkpoint.read(Path(message["folder"]), message["checkpoint"])
    return Snapshot.at(
        Experiment.parse(message["experiment"]),
        found,
        run=message["run"],
        life=message["life"],
        revision=message["revision"],
        exact=message.get("exact", True),
        checkpoints=Path(message["folder"]),
        results=results,
    )
