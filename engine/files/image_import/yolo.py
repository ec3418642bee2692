"""Boxes in YOLO's text: a file a picture, a line `class x y width height` a box, in shares of the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import companions
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.boxes import Entry, Noted
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.targets import STORED

#: The most bytes of the text of one picture.
MOST_TEXT = 1 << 20

_NUMBER = re.compile(r"[-+]?[0-9.]|[-+]?(nan|inf)", re.IGNORECASE)

_FIELDS = ("class", "x", "y", "width", "height")


def entries(
    members: Members,
    files: Sequence[Member],
    pictures: Sequence[Member],
    names: list[str],
    report: ImportReport,
) -> tuple[list[Entry], list[str]]:
    """The pictures with their boxes, and the names of the classes: numbers where no file names them.

    A picture without a text has no box. Raises DataError, which names the file and the line.
    """
    texts: dict[str, str] = {}
    for member in files:
        content = members.read(member, MOST_TEXT)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(f"{member.name}: not UTF-8 at byte {error.start}; expected numbers") from None
        if _is_boxes(text):
            texts[member.name] = text
        else:
            report.leave_out(member.name, "no boxes: its first line does not begin with a number")
    pairs = companions.paired(pictures, [file for file in files if file.name in texts], "box files")
    if not any(pair.other for pair in pairs):
        raise DataError("no boxes in the ZIP; expected COCO's JSON, or YOLO's text named as its picture")
    read = [
        [] if pair.other is None else _boxes(pair.other.name, texts[pair.other.name], len(names))
        for pair in pairs
    ]
    if not names:
        most = max((line.label for lines in read for line in lines), default=0)
        names = [str(number) for number in range(most + 1)]
        report.note(
            "no file names the classes, so they are called by their numbers: classes.txt may name them"
        )
    made = [Entry(pair.picture, pair.role, Lines(lines)) for pair, lines in zip(pairs, read, strict=True)]
    return made, names


@dataclass(frozen=True)
class Line:
    """A box in shares of its picture: its middle, and its sides."""

    place: str
    label: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Lines:
    """The boxes of a picture, in its pixels once its size (w, h) is known."""

    lines: Sequence[Line]

    def __call__(self, size: tuple[int, int]) -> list[Noted]:
        wide, high = size
        return [
            Noted(
                line.place,
                (
                    (line.x - line.width / 2) * wide,
                    (line.y - line.height / 2) * high,
                    (line.x + line.width / 2) * wide,
                    (line.y + line.height / 2) * high,
                ),
                line.label,
            )
            for line in self.lines
        ]


def _is_boxes(text: str) -> bool:
    """Whether a text is of boxes: its first word is a number, or it is empty."""
    first = text.split(maxsplit=1)[:1]
    return not first or _NUMBER.match(first[0]) is not None


def _boxes(file: str, text: str, classes: int) -> list[Line]:
    """The boxes of a text; of classes from 0 to `classes` − 1, where that is known. Raises DataError."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words:
            found.append(_line(f"{file}, line {number}", words, classes or STORED["boxes"].classes[1]))
    return found


def _line(place: str, words: Sequence[str], classes: int) -> Line:
    if len(words) != 5:
        raise DataError(
            f"{place}: {len(words)} words, {' '.join(words)[:60]!r}; expected five: class x y width height"
        )
    values = [_number(place, name, word) for name, word in zip(_FIELDS, words, strict=True)]
    label, x, y, width, height = values
    if label != int(label) or not 0 <= label < classes:
        raise DataError(f"{place}: class is {words[0][:40]}; expected a whole number from 0 to {classes - 1}")
    for name, value, word in zip(_FIELDS[1:], values[1:], words[1:], strict=True):
        if value > 1 or value < 0 or (value == 0 and name in ("width", "height")):
            expected = "more than 0, up to 1" if name in ("width", "height") else "0 to 1"
            raise DataError(
                f"{place}: {name} is {word[:40]}; expected a share of the picture, {expected} (a box is its "
                "middle and its sides)"
            )
    return Line(place, int(label), x, y, width, height)


def _number(place: str, name: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{place}: {name} is {word[:40]!r}; expected a number")
    return value
