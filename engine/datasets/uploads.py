"""Pictures that somebody uploaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import safetensors
import safetensors.torch
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError
from torch import Tensor

from engine.blobs import BlobReference, Blobs
from engine.catalog import option
from engine.datasets import Undivided
from engine.datasets.images import Images
from engine.errors import BlobMissing, DataError
from engine.node import Shape
from engine.pictures import sheet

#: Classes that a preview shows.
MOST_ROWS = 12

NOTHING = "sha256:" + 64 * "0"


def _once(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' stands {names.count(name)} times; expected every class once")
    return names


def _whole(channels: Any) -> Any:
    """True equals 1 in Python; in a document it is something else."""
    if type(channels) is not int:
        raise PydanticKnownError("int_type")
    return channels


class OwnImages(Images, Undivided):
    """Own pictures: uploaded as a ZIP with a folder for each class, as NPZ, IDX or CIFAR files.

    They are kept in one size as a blob that the experiment refers to; everything about them stands in
    the options, and is compared with the blob before it is used.
    """

    kind: Literal["own_images"] = "own_images"

    blob: BlobReference = option(NOTHING, "The pictures, as POST /api/images gave them.")
    names: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], AfterValidator(_once)] = (
        option(
            ["first", "second"], "The classes, in the order of their labels.", min_length=2, max_length=1000
        )
    )
    size: int = option(32, "The side of a picture.", unit="px", ge=8, le=256)
    channels: Annotated[Literal[1, 3], BeforeValidator(_whole)] = option(3, "Grey, or red, green and blue.")
    pictures: int = option(2, "How many there are.", ge=2, le=1_000_000)

    @property
    def classes(self) -> tuple[str, ...] | None:
        return tuple(self.names)

    @property
    def count(self) -> int:
        return self.pictures

    @property
    def shape(self) -> Shape:
        return (self.channels, self.size, self.size)

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        if self.blob == NOTHING:
            return "/blob", "no pictures yet; expected some to be uploaded first"
        try:
            header = Header.of(self.blob, blobs)
        except (BlobMissing, DataError) as error:
            return "/blob", str(error)
        for pointer, ours, theirs in (
            ("/names", self.names, header.names),
            ("/size", (self.size, self.size), header.shape[2:]),
            ("/channels", self.channels, header.shape[1]),
            ("/pictures", self.pictures, header.shape[0]),
        ):
            if ours != theirs:
                return pointer, f"{shown(ours)}; the blob has {shown(theirs)}"
        return None

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        problem = self.check(blobs)
        if problem is not None:
            raise DataError(problem[1])
        try:
            found = safetensors.torch.load_file(blobs.path(self.blob))
        except (OSError, safetensors.SafetensorError) as error:
            raise DataError(f"{self.blob}: {error}") from None
        labels = found["labels"].long()
        if int(labels.min()) < 0 or int(labels.max()) >= len(self.names):
            raise DataError(
                f"{self.blob}: labels {int(labels.min())} to {int(labels.max())}; expected classes"
            )
        return found["images"], labels


class Header:
    """What a blob of pictures says of itself, read without its pixels."""

    def __init__(self, shape: tuple[int, ...], names: list[str]) -> None:
        self.shape, self.names = shape, names

    @classmethod
    def of(cls, blob: str, blobs: Blobs) -> Header:
        """Raises BlobMissing, DataError."""
        return cls.read(blobs.path(blob), blob)

    @classmethod
    def read(cls, path: Path, blob: str) -> Header:
        """Of a file; `blob` is what it is called. Raises DataError."""
        try:
            with safetensors.safe_open(path, framework="np") as file:
                kept = set(file.keys())
                if kept != {"images", "labels"}:
                    raise DataError(f"{blob} holds no pictures; expected what POST /api/images gave")
                images, labels = file.get_slice("images"), file.get_slice("labels")
                names = json.loads((file.metadata() or {}).get("names", "null"))
                shape, kinds = tuple(images.get_shape()), (images.get_dtype(), labels.get_dtype())
                lengths = labels.get_shape()
        except (OSError, safetensors.SafetensorError, ValueError) as error:
            raise DataError(f"{blob} holds no pictures: {error}") from None
        if len(shape) != 4 or kinds != ("U8", "I32") or lengths != [shape[0]] or not isinstance(names, list):
            raise DataError(f"{blob} holds no pictures that are labelled; expected some")
        return cls(shape, names)


def counted(path: Path) -> tuple[Header, list[int]]:
    """What a blob of pictures says of itself, and how many pictures each class has. Raises DataError."""
    header = Header.read(path, path.name)
    with safetensors.safe_open(path, framework="np") as file:
        counts = np.bincount(file.get_tensor("labels"), minlength=len(header.names))
    return header, [int(count) for count in counts]


def preview(path: Path, each: int) -> bytes:
    """Some pictures of each of the first classes, a row for each, as a PNG. Raises DataError."""
    header = Header.read(path, path.name)
    with safetensors.safe_open(path, framework="np") as file:
        images, labels = file.get_slice("images"), file.get_tensor("labels")
        rows = []
        for label in range(min(len(header.names), MOST_ROWS)):
            places = np.flatnonzero(labels == label)[:each]
            rows.append([images[int(place) : int(place) + 1][0] for place in places])
    return sheet(rows, each, header.shape[1:])


def shown(value: object) -> str:
    """A value as it may stand in a message."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
