"""Boxes in COCO's JSON: `images`, `annotations` with `bbox` [x, y, width, height], `categories`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeGuard

from glassnet.engine.errors import DamagedFile, DataError
from glassnet.engine.files.image_import import companions, sets
from glassnet.engine.files.image_import import names as naming
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.boxes import Entry, Noted
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.untrusted import parsed_object

#: The most bytes of a JSON file: as Python's objects it takes several times as many.
MOST_JSON = 64 << 20

#: The greatest number in a file that is a place in a picture.
MOST_PLACE = 1e9

Object = dict[str, Any]

#: The lists of a file.
LISTS = ("images", "annotations", "categories")


@dataclass(frozen=True)
class File:
    """A file of COCO: its name, and its three lists."""

    name: str
    images: Sequence[Object]
    annotations: Sequence[Object]
    categories: Sequence[Object]


def read(members: Members, files: Sequence[Member], report: ImportReport) -> list[File]:
    """Those of JSON files that are COCO's; the others are left out. Raises DataError for damaged ones."""
    found = []
    for member in files:
        try:
            said = parsed_object(members.read(member, MOST_JSON), member.name, finite=False)
        except DamagedFile as error:
            raise DataError(str(error)) from None
        lists = [each for name in LISTS if isinstance(each := said.get(name), list)]
        if len(lists) < len(LISTS):
            report.leave_out(member.name, f"no file of COCO: it has no lists {', '.join(LISTS)}")
            continue
        for name, each in zip(LISTS, lists, strict=True):
            for place, item in enumerate(each):
                if not isinstance(item, dict):
                    raise DataError(f"{member.name}: {name}[{place}] is {_short(item)}; expected an object")
        found.append(File(member.name, *lists))
    return found


def entries(
    files: Sequence[File], pictures: Sequence[Member], report: ImportReport
) -> tuple[list[Entry], list[str]]:
    """The pictures that the files describe, with their boxes, and the names of the classes.

    Raises DataError, which names the file, the list and the id.
    """
    known, names = _categories(files)
    find, taken = _Finder(pictures), dict[str, str]()
    made = []
    for file in files:
        boxes: dict[int, list[tuple[str, tuple[float, ...], int]]] = {}
        described: dict[int, tuple[str, Object]] = {}
        for place, image in enumerate(file.images):
            where = f"{file.name}: images[{place}]"
            number = _id(image, where)
            if number in described:
                raise DataError(f"{where}: the id {number} is there twice; expected every picture once")
            described[number] = (f"{where} (id {number})", image)
            boxes[number] = []
        for place, annotation in enumerate(file.annotations):
            _note(file, place, annotation, boxes, known[file.name], report)
        role = sets.role_in(sets.words_in(PurePosixPath(file.name).stem))
        for number, (where, image) in described.items():
            member = find(image.get("file_name"), where)
            if member.name in taken:
                raise DataError(f"{where}: {member.name} is also in {taken[member.name]}; expected it once")
            taken[member.name] = file.name
            made.append(
                Entry(member, role or companions.role_of(member), _Boxes(where, image, boxes[number]))
            )
    if not made:
        raise DataError(f"{files[0].name}: no images; expected some, with the pictures in the same ZIP")
    for member in pictures:
        if member.name not in taken:
            report.leave_out(member.name, "in no list of images")
    return made, names


@dataclass(frozen=True)
class _Boxes:
    """The boxes of a picture, once its size shows that it is the one that the file means."""

    where: str
    image: Object
    noted: Sequence[tuple[str, tuple[float, ...], int]]

    def __call__(self, size: tuple[int, int]) -> list[Noted]:
        for name, given in zip(("width", "height"), size, strict=True):
            told = self.image.get(name)
            if told is not None and told != given:
                raise DataError(
                    f"{self.where}: {name} is {_short(told)}, and {_short(self.image.get('file_name'))} has "
                    f"{size[0]}×{size[1]} pixels; expected the file of these pictures"
                )
        return [
            Noted(where, (x, y, x + width, y + height), label)
            for where, (x, y, width, height), label in self.noted
        ]


def _note(
    file: File,
    place: int,
    annotation: Object,
    boxes: dict[int, list[tuple[str, tuple[float, ...], int]]],
    known: Mapping[int, int],
    report: ImportReport,
) -> None:
    """Add an annotation to its picture's boxes; crowds are left out. Raises DataError."""
    told = annotation.get("id")
    where = f"{file.name}: annotations[{place}]" + (f" (id {_short(told)})" if told is not None else "")
    image, category = annotation.get("image_id"), annotation.get("category_id")
    if not _is_id(image) or image not in boxes:
        raise DataError(f"{where}: image_id is {_short(image)}; expected the id of one of the images")
    if category is None or not _is_id(category) or category not in known:
        ids = ", ".join(map(str, sorted(known)))[:120]
        raise DataError(f"{where}: category_id is {_short(category)}; expected one of the categories: {ids}")
    box = _bbox(annotation.get("bbox"), where)
    if annotation.get("iscrowd") in (1, True):
        report.note_file(file.name, "has a region with a crowd (iscrowd), which is no object")
        return
    boxes[image].append((where, box, known[category]))


def _bbox(told: Any, where: str) -> tuple[float, ...]:
    """A box [x, y, width, height]. Raises DataError, which names the number."""
    expected = "expected bbox to be [x, y, width, height] in pixels"
    if not isinstance(told, list) or len(told) != 4:
        raise DataError(f"{where}: bbox is {_short(told)}; {expected}")
    for name, value in zip(("x", "y", "width", "height"), told, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(f"{where}: {name} of bbox is {_short(value)}; {expected}")
        if not math.isfinite(value) or abs(value) > MOST_PLACE:
            raise DataError(f"{where}: {name} of bbox is {_short(value)}; expected a number of pixels")
        if name in ("width", "height") and value <= 0:
            raise DataError(f"{where}: {name} of bbox is {_short(value)}; expected more than 0")
    return tuple(float(value) for value in told)


def _categories(files: Sequence[File]) -> tuple[dict[str, dict[int, int]], list[str]]:
    """By file, the class of each category's id; the names in the order of their ids. Raises DataError."""
    known: dict[str, dict[int, int]] = {}
    order: dict[str, int] = {}
    for file in files:
        told: dict[int, str] = {}
        for place, category in enumerate(file.categories):
            where = f"{file.name}: categories[{place}]"
            number, name = _id(category, where), category.get("name")
            if not isinstance(name, str) or not name.strip():
                raise DataError(f"{where} (id {number}): name is {_short(name)}; expected a text")
            if number in told or name in told.values():
                raise DataError(
                    f"{where} (id {number}): {name[:60]!r} or its id is there twice; expected it once"
                )
            told[number] = name
        if not told:
            raise DataError(f"{file.name}: no categories; expected the classes, each with id and name")
        known[file.name] = {number: order.setdefault(told[number], len(order)) for number in sorted(told)}
    return known, list(naming.fitting(order).values())


class _Finder:
    """The pictures by the names that a file may give them: with folders or without."""

    def __init__(self, pictures: Sequence[Member]) -> None:
        self._whole = {member.name: member for member in pictures}
        self._short: dict[str, list[Member]] = {}
        for member in pictures:
            self._short.setdefault(member.stem, []).append(member)

    def __call__(self, name: Any, where: str) -> Member:
        """The picture of a name. Raises DataError."""
        if not isinstance(name, str) or not name:
            raise DataError(f"{where}: file_name is {_short(name)}; expected the name of a picture")
        wanted = naming.shown(name.replace("\\", "/")).removeprefix("./")
        if wanted in self._whole:
            return self._whole[wanted]
        same = self._short.get(PurePosixPath(wanted).name, [])
        ending = [member for member in same if member.name.endswith("/" + wanted)] or same
        if len(ending) == 1:
            return ending[0]
        if ending:
            both = companions.listed([member.name for member in ending])
            raise DataError(
                f"{where}: file_name {name[:100]!r} may be {both}; expected a name with its folder"
            )
        raise DataError(
            f"{where}: no picture {name[:100]!r} in the upload; expected all pictures of the list"
        )


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _id(item: Object, where: str) -> int:
    number = item.get("id")
    if not _is_id(number):
        raise DataError(f"{where}: id is {_short(number)}; expected a whole number")
    return number


def _short(value: Any) -> str:
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
