"""Conversion of an upload, a ZIP of any supported form, to samples of one shape."""

from __future__ import annotations

import zipfile
from pathlib import Path

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.archive import DAMAGED, Members
from glassnet.engine.files.image_import.collection import Progress
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.sample_import import sounds, volumes
from glassnet.engine.files.sample_import.blob import Kind, Samples
from glassnet.engine.files.sample_import.sounds import SoundForm
from glassnet.engine.files.sample_import.volumes import VolumeForm
from glassnet.engine.files.sample_import.wav import what_it_is


def gathered(
    path: Path, form: SoundForm | VolumeForm, progress: Progress = lambda done, total: None
) -> Samples:
    """The samples of a ZIP with a folder for each class. Raises DataError, which names the file."""
    kind: Kind = "sounds" if isinstance(form, SoundForm) else "volumes"
    report = ImportReport(what=kind)
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            head = file.read(64)
        found = "one WAV file" if head[8:12] == b"WAVE" else what_it_is(head)
        raise DataError(f"{found}; expected a ZIP with a folder of {kind} for each class")
    try:
        with zipfile.ZipFile(path) as archive:
            members = Members(archive, report, form.encoding)
            if isinstance(form, SoundForm):
                samples = sounds.gathered(members, form, report, progress)
            else:
                samples = volumes.gathered(members, form, report, progress)
    except DAMAGED as error:
        raise DataError(f"a damaged ZIP file: {error}") from None
    samples.described()
    return samples
