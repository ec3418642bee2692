"""Conversion of an upload of any supported format to a collection of pictures of one form."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.formats import CIFAR_RECORD, read_cifar
from glassnet.engine.files.image_import import arrays, names, records
from glassnet.engine.files.image_import.archive import DAMAGED, Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Collection, Form, Progress, Role
from glassnet.engine.files.image_import.folders import Labelled, labelled
from glassnet.engine.files.image_import.parts import Part, collected, settle_scale
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.images import decoded_with, value_range
from glassnet.engine.files.pixel_scale import AUTO, SAMPLED, Range, Scale

T = TypeVar("T")

FEWEST, MOST_CLASSES = 10, 1000


def gathered(path: Path, form: Form, progress: Progress = lambda done, total: None) -> Collection:
    """The pictures of a ZIP with a folder for each class, or of NPZ, IDX or CIFAR files.

    Raises DataError, which names the file, where a file is invalid; Ambiguous where several sets would be
    mixed.
    """
    report = ImportReport()
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                found = _from_zip(Members(archive, report, form.encoding), form, report, progress)
        except DAMAGED as error:
            raise DataError(f"a damaged ZIP file: {error}") from None
    elif path.stat().st_size % CIFAR_RECORD == 0 and path.stat().st_size:
        part = Part("the file", "train", *read_cifar(path.read_bytes()))
        found = collected([part], [], form, report, progress)
    else:
        raise DataError(
            "neither a ZIP file nor CIFAR's records; expected a ZIP with a folder for each class, an NPZ, "
            "or IDX or CIFAR files (pictures and labels together in one ZIP)"
        )
    return _checked(found)


def _checked(found: Collection) -> Collection:
    """The collection. Raises DataError where it has too few pictures or classes to train on."""
    if len(found.images) < FEWEST:
        raise DataError(f"{len(found.images)} pictures; expected at least {FEWEST}")
    if len(found.names) < 2:
        raise DataError(f"one class, {found.names[0]!r}; expected at least two: a folder for each")
    if len(found.names) > MOST_CLASSES:
        raise DataError(f"{len(found.names):,} classes; expected at most {MOST_CLASSES:,}")
    return found


def _from_zip(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    if not members.files:
        raise DataError("no files in the ZIP; expected a folder of pictures for each class")
    for kind in (arrays, records):
        files = [member for member in members.files if kind.accepts(member.stem)]
        if files:
            for member in members.files:
                if member not in files and not kind.describes(member.stem):
                    report.leave_out(member.name, f"beside {kind.DESCRIPTION}")
            found: Collection = kind.gathered(members, files, form, report, progress)
            return found
    return _from_folders(members, form, report, progress)


# A folder for each class ------------------------------------------------------------------------------------


def _from_folders(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    pictures = _by_role(labelled(members, form, report))
    known = sorted({each.name for each in pictures}, key=lambda name: (names.natural(name), name))
    if len(known) > MOST_CLASSES:
        raise DataError(f"{len(known):,} classes; expected at most {MOST_CLASSES:,}")
    images = Decoder(members, form, report, progress).images([each.member for each in pictures])
    numbers = {name: number for number, name in enumerate(known)}
    labels = np.array([numbers[each.name] for each in pictures], np.int32)
    count = {role: sum(each.role == role for each in pictures) for role in ROLES}
    return Collection(images, labels, known, count["validation"], count["test"], report)


def _by_role(pictures: Sequence[Labelled]) -> list[Labelled]:
    """The pictures sorted by role: training, validation, test."""
    order: dict[Role, int] = {role: place for place, role in enumerate(ROLES)}
    return sorted(pictures, key=lambda each: order[each.role])


class Decoder:
    """A decoder of picture files to one array, with a common scale for grey pictures of unusual range."""

    def __init__(self, members: Members, form: Form, report: ImportReport, progress: Progress) -> None:
        self._members, self._form, self._report, self._progress = members, form, report, progress

    def images(self, files: Sequence[Member]) -> np.ndarray:
        """All pictures (n, channels, size, size) uint8. Raises DataError, which names the file."""
        images = self._form.room(len(files))
        deep: dict[int, Range] = {}
        kept = max(64, SAMPLED // len(files))
        for index, member in enumerate(files):
            content = self._members.read(member)
            found = self._try(member, partial(value_range, content, kept))
            if found is None:
                images[index] = self._decoded(member, content, None)
            else:
                deep[index] = found
            self._progress(index + 1, len(files))
        if deep:
            self._rescale(images, files, deep)
        shallow = [index for index in range(len(files)) if index not in deep]
        if shallow and 0 < max(int(images[index].max()) for index in shallow) <= 16:
            self._brighten(images, files, shallow)
        return images

    def _brighten(self, images: np.ndarray, files: Sequence[Member], places: Sequence[int]) -> None:
        """Rescale pictures of few values: masks of 0 and 1, for example, would all be black."""
        ranges, kept = {}, max(64, SAMPLED // len(places))
        for index in places:
            content = self._members.read(files[index], again=True)
            found = self._try(files[index], partial(value_range, content, kept, shallow=True))
            if found is None:
                return  # dark colours are left as they are
            ranges[index] = found
        if max(each.greatest for each in ranges.values()) <= 16:
            self._rescale(images, files, ranges)

    def _rescale(self, images: np.ndarray, files: Sequence[Member], ranges: dict[int, Range]) -> None:
        """Decode files again by the scale that is chosen, or guessed from all their values."""
        values = Range.over(ranges.values())
        scale = settle_scale(self._form.scale, values, self._report)
        for index in ranges:
            content = self._members.read(files[index], again=True)
            images[index] = self._decoded(files[index], content, scale)

    def _decoded(self, member: Member, content: bytes, scale: Scale | None) -> np.ndarray:
        form = self._form
        if scale is None and form.scale != AUTO:
            scale = self._small_scale(form.scale)
        size = (form.size, form.size)
        made = self._try(member, lambda: decoded_with(content, form.channels, size, form.fit, scale))
        if made.frames > 1:
            self._report.note_file(member.name, "holds several pictures, of which the first is read")
        if made.blank:
            self._report.note_file(member.name, "comes out in one colour, once it has this form over white")
        return made.pixels

    @staticmethod
    def _small_scale(text: str) -> Scale | None:
        """The user's scale, if it has few values, for pictures of eight bits."""
        try:
            scale = Scale.parsed(text, Range(0, 255, True, np.zeros(1)))
        except DataError:
            return None
        return scale if scale.low >= 0 and scale.high < 255 else None

    def _try(self, member: Member, work: Callable[[], T]) -> T:
        try:
            return work()
        except DataError as error:
            raise DataError(f"{member.name}: {error}") from None
