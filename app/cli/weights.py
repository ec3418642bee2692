"""`--weights FILE`: a state dict that a training starts from, kept among the blobs like an uploaded one."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

from glassnet.app.store.isolation import command, environment
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network import planner
from glassnet.engine.network.starting_weights import check_start

#: The memory, and seconds of one core, that reading a file may take.
MEMORY, SECONDS = 4 << 30, 600


class CannotImport(Exception):
    """A file that is no state dict, or none of this network; the message is one line."""


def starting_from(experiment: Experiment, path: Path, blobs: Blobs) -> Experiment:
    """The experiment with a file's state dict as the start of its training. Raises CannotImport.

    An experiment that says which nodes take their weights from a state dict says so of this one.
    """
    start = experiment.training.start_from
    options = {} if start is None else start.model_dump(mode="json")
    value = {**options, "weights": _kept(path, blobs)}
    patched = apply_patch(experiment, [{"op": "add", "path": "/training/start_from", "value": value}])
    try:
        check_start(planner.plan(patched), patched, blobs)
    except InvalidExperiment as error:
        first, *more = [problem.message for problem in error.problems]
        rest = f" (and {len(more)} more)" if more else ""
        raise CannotImport(f"{path}: {first}{rest}") from None
    return patched


def _kept(path: Path, blobs: Blobs) -> str:
    """The reference of a file's state dict, which is kept among the blobs."""
    folder = blobs.folder
    if not path.is_file() or folder is None:
        raise CannotImport(f"{path}: no regular file; expected safetensors, or a file of torch.save")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            target = Path(beside, "target")
            _import(path, target)
            with target.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            place = folder / digest[:2] / digest
            place.parent.mkdir(exist_ok=True)
            target.replace(place)
    except OSError as error:
        raise CannotImport(f"{error.filename or folder}: {error.strerror}") from None
    return f"sha256:{digest}"


def _import(source: Path, target: Path) -> None:
    """Read a state dict in a process of its own. Raises CannotImport."""
    module = "glassnet.engine.files.weights_import"
    words = command(module, str(source), str(target), memory=MEMORY, seconds=SECONDS)
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode < 0:  # ended by a signal, as the system's limits do
        raise CannotImport(f"{source}: reading it took more memory or time than allowed")
    said = json.loads(lines[-1]) if lines else {"failed": f"reading it failed: {_last_line(done.stderr)}"}
    if done.returncode != 0:
        raise CannotImport(f"{source}: {said.get('error') or said.get('failed')}")


def _last_line(text: str) -> str:
    return (text.splitlines() or ["it says nothing"])[-1]
