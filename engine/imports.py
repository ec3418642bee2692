"""Own pictures, as people have them, made into one blob of one size.

Runs in a process of its own (`python -m engine.imports`), with its memory and time bounded, as what it
reads comes from anywhere: nothing that a file announces is believed before it is counted. It needs no
torch, so that it starts at once.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import re
import resource
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar, cast

import numpy as np
import safetensors.numpy

from engine.errors import DataError
from engine.formats import CIFAR_RECORD, read_cifar, read_idx, unpacked
from engine.pictures import Fit, decoded, refitted

T = TypeVar("T")

#: Bytes of one file within a ZIP, and of all together, as they come out.
MOST_OF_ONE, MOST_IN_ALL = 256 << 20, 1 << 30

#: Files in a ZIP, and bytes of all pictures once they have the size wanted.
MOST_FILES, MOST_PIXELS = 200_000, 512 << 20

FEWEST = 10

#: What the library raises for ZIP files that are not what they say.
_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    OSError,
    EOFError,
    UnicodeDecodeError,
    zlib.error,
    lzma.LZMAError,
)

#: What systems leave in folders without being asked.
JUNK = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)

#: Pairs of names that pictures and labels have in NPZ files.
PAIRS = (
    ("images", "labels"),
    ("x_train", "y_train"),
    ("x_test", "y_test"),
    ("train_images", "train_labels"),
    ("test_images", "test_labels"),
    ("x", "y"),
    ("X", "y"),
    ("data", "target"),
    ("data", "labels"),
)


@dataclass(frozen=True)
class Form:
    """What all pictures are made into."""

    size: int
    channels: int
    fit: Fit = "crop"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return (self.channels, self.size, self.size)


@dataclass(frozen=True)
class Collection:
    """Pictures (n, channels, size, size) uint8, labels (n,) int32 and the names of the classes."""

    images: np.ndarray
    labels: np.ndarray
    names: list[str]

    def packed(self) -> bytes:
        """As the blob that the data set `own_images` reads."""
        arrays = {"images": self.images, "labels": self.labels.astype(np.int32)}
        return safetensors.numpy.save(arrays, {"names": json.dumps(self.names)})

    def counts(self) -> list[int]:
        """How many pictures each class has."""
        return [int(count) for count in np.bincount(self.labels, minlength=len(self.names))]


Report = Callable[[int, int], None]


def gathered(path: Path, form: Form, report: Report = lambda done, total: None) -> Collection:
    """The pictures of a ZIP with a folder for each class, or of NPZ, IDX or CIFAR files.

    Raises DataError, naming the file, where there is anything wrong with any of them.
    """
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                found = _from_zip(_Members(archive), form, report)
        except _DAMAGED as error:
            raise DataError(f"a damaged ZIP file: {error}") from None
    elif path.stat().st_size % CIFAR_RECORD == 0 and path.stat().st_size:
        found = _from_arrays(*read_cifar(path.read_bytes()), [], form, report)
    else:
        raise DataError(
            "neither a ZIP file nor CIFAR's records; expected a ZIP with a folder for each class, an NPZ, "
            "or IDX or CIFAR files (pictures and labels together in one ZIP)"
        )
    return _checked(found)


def _checked(found: Collection) -> Collection:
    """Refuse what no network can learn from."""
    if len(found.images) < FEWEST:
        raise DataError(f"{len(found.images)} pictures; expected at least {FEWEST}")
    if len(found.names) < 2:
        raise DataError(f"one class, {found.names[0]!r}; expected at least two: a folder for each")
    if len(found.names) > 1000:
        raise DataError(f"{len(found.names):,} classes; expected at most 1,000")
    return found


class _Members:
    """The files of a ZIP: their names looked at before anything is read, their bytes counted as they come."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._come = archive, 0
        infos = archive.infolist()
        if len(infos) > MOST_FILES:
            raise DataError(f"{len(infos):,} files; expected at most {MOST_FILES:,}")
        self.names: list[str] = []
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename
            parts = PurePosixPath(name.replace("\\", "/")).parts
            if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
                raise DataError(f"{name}: leads out of the ZIP; expected names of files inside")
            if info.is_dir() or JUNK.search(name):
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                raise DataError(f"{name}: a link; expected a file")
            if info.flag_bits & 1:
                raise DataError(f"{name}: encrypted; expected a ZIP without a password")
            if name in self._infos:
                raise DataError(f"{name}: stands twice in the ZIP; expected it once")
            self.names.append(name)
            self._infos[name] = info

    def read(self, name: str, most: int = MOST_OF_ONE) -> bytes:
        """The file's bytes; what it says of its size is not believed."""
        try:
            with self._archive.open(self._infos[name]) as file:
                content = file.read(min(most, MOST_IN_ALL - self._come) + 1)
        except (*_DAMAGED, ValueError) as error:
            raise DataError(f"{name}: damaged: {error}") from None
        if len(content) > most:
            raise DataError(f"{name}: more than {most:,} bytes when unpacked; expected fewer")
        self._come += len(content)
        if self._come > MOST_IN_ALL:
            raise DataError(f"{name}: more than {MOST_IN_ALL:,} bytes in all when unpacked; expected fewer")
        return content


def _from_zip(members: _Members, form: Form, report: Report) -> Collection:
    names = members.names
    if not names:
        raise DataError("no files in the ZIP; expected a folder of pictures for each class")
    if all(name.endswith(".npy") for name in names):
        return _from_npz(members, form, report)
    idx = [name for name in names if re.search(r"idx[13][-.]ubyte", name)]
    if idx:
        return _from_idx(members, idx, form, report)
    cifar = [name for name in names if name.endswith(".bin")]
    if cifar:
        return _from_cifar(members, cifar, form, report)
    return _from_folders(members, form, report)


# A folder for each class ------------------------------------------------------------------------------------


def _from_folders(members: _Members, form: Form, report: Report) -> Collection:
    classes = {}
    for name in members.names:
        folder = PurePosixPath(name.replace("\\", "/")).parent.name
        if not folder:
            raise DataError(f"{name}: in no folder; expected a folder of pictures for each class")
        if len(folder) > 100:
            raise DataError(f"{name}: a folder of {len(folder)} letters; expected at most 100")
        classes[name] = folder
    known = sorted(set(classes.values()), key=_natural)
    images = _room(len(members.names), form)
    for index, name in enumerate(members.names):
        try:
            images[index] = decoded(members.read(name), form.channels, (form.size, form.size), form.fit)
        except DataError as error:
            raise error if str(error).startswith(f"{name}:") else DataError(f"{name}: {error}") from None
        report(index + 1, len(members.names))
    labels = np.array([known.index(classes[name]) for name in members.names], np.int32)
    return Collection(images, labels, known)


def _natural(name: str) -> list[tuple[int, str]]:
    """10 after 9, as people sort."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"([0-9]+)", name)]


def _room(count: int, form: Form) -> np.ndarray:
    needed = count * int(np.prod(form.shape))
    if needed > MOST_PIXELS:
        raise DataError(
            f"{count:,} pictures of {form.size}×{form.size} take {needed:,} bytes; expected at most "
            f"{MOST_PIXELS:,}: choose a smaller size"
        )
    return np.empty((count, *form.shape), np.uint8)


# Files of many pictures -------------------------------------------------------------------------------------


def _from_idx(members: _Members, files: list[str], form: Form, report: Report) -> Collection:
    pictures, labels = [], []
    for name in sorted(file for file in files if "idx3" in file):
        partner = name.replace("images", "labels").replace("idx3", "idx1")
        if partner not in files:
            raise DataError(f"{name}: its labels are missing; expected {partner} beside it")
        pictures.append(_idx(members, name, 3))
        found = _idx(members, partner, 1)
        if len(found) != len(pictures[-1]):
            raise DataError(f"{partner}: {len(found):,} labels; expected {len(pictures[-1]):,}")
        labels.append(found)
    if not pictures:
        raise DataError(f"{files[0]}: its pictures are missing; expected a file with idx3 in its name")
    if len({part.shape[1:] for part in pictures}) > 1:
        raise DataError("IDX files with pictures of different sizes; expected one size")
    return _from_arrays(np.concatenate(pictures)[:, None], np.concatenate(labels), [], form, report)


def _from_cifar(members: _Members, files: list[str], form: Form, report: Report) -> Collection:
    parts = [_named(name, partial(read_cifar, members.read(name))) for name in sorted(files)]
    told = [name for name in members.names if name.endswith(".meta.txt")]
    names = members.read(told[0], 1 << 16).decode("utf-8", "replace").split() if told else []
    pictures, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return _from_arrays(pictures, labels, names, form, report)


def _idx(members: _Members, name: str, dimensions: int) -> np.ndarray:
    content = members.read(name)
    return _named(name, lambda: read_idx(unpacked(content, MOST_OF_ONE), dimensions))


def _named(name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def _from_npz(members: _Members, form: Form, report: Report) -> Collection:
    arrays = {name.removesuffix(".npy"): name for name in members.names}
    pairs = [(images, labels) for images, labels in PAIRS if images in arrays and labels in arrays]
    if not pairs:
        raise DataError(f"arrays {', '.join(sorted(arrays))[:200]}; expected images and labels among them")
    pairs = [pair for pair in pairs if "_" in pair[0]] or pairs[:1]
    pictures = [_as_pictures(images, _array(members, arrays[images])) for images, _ in pairs]
    labels = [_as_labels(labels, _array(members, arrays[labels])) for _, labels in pairs]
    for (images, _), shown, said in zip(pairs, pictures, labels, strict=True):
        if len(shown) != len(said):
            raise DataError(f"{images}: {len(shown):,} pictures and {len(said):,} labels; expected as many")
        if shown.shape[1:] != pictures[0].shape[1:]:
            raise DataError(f"{images}: pictures of another size than in {pairs[0][0]}; expected the same")
    key = next((key for key in ("names", "classes", "class_names") if key in arrays), None)
    names = [] if key is None else [_word(name) for name in _array(members, arrays[key]).ravel()]
    return _from_arrays(np.concatenate(pictures), np.concatenate(labels), names, form, report)


def _array(members: _Members, name: str) -> np.ndarray:
    """An array of an NPZ file, which is not unpickled, and whose header is looked at first."""
    file = io.BytesIO(members.read(name, MOST_IN_ALL))
    try:
        return np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, EOFError, OverflowError, MemoryError) as error:
        raise DataError(f"{name}: {str(error).splitlines()[0] if str(error) else 'damaged'}") from None


def _word(name: object) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _as_pictures(name: str, array: np.ndarray) -> np.ndarray:
    """Pictures (n, channels, h, w) uint8 from any layout that can be told."""
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[1] not in (1, 3) and array.shape[3] in (1, 3, 4):
        array = array[..., :3].transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or 0 in array.shape:
        raise DataError(f"{name}: an array {array.shape}; expected (n, h, w), (n, h, w, 3) or (n, 3, h, w)")
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise DataError(f"{name}: values of {array.dtype}; expected finite numbers")
    least, greatest = float(array.min()), float(array.max())
    top = 1.0 if array.dtype.kind == "f" and greatest <= 1 else 255.0 if greatest <= 255 else 65535.0
    if least < 0 or greatest > top:
        raise DataError(f"{name}: values from {least:g} to {greatest:g}; expected 0 to 1, to 255 or to 65535")
    made = np.empty(array.shape, np.uint8)
    for index, picture in enumerate(array):  # one at a time: as floats all together would not fit
        made[index] = (picture * (255 / top) + 0.5).astype(np.uint8)
    return made


def _as_labels(name: str, array: np.ndarray) -> np.ndarray:
    labels = array.ravel() if array.ndim == 2 and array.shape[1] == 1 else array
    if labels.ndim != 1 or labels.dtype.kind not in "iuUb":
        raise DataError(f"{name}: {array.dtype} {array.shape}; expected one whole number or word for each")
    return labels


def _from_arrays(
    pictures: np.ndarray, labels: np.ndarray, names: list[str], form: Form, report: Report
) -> Collection:
    """Pictures (n, channels, h, w) in another size; the classes are those named, or the labels there are."""
    found = list(np.unique(labels))
    if names and labels.dtype.kind != "U" and int(found[0]) >= 0 and int(found[-1]) < len(names):
        known, numbers = names, labels.astype(np.int32)
    else:
        known = [str(label)[:100] for label in found]
        numbers = np.searchsorted(np.array(found), labels).astype(np.int32)
    images = _room(len(pictures), form)
    for index, picture in enumerate(pictures):
        images[index] = refitted(picture, form.channels, (form.size, form.size), form.fit)
        report(index + 1, len(pictures))
    return Collection(images, numbers, known)


# The process ------------------------------------------------------------------------------------------------


def _said(text: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _hundredths() -> Report:
    """Says how far it has come, a hundred times at most."""
    last = -1

    def report(done: int, total: int) -> None:
        nonlocal last
        if done * 100 // total > last:
            last = done * 100 // total
            _said({"done": done, "total": total})

    return report


def main(arguments: list[str] | None = None) -> int:
    """Lines of JSON: how far it has come, and at last what there is, or what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--channels", type=int, required=True)
    parser.add_argument("--fit", choices=("crop", "pad", "stretch"), default="crop")
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    options = parser.parse_args(arguments)
    if options.memory:
        resource.setrlimit(resource.RLIMIT_AS, (options.memory, options.memory))
    if options.seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (options.seconds, options.seconds))
    fit = cast(Literal["crop", "pad", "stretch"], options.fit)
    try:
        found = gathered(options.source, Form(options.size, options.channels, fit), _hundredths())
        options.target.write_bytes(found.packed())
    except DataError as error:
        _said({"error": str(error)})
        return 2
    except MemoryError:
        _said({"error": "more memory than allowed would be needed; expected fewer or smaller pictures"})
        return 2
    _said({"names": found.names, "counts": found.counts(), "pictures": len(found.images)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
