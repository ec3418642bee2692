"""The targets of a blob of pictures: classes, masks or boxes; how they are stored, checked and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet.engine.errors import DataError

#: What is known of each picture: its class, the class of each pixel, or boxes around objects.
Targets = Literal["class", "masks", "boxes"]

#: The value of a mask's pixels that have no class.
IGNORED = 255

#: The most boxes of one picture.
MOST_BOXES = 300

#: The colours of the first classes, safe for colour-blind viewers, as the page has them.
COLOURS = (
    (230, 159, 0),
    (0, 114, 178),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (174, 189, 122),
    (109, 96, 104),
)


@dataclass(frozen=True)
class Stored:
    """How the targets of n pictures are stored: an array's name and dtype, and the bounds of its classes."""

    array: str
    dtype: str
    classes: tuple[int, int]
    #: The dtype of an exported script's targets.
    exported: str

    def shape(self, count: int, side: int, boxes: int = 1) -> list[int]:
        """The shape for `count` pictures of a side, with `boxes` a picture."""
        return {"labels": [count], "masks": [count, side, side], "boxes": [count, boxes, 5]}[self.array]


STORED: Mapping[Targets, Stored] = {
    "class": Stored("labels", "I32", (2, 1000), "I64"),
    "masks": Stored("masks", "U8", (2, 255), "U8"),
    "boxes": Stored("boxes", "F32", (1, 1000), "F32"),
}


def counted(targets: Targets, values: np.ndarray, classes: int) -> np.ndarray:
    """By class the pictures of it, the pictures with a pixel of it, or the boxes: int64 (classes,).

    `values` are sound: labels (n,), masks (n, side, side) or boxes (n, m, 5).
    """
    if targets == "masks":
        counts = np.zeros(classes, np.int64)
        for mask in values:
            counts += np.bincount(mask.reshape(-1), minlength=256)[:classes] > 0
        return counts
    labels = values if targets == "class" else values[..., 4][values[..., 4] >= 0]
    return np.bincount(labels.reshape(-1).astype(np.int64), minlength=classes)


def check(targets: Targets, values: np.ndarray, classes: int, side: int, blob: str) -> None:
    """Check that targets have known classes, and boxes a place in their picture. Raises DataError."""
    if targets == "boxes":
        _check_boxes(values, classes, side, blob)
        return
    told = values if targets == "class" else values[values != IGNORED]
    if told.size and (int(told.min()) < 0 or int(told.max()) >= classes):
        ignored = "one a class" if targets == "class" else f"one a class, and {IGNORED} for none"
        raise DataError(
            f"{blob} has {STORED[targets].array} from {int(told.min())} to {int(told.max())}; expected 0 to "
            f"{classes - 1}, {ignored}"
        )


def _check_boxes(boxes: np.ndarray, classes: int, side: int, blob: str) -> None:
    left, top, right, bottom, label = np.moveaxis(boxes, -1, 0)
    with np.errstate(invalid="ignore"):
        known = (label >= 0) & (label < classes) & (label == np.floor(label))
        inside = (left >= 0) & (top >= 0) & (left < right) & (top < bottom)
        sound = known & inside & (right <= side) & (bottom <= side)
    wrong = np.argwhere(~sound & ~(boxes == -1).all(axis=-1))
    if len(wrong):
        picture, place = wrong[0]
        raise DataError(
            f"{blob} gives picture {picture} the box {_said(boxes[picture, place])}; expected left < right "
            f"and top < bottom from 0 to {side}, and a class from 0 to {classes - 1}"
        )


def _said(box: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in box)


def drawn(targets: Targets, picture: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A picture (1 or 3, side, side) uint8 with its mask (side, side) or boxes (m, 5) over it, in colour."""
    if targets == "class":
        return picture
    colours = np.array(COLOURS, np.uint8)
    made = np.repeat(picture, 3, axis=0) if len(picture) == 1 else picture.copy()
    if targets == "masks":
        over = colours[values % len(colours)].transpose(2, 0, 1)
        shown = (values > 0) & (values != IGNORED)
        return np.where(shown, (made.astype(np.uint16) + over) // 2, made).astype(np.uint8)
    last = made.shape[1] - 1
    for left, top, right, bottom, label in values[values[:, 4] >= 0]:
        colour = colours[int(label) % len(colours)][:, None]
        x0, y0 = min(int(left), last), min(int(top), last)
        x1, y1 = max(x0, min(int(np.ceil(right)) - 1, last)), max(y0, min(int(np.ceil(bottom)) - 1, last))
        for y in (y0, y1):
            made[:, y, x0 : x1 + 1] = colour
        for x in (x0, x1):
            made[:, y0 : y1 + 1, x] = colour
    return made
