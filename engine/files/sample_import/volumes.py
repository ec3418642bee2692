"""Volumes of a ZIP: in folders by class a .npy or a folder of slices for each, or one stack of all."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names as naming
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import Progress
from glassnet.engine.files.image_import.parts import as_labels, label_text
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.tree import PICTURES
from glassnet.engine.files.images import opened
from glassnet.engine.files.pixel_scale import AUTO
from glassnet.engine.files.sample_import.blob import Samples, room
from glassnet.engine.files.sample_import.classes import Classified, classified

#: The least and the greatest side of a volume.
SIDES = (4, 128)

#: The most bytes of one volume, and of a file with all of them.
MOST_OF_ONE, MOST_OF_STACK = 64 << 20, 512 << 20


@dataclass(frozen=True)
class VolumeForm:
    """The choices where an upload is ambiguous; volumes keep their size."""

    encoding: str = AUTO
    sets: Literal["own", "pooled"] = "own"
    case: Literal["same", "apart"] = "same"
    only: str = ""


def gathered(members: Members, form: VolumeForm, report: ImportReport, progress: Progress) -> Samples:
    """The volumes of a ZIP or an NPZ. Raises DataError, which names the file; Ambiguous."""
    arrays = [member for member in members.files if member.stem.lower().endswith(".npy")]
    if arrays and not any(member.parts for member in arrays):
        return _stack(members, arrays, report)
    slices: dict[str, list[Member]] = {}
    files: list[Member] = []
    for member in members.files:
        ending = member.stem.rpartition(".")[2].lower()
        if member in arrays:
            files.append(member)
        elif ending in PICTURES and member.parts:
            folder = str(PurePosixPath(member.name).parent)
            if folder not in slices:
                slices[folder] = []
                files.append(Member(folder, member.info))  # a folder of slices stands for a file
            slices[folder].append(member)
        else:
            report.leave_out(member.name, "neither a volume (.npy) nor a slice of one")

    def read(member: Member, *, again: bool) -> np.ndarray:
        if member.name in slices:
            return _slices(members, slices[member.name], again=again)
        return array_of(members.read(member, MOST_OF_ONE, again=again))

    return _converted(classified(members, files, form, report), read, report, progress)


# One volume -------------------------------------------------------------------------------------------------


def array_of(content: bytes) -> np.ndarray:
    """The numbers of an .npy file, whose header is checked first; nothing is unpickled. Raises DataError."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = header(file)
        needed, there = (
            int(np.prod([int(side) for side in shape], dtype=object)) * dtype.itemsize,
            len(content),
        )
    except (ValueError, EOFError, SyntaxError, RecursionError, TypeError) as error:
        raise DataError(
            f"no .npy file: {str(error).splitlines()[0][:120] if str(error) else 'damaged'}"
        ) from None
    if dtype.hasobject:
        raise DataError("holds Python objects, which could run code; expected numbers")
    if needed > there - file.tell():
        raise DataError(
            f"cut off: numbers of {shape} take {needed:,} bytes, and {there - file.tell():,} follow; "
            "expected all"
        )
    file.seek(0)
    found: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _slices(members: Members, files: Sequence[Member], *, again: bool) -> np.ndarray:
    """The volume (slices, h, w) of pictures, in the order of their names. Raises DataError."""
    planes: list[np.ndarray] = []
    for member in sorted(files, key=lambda each: (naming.natural(each.stem), each.stem)):
        try:
            with opened(members.read(member, again=again)) as image:
                planes.append(np.asarray(image if image.mode.startswith("I") else image.convert("L")))
        except DataError as error:
            raise DataError(str(error) if member.name in str(error) else f"{member.name}: {error}") from None
        if planes[-1].shape != planes[0].shape:
            sizes = ["×".join(map(str, plane.shape)) for plane in (planes[-1], planes[0])]
            raise DataError(f"{member.name}: a slice of {sizes[0]}; expected {sizes[1]}, as the first has")
    return np.stack(planes)


def _checked(volume: np.ndarray) -> np.ndarray:
    """A volume (depth, h, w) of finite numbers. Raises DataError."""
    shape = "×".join(map(str, volume.shape)) or "one number"
    if volume.dtype.kind not in "uifb":
        raise DataError(f"values of the type {volume.dtype}; expected numbers")
    if volume.ndim == 4 and 1 in (volume.shape[0], volume.shape[3]):  # with an axis of one channel
        volume = volume[0] if volume.shape[0] == 1 else volume[..., 0]
    if volume.ndim != 3:
        raise DataError(f"an array of {shape}; expected three axes: depth × height × width")
    if not volume.size:
        raise DataError(f"empty: {shape}; expected at least {SIDES[0]} numbers along each axis")
    if not all(SIDES[0] <= side <= SIDES[1] for side in volume.shape):
        raise DataError(f"a volume of {shape}; expected {SIDES[0]} to {SIDES[1]} along each axis")
    if not np.isfinite(volume).all():
        place = tuple(int(each) for each in np.argwhere(~np.isfinite(volume))[0])
        raise DataError(f"not a number at {place}; expected finite values")
    return volume


# All of them ------------------------------------------------------------------------------------------------


@dataclass
class _Range:
    """The least and the greatest value, and whether all volumes have eight bits."""

    least: float = np.inf
    greatest: float = -np.inf
    bytes_: bool = True

    def see(self, volume: np.ndarray) -> None:
        self.least, self.greatest = (
            min(self.least, float(volume.min())),
            max(self.greatest, float(volume.max())),
        )
        self.bytes_ = self.bytes_ and volume.dtype == np.uint8

    def levels(self, volume: np.ndarray) -> np.ndarray:
        """Levels from 0 to 255: as they are, where all have eight bits."""
        if self.bytes_:
            return volume
        span = self.greatest - self.least
        shares = (volume.astype(np.float64) - self.least) / span if span else np.zeros(volume.shape)
        return (shares * 255).round().astype(np.uint8)

    def tell(self, report: ImportReport) -> None:
        if not self.bytes_:
            report.note(f"values go from {self.least:g} to {self.greatest:g}: these became black and white")
        if self.least == self.greatest:
            report.note("every value of every volume is the same")


def _converted(
    found: Classified, read: Callable[..., np.ndarray], report: ImportReport, progress: Progress
) -> Samples:
    """The volumes, read twice: for their range, and to be kept. Raises DataError, which names the file."""
    values, shape = _Range(), None
    for member in found.files:
        try:
            volume = _checked(read(member, again=False))
            shape = shape or volume.shape
            if volume.shape != shape:
                sizes = ["×".join(map(str, each)) for each in (volume.shape, shape)]
                raise DataError(f"a volume of {sizes[0]}; expected {sizes[1]}, as {found.files[0].name} has")
        except DataError as error:
            raise DataError(str(error) if member.name in str(error) else f"{member.name}: {error}") from None
        values.see(volume)
    assert shape is not None
    inputs = room("volumes", len(found.files), (1, *shape))
    for index, member in enumerate(found.files):
        inputs[index, 0] = values.levels(_checked(read(member, again=True)))
        progress(index + 1, len(found.files))
    values.tell(report)
    return Samples("volumes", inputs, found.labels, found.names, found.validated, found.tested, 0, report)


def _stack(members: Members, arrays: Sequence[Member], report: ImportReport) -> Samples:
    """The volumes (n, depth, h, w) and labels (n,) of an NPZ, and the classes' names where they are there."""
    read = {}
    for member in arrays:
        try:
            read[member.name.removesuffix(".npy")] = array_of(members.read(member, MOST_OF_STACK))
        except DataError as error:
            raise DataError(str(error) if member.name in str(error) else f"{member.name}: {error}") from None
    told = ", ".join(f"{name} {array.shape}" for name, array in sorted(read.items()))[:300]
    stacks = [name for name, array in read.items() if array.ndim in (4, 5) and array.dtype.kind in "uifb"]
    if len(stacks) != 1:
        raise DataError(f"arrays {told}; expected one of volumes, (n, depth, h, w), and one of labels, (n,)")
    stack = read.pop(stacks[0])
    if stack.ndim == 5 and 1 in (stack.shape[1], stack.shape[4]):
        stack = stack[:, 0] if stack.shape[1] == 1 else stack[..., 0]
    if stack.ndim != 4 or not stack.size:
        raise DataError(f"{stacks[0]}: an array of {stack.shape}; expected (n, depth, h, w), none of them 0")
    fit = [
        name for name, array in read.items() if array.shape == stack.shape[:1] and array.dtype.kind in "uib"
    ]
    if len(fit) != 1:
        raise DataError(
            f"arrays {told}; expected one of labels, a whole number for each of {len(stack):,} volumes"
        )
    labels = as_labels(fit[0], read.pop(fit[0]), report)
    values = _Range()
    for index, volume in enumerate(stack):
        try:
            values.see(_checked(volume))
        except DataError as error:
            raise DataError(f"{stacks[0]}[{index}]: {error}") from None
    found, numbers = np.unique(labels, return_inverse=True)
    names = [
        label_text(name) for array in read.values() if array.dtype.kind in "US" for name in array.ravel()
    ]
    if names and (int(found[0]) < 0 or int(found[-1]) >= len(names)):
        raise DataError(
            f"labels from {found[0]} to {found[-1]}, and {len(names)} names; expected one for each"
        )
    inputs = room("volumes", len(stack), (1, *stack.shape[1:]))
    for index, volume in enumerate(stack):
        inputs[index, 0] = values.levels(volume)
    values.tell(report)
    order = [int(label) for label in (labels if names else numbers)]
    return Samples("volumes", inputs, order, names or [str(each) for each in found], report=report)
