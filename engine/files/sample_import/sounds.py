"""Sounds of a ZIP of WAV files, a folder for each class: mixed down, resampled and cut to one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import Progress
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.pixel_scale import AUTO
from glassnet.engine.files.sample_import.blob import Samples, room
from glassnet.engine.files.sample_import.classes import classified
from glassnet.engine.files.sample_import.resampling import CROSSINGS, resampled
from glassnet.engine.files.sample_import.wav import Sound, read_wav

#: The bounds of a data set's rate and length.
RATE, LENGTH = (1000, 96_000), (64, 65_536)

#: The most bytes of one file.
MOST_OF_ONE = 128 << 20

#: Endings of sounds that are not WAV; what they are, the reader of those that are called so says.
OTHERS = {"mp3", "ogg", "oga", "opus", "flac", "m4a", "aac", "aif", "aiff", "wma", "amr", "webm", "au", "caf"}


@dataclass(frozen=True)
class SoundForm:
    """What all sounds become, and the choices where an upload is ambiguous."""

    rate: int
    length: int
    #: Whether each sound is made as loud as the format allows.
    loudness: Literal["kept", "even"] = "kept"
    encoding: str = AUTO
    sets: Literal["own", "pooled"] = "own"
    case: Literal["same", "apart"] = "same"
    only: str = ""


def sounds_of(members: Members, report: ImportReport) -> list[Member]:
    """The WAV files, by their names; the others are left out."""
    found = []
    for member in members.files:
        ending = member.stem.rpartition(".")[2].lower() if "." in member.stem else ""
        if ending in ("wav", "wave") or (not ending and members.head(member).startswith(b"RIFF")):
            found.append(member)
        elif ending in OTHERS:
            report.leave_out(member.name, f"a sound of a kind that cannot be read here: .{ending}")
        else:
            report.leave_out(member.name, "no WAV file")
    return found


def gathered(members: Members, form: SoundForm, report: ImportReport, progress: Progress) -> Samples:
    """The sounds of a ZIP. Raises DataError, which names the file; Ambiguous."""
    seconds = (form.length + CROSSINGS) / form.rate
    found = classified(members, sounds_of(members, report), form, report)
    inputs = room("sounds", len(found.files), (1, form.length))
    for index, member in enumerate(found.files):
        try:
            sound = read_wav(members.read(member, MOST_OF_ONE), seconds)
            inputs[index, 0] = _fitted(sound, form, member.name, report)
        except DataError as error:
            raise DataError(str(error) if member.name in str(error) else f"{member.name}: {error}") from None
        progress(index + 1, len(found.files))
    return Samples(
        "sounds", inputs, found.labels, found.names, found.validated, found.tested, form.rate, report
    )


def _fitted(sound: Sound, form: SoundForm, name: str, report: ImportReport) -> np.ndarray:
    """One channel of the form's rate and length, from −1 to 1."""
    if len(sound.values) > 1:
        report.note_file(name, "is stereo: the mean of both channels is read")
    values = resampled(sound.values.mean(axis=0), sound.rate, form.rate, form.length)
    if sound.rate != form.rate:
        report.note_file(name, f"has another rate than {form.rate:,} Hz, and is resampled")
    there = sound.moments / sound.rate
    if there * form.rate > form.length + 1:
        report.note_file(name, f"is longer than {form.length / form.rate:.3g} s: its beginning is read")
    elif len(values) < form.length:
        report.note_file(name, f"is shorter than {form.length / form.rate:.3g} s: silence follows")
    loudest = float(np.abs(values).max())
    if loudest == 0:
        report.note_file(name, "is silent as it is read")
    elif form.loudness == "even":
        values = values / loudest
    elif loudest > 1:
        report.note_file(name, "is louder than a full wave, and is clipped at 1")
    made = np.zeros(form.length)
    made[: len(values)] = values
    return made.clip(-1, 1)
