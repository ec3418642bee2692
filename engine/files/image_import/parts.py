"""Conversion of arrays of pictures and labels, from files of many pictures, to a collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names as naming
from glassnet.engine.files.image_import import sets
from glassnet.engine.files.image_import.collection import ROLES, Collection, Form, Progress, Role
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.images import refitted
from glassnet.engine.files.pixel_scale import AUTO, Range, Scale, settled


@dataclass(frozen=True)
class Part:
    """Pictures (n, channels, h, w) of any numeric dtype, a label for each, and the role of their set."""

    name: str
    role: Role | None
    pictures: np.ndarray
    labels: np.ndarray


def collected(
    parts: Sequence[Part], names: Sequence[str], form: Form, report: ImportReport, progress: Progress
) -> Collection:
    """The collection of a data set's parts; the classes are `names`, or else the distinct labels."""
    for part in parts:
        there, told = len(part.pictures), len(part.labels)
        if there != told:
            raise DataError(f"{part.name}: {there:,} pictures and {told:,} labels; expected as many")
        if part.pictures.shape[1:] != parts[0].pictures.shape[1:]:
            raise DataError(
                f"{part.name}: pictures of another size than in {parts[0].name}; expected the same"
            )
    parts = _with_uses(parts, form, report)
    labels = np.concatenate([part.labels for part in parts])
    known, numbers = _classes(labels, names, report)
    images = _images(parts, form, report, progress)
    count = {role: sum(len(part.labels) for part in parts if part.role == role) for role in ROLES}
    return Collection(images, numbers, known, count["validation"], count["test"], report)


def _with_uses(parts: Sequence[Part], form: Form, report: ImportReport) -> list[Part]:
    """The parts with the roles they are used for, training first."""
    roles: set[Role] = {part.role for part in parts if part.role is not None}
    if roles and any(part.role is None for part in parts):  # data_batch_1 beside test_batch
        named = ", ".join(part.name for part in parts if part.role is None)[:200]
        report.note(f"{named}: read as training pictures, as {' and '.join(sorted(roles))} stands beside")
        roles.add("train")
    used = sets.arranged(roles, report, pooled=form.sets == "pooled")
    made = [
        Part(part.name, used.get(part.role or "train", "train"), part.pictures, part.labels) for part in parts
    ]
    return sorted(made, key=lambda part: ROLES.index(part.role or "train"))


# Pictures ---------------------------------------------------------------------------------------------------


def _images(parts: Sequence[Part], form: Form, report: ImportReport, progress: Progress) -> np.ndarray:
    scale = _scale(parts, form, report)
    images = form.room(sum(len(part.pictures) for part in parts))
    done = 0
    for part in parts:
        for picture in part.pictures:  # one at a time: as floats, all together would not fit in memory
            plain = picture if scale is None else scale.bytes_of(picture)
            images[done] = refitted(plain, form.channels, (form.size, form.size), form.fit)
            done += 1
            progress(done, len(images))
    return images


def _scale(parts: Sequence[Part], form: Form, report: ImportReport) -> Scale | None:
    """The common scale of all sets of an upload; None for bytes, which are used unchanged."""
    try:
        values = Range.over([Range.of(part.pictures) for part in parts])
        plain = all(part.pictures.dtype == np.uint8 for part in parts)
        if form.scale == AUTO and plain and not 0 < values.greatest <= 16:
            return None
        return settle_scale(form.scale, values, report)
    except DataError as error:
        raise DataError(f"{parts[0].name}: {error}") from None


def settle_scale(text: str, values: Range, report: ImportReport) -> Scale:
    """The scale chosen by the user, or guessed from all values; the report tells which. Raises DataError."""
    scale, report.scale = settled(text, values)
    return scale


def as_pictures(name: str, array: np.ndarray) -> np.ndarray:
    """Pictures (n, channels, h, w) from any unambiguous layout. Raises DataError."""
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[1] not in (1, 3) and array.shape[3] in (1, 3, 4):
        array = array[..., :3].transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or 0 in array.shape:
        raise DataError(f"{name}: an array {array.shape}; expected (n, h, w), (n, h, w, 3) or (n, 3, h, w)")
    return array


# Labels -----------------------------------------------------------------------------------------------------


def as_labels(name: str, array: np.ndarray, report: ImportReport) -> np.ndarray:
    """Labels (n,): a whole number or a text for each picture. Raises DataError."""
    labels = array.ravel() if array.ndim == 2 and array.shape[1] == 1 else array
    if labels.ndim == 2 and labels.dtype.kind in "iufb" and _one_hot(labels):
        report.note(f"{name} has a column for each class, in which a 1 marks its pictures")
        labels = labels.argmax(axis=1)
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == np.round(labels)).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind == "S":
        labels = np.array([label_text(label) for label in labels.ravel()]).reshape(labels.shape)
    if labels.ndim != 1 or labels.dtype.kind not in "iuUb":
        raise DataError(f"{name}: {array.dtype} {array.shape}; expected one whole number or word for each")
    return labels


def _one_hot(labels: np.ndarray) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def label_text(name: Any) -> str:
    """An array's element as text."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _classes(labels: np.ndarray, names: Sequence[str], report: ImportReport) -> tuple[list[str], np.ndarray]:
    """The names of the classes, and labels as indices into them, int32. Raises DataError."""
    found, numbers = np.unique(labels, return_inverse=True)
    if names and labels.dtype.kind in "iub":
        least, greatest = int(found[0]), int(found[-1])
        if least < 0 or greatest >= len(names):
            raise DataError(
                f"labels from {least} to {greatest}, and {len(names)} names of classes; expected one for each"
            )
        twice = {name for name in names if list(names).count(name) > 1} if len(names) <= 1000 else set()
        if twice:
            raise DataError(f"the class {min(twice)[:100]!r} is named twice; expected every name once")
        empty = [name for number, name in enumerate(names) if number not in found]
        if empty:
            report.note(f"no pictures of {', '.join(empty)[:200]}")
        return _fitting(list(names), report), labels.astype(np.int32)
    if names:
        report.note("the names of the classes are not used, as the labels are words")
    return _fitting([str(label) for label in found], report), numbers.astype(np.int32).reshape(-1)


def _fitting(names: list[str], report: ImportReport) -> list[str]:
    made = naming.fitting(names)
    for name, fitted in made.items():
        if fitted != name:
            report.note(f"the class '{naming.shown(name)[:60]}' is called '{fitted}'")
    return list(made.values())
