"""FileMaker: the workload of a worker that makes files: ONNX, state dicts, scripts with weights beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.app.workers.answerer import Answerer
from glassnet.app.workers.link import Outbox
from glassnet.engine.errors import GlassnetError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.run.exported import write_archive, write_weights
from glassnet.engine.run.subject import subject_of


class FileMaker(Answerer):
    """Writes the file of each question to its `target`.

    In the format onnx or safetensors, of a `subject` (see engine/run/subject.py); in python, of an
    `experiment`: an archive of the script, called `stem`.py, and of what it reads.
    """

    def __init__(self, outbox: Outbox, blobs: Path | None) -> None:
        super().__init__(outbox, "export", self._write)
        self._blobs = Blobs(blobs)

    def _write(self, question: dict[str, Any]) -> dict[str, Any]:
        """The step that the file is of; `refused`, where the network cannot be written so."""
        target = Path(question["target"])
        try:
            if question["format"] == "python":
                write_archive(Experiment.parse(question["experiment"]), question["stem"], target, self._blobs)
                return {}
            at = subject_of(question["subject"])
            write_weights(at, question["format"], target, self._blobs)
        except (GlassnetError, OSError) as error:
            return {"refused": str(error)}
        return {"step": at.step}
