"""Pictures with a mask each: a second picture of the same size, whose values are the classes of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import companions
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Collection, Form, Progress
from glassnet.engine.files.image_import.companions import Pair, listed
from glassnet.engine.files.image_import.decoder import Decoder
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.targets import IGNORED
from glassnet.engine.files.image_import.tree import pictures_of
from glassnet.engine.files.images import fitted_mask, mask_values, upright_size

#: So many values, without names for them, are seldom classes.
MANY = 32

_EXPECTED = "pictures in a folder 'images' and masks of the same names in 'masks', or a.png and a_mask.png"


@dataclass(frozen=True)
class Place:
    """The first pixel of a value: in which file, and where."""

    file: str
    x: int
    y: int

    def __str__(self) -> str:
        return f"{self.file}: the pixel at {self.x}, {self.y}"


def gathered(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    """The collection of a ZIP's pictures and masks. Raises DataError, which names the file."""
    named = [member for member in members.files if companions.is_names(member)]
    files = pictures_of(members, report, [member for member in members.files if member not in named])
    pairs = _pairs(files)
    used = companions.settled([pair.role for pair in pairs], form, report)
    pairs.sort(key=lambda pair: ROLES.index(used[pair.role]))
    names = companions.class_names(members, named, report)
    images = Decoder(members, form, report, _half(progress, 0)).images([pair.picture for pair in pairs])
    masks, seen = _masks(members, pairs, form, _half(progress, 1))
    table, names = _classes(seen, names, report)
    count = companions.counts([used[pair.role] for pair in pairs])
    return Collection(
        images, table[masks], names, count["validation"], count["test"], report, targets="masks"
    )


def _half(progress: Progress, part: int) -> Progress:
    return lambda done, total: progress(part * total + done, 2 * total)


def _pairs(files: Sequence[Member]) -> list[Pair]:
    """Each picture with its mask. Raises DataError where one has none."""
    masks = [member for member in files if companions.is_known(member)]
    if not masks:
        keys = {companions.key_of(member) for member in files}
        masks = [
            member
            for member in files
            if (key := companions.key_of(member)) != companions.shortened(key)
            and companions.shortened(key) in keys
        ]
    if not masks:
        raise DataError(f"no masks in the ZIP; expected {_EXPECTED}")
    pictures = [member for member in files if member not in masks]
    if not pictures:
        raise DataError(f"{listed([mask.name for mask in masks])}: masks alone; expected {_EXPECTED}")
    pairs = companions.paired(pictures, masks, "masks")
    alone = [pair.picture.name for pair in pairs if pair.other is None]
    if alone:
        raise DataError(f"{listed(alone)}: no mask of this name; expected one in 'masks' for every picture")
    return pairs


def _masks(
    members: Members, pairs: Sequence[Pair], form: Form, progress: Progress
) -> tuple[np.ndarray, dict[int, Place]]:
    """Masks (n, size, size) uint8 with the values of their files, and the first place of each value."""
    masks = np.empty((len(pairs), form.size, form.size), np.uint8)
    seen: dict[int, Place] = {}
    for index, pair in enumerate(pairs):
        assert pair.other is not None
        try:
            values = mask_values(members.read(pair.other))
        except DataError as error:
            raise DataError(f"{pair.other.name}: {error}") from None
        width, height = upright_size(members.read(pair.picture, again=True))
        if values.shape != (height, width):
            raise DataError(
                f"{pair.other.name}: {values.shape[1]}×{values.shape[0]} pixels, and {pair.picture.name} has "
                f"{width}×{height}; expected a mask of the size of its picture"
            )
        _look(values, pair.other.name, seen)
        masks[index] = fitted_mask(values.astype(np.uint8), (form.size, form.size), form.fit, IGNORED)
        progress(index + 1, len(pairs))
    return masks, seen


def _look(values: np.ndarray, file: str, seen: dict[int, Place]) -> None:
    """Add the places of values that were not seen before. Raises DataError for one that is no byte."""
    least, greatest = int(values.min()), int(values.max())
    if least < 0 or greatest > IGNORED:
        wrong = least if least < 0 else greatest
        y, x = (int(place) for place in np.argwhere(values == wrong)[0])
        raise DataError(
            f"{Place(file, x, y)} is {wrong}; expected a class from 0 to {IGNORED - 1}, or {IGNORED} for none"
        )
    for value in np.flatnonzero(np.bincount(values.reshape(-1).astype(np.uint8), minlength=256)):
        if int(value) not in seen:
            y, x = divmod(int((values.reshape(-1) == value).argmax()), values.shape[1])
            seen[int(value)] = Place(file, x, y)


def _classes(
    seen: dict[int, Place], names: Sequence[str], report: ImportReport
) -> tuple[np.ndarray, list[str]]:
    """The class of each value, uint8 (256,), and the names of the classes. Raises DataError."""
    table = np.full(256, IGNORED, np.uint8)
    found = sorted(value for value in seen if value != IGNORED)
    if sorted(seen) == [0, IGNORED] and len(names) in (0, 2):
        report.note("the masks have 0 and 255 alone, so 255 is read as the second class, and not as none")
        table[[0, IGNORED]] = 0, 1
        return table, list(names) or ["ground", "object"]
    if names:
        for value in found:
            if value >= len(names):
                raise DataError(
                    f"{seen[value]} is {value}; expected 0 to {len(names) - 1}, one of the named classes, "
                    f"or {IGNORED} for none"
                )
        table[: len(names)] = range(len(names))
        empty = [name for number, name in enumerate(names) if number not in found]
        if empty:
            report.note(f"no pixel of {', '.join(empty)[:200]}")
        return table, list(names)
    if len(found) < 2:
        one = f"the value {found[0]}" if found else f"no value but {IGNORED}, which is no class,"
        raise DataError(f"{one} in all masks; expected two classes or more")
    if found != list(range(len(found))):
        listed_values = ", ".join(map(str, found))[:200]
        report.note(f"the values {listed_values} of the masks are the classes, in this order")
    if len(found) > MANY:
        report.note(
            f"the masks have {len(found)} different values: where edges were smoothed, most are no classes"
        )
    table[found] = range(len(found))
    return table, [str(value) for value in found]
