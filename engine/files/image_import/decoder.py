"""Decoding of an upload's picture files to one array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import Form, Progress
from glassnet.engine.files.image_import.parts import settle_scale
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.images import decoded_with, value_range
from glassnet.engine.files.pixel_scale import AUTO, SAMPLED, Range, Scale

T = TypeVar("T")


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
