"""Pictures with boxes around objects, from COCO's JSON or YOLO's text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import companions
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Collection, Form, Progress, Role
from glassnet.engine.files.image_import.decoder import Decoder
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.targets import MOST_BOXES
from glassnet.engine.files.images import Placement, placement, upright_size

#: By how many pixels a box may reach out of its picture: files round.
SLACK = 1.0

#: The least side of a box in the target form, in pixels.
LEAST_SIDE = 1.0

#: The most numbers of all boxes together.
MOST_NUMBERS = 16 << 20


@dataclass(frozen=True)
class Noted:
    """A box as a file notes it: its place in the file, corners in pixels of the picture, and its class."""

    place: str
    corners: tuple[float, float, float, float]
    label: int


@dataclass(frozen=True)
class Entry:
    """A picture, the role of its set, and its boxes, once its size (w, h) is known."""

    picture: Member
    role: Role | None
    boxes: Callable[[tuple[int, int]], Sequence[Noted]]


def collected(
    members: Members,
    entries: Sequence[Entry],
    names: list[str],
    form: Form,
    report: ImportReport,
    progress: Progress,
) -> Collection:
    """The collection of pictures and their boxes. Raises DataError, which names the place in the file."""
    used = companions.settled([entry.role for entry in entries], form, report)
    entries = sorted(entries, key=lambda entry: ROLES.index(used[entry.role]))
    tally = Tally()
    found = [_fitted(members, entry, form, tally) for entry in entries]
    tally.tell(form, report)
    most = max(len(boxes) for boxes in found)
    if most == 0:
        raise DataError("no box of any picture; expected some")
    if 5 * most * len(found) > MOST_NUMBERS:
        raise DataError(
            f"{len(found):,} pictures with up to {most} boxes; expected at most {MOST_NUMBERS // 5:,} in "
            "all, where every picture counts as that with the most"
        )
    padded = np.full((len(found), most, 5), -1, np.float32)
    for index, boxes in enumerate(found):
        padded[index, : len(boxes)] = boxes
    empty = sum(len(boxes) == 0 for boxes in found)
    if empty:
        report.note(f"{empty:,} of the {len(found):,} pictures have no box")
    told = np.bincount(padded[..., 4][padded[..., 4] >= 0].astype(np.int64), minlength=len(names))
    absent = [name for name, count in zip(names, told, strict=True) if count == 0]
    if absent:
        report.note(f"no box of {', '.join(absent)[:200]}")
    images = Decoder(members, form, report, progress).images([entry.picture for entry in entries])
    count = companions.counts([used[entry.role] for entry in entries])
    return Collection(images, padded, names, count["validation"], count["test"], report, targets="boxes")


@dataclass
class Tally:
    """How many boxes changed on their way to the target form."""

    cut: int = 0
    lost: int = 0
    small: int = 0

    def tell(self, form: Form, report: ImportReport) -> None:
        if self.cut:
            report.note(f"boxes that end at the edge of the middle that is cut out: {self.cut:,}")
        if self.lost:
            report.note(
                f"boxes outside the middle that is cut out, which are left out: {self.lost:,}; black bars or "
                "stretching keep them"
            )
        if self.small:
            report.note(
                f"boxes less than a pixel wide or high at {form.size}×{form.size}, which are left out: "
                f"{self.small:,}; a larger size keeps them"
            )


def _fitted(members: Members, entry: Entry, form: Form, tally: Tally) -> np.ndarray:
    """The boxes (m, 5) of a picture in the target form. Raises DataError."""
    name = entry.picture.name
    try:
        size = upright_size(members.read(entry.picture, again=True))
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    noted = entry.boxes(size)
    if len(noted) > MOST_BOXES:
        raise DataError(f"{name}: {len(noted):,} boxes; expected at most {MOST_BOXES}")
    placed = placement(size, (form.size, form.size), form.fit)
    found = [_placed(each, name, size, placed, form.size, tally) for each in noted]
    return np.array([box for box in found if box is not None], np.float32).reshape(-1, 5)


def _placed(
    noted: Noted, name: str, size: tuple[int, int], placed: Placement, side: int, tally: Tally
) -> tuple[float, ...] | None:
    """A box in the target form; None where nothing of it is left there. Raises DataError."""
    left, top, right, bottom = noted.corners
    width, height = size
    inside = left >= -SLACK and top >= -SLACK and right <= width + SLACK and bottom <= height + SLACK
    left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
    if not inside or left >= right or top >= bottom:
        raise DataError(
            f"{noted.place}: a box from {_said(noted.corners[:2])} to {_said(noted.corners[2:])}, and {name} "
            f"has {width}×{height} pixels; expected it inside"
        )
    x0, x1 = (x * placed.scale_x + placed.shift_x for x in (left, right))
    y0, y1 = (y * placed.scale_y + placed.shift_y for y in (top, bottom))
    a, b, c, d = max(x0, 0.0), max(y0, 0.0), min(x1, side), min(y1, side)
    if a >= c or b >= d:
        tally.lost += 1
        return None
    if c - a < LEAST_SIDE or d - b < LEAST_SIDE:
        tally.small += 1
        return None
    tally.cut += (a, b, c, d) != (x0, y0, x1, y1) and max(a - x0, b - y0, x1 - c, y1 - d) > 0.01
    return a, b, c, d, noted.label


def _said(place: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in place)
