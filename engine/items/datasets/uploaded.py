"""The base class of data sets that are uploaded, and stored as a blob that the experiment refers to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar

import safetensors
import safetensors.torch
from pydantic import AfterValidator, Field
from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.blobs import BlobReference, Blobs
from glassnet.engine.items.datasets import Undivided

#: The reference of a data set of which nothing is uploaded yet.
NOTHING = "sha256:" + 64 * "0"

#: The most samples of an upload.
MOST = 1_000_000


def unrepeated(names: list[str]) -> list[str]:
    """The names, each there once. Raises ValueError."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is listed {names.count(name)} times; expected every class once")
    return names


#: The names of classes, each once.
ClassNames = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], AfterValidator(unrepeated)]


class Uploaded(Undivided, ABC):
    """Uploaded samples of one shape.

    The options repeat the blob's description, and are compared with it before it is used.
    """

    #: What is uploaded, in words.
    called: ClassVar[str]

    blob: BlobReference = option(NOTHING, "The samples: the reference that their upload returned.")
    names: ClassNames = option(
        ["first", "second"], "The classes, in the order of their labels.", min_length=2, max_length=1000
    )
    validated: int = option(
        0,
        "The size of a separate validation set, which comes before the test set; `validation_share` is then "
        "ignored.",
        ge=0,
        le=MOST,
    )
    tested: int = option(
        0,
        "The size of a separate test set, the last ones; 0: `test_share` of all are drawn.",
        ge=0,
        le=MOST,
    )

    @property
    def classes(self) -> tuple[str, ...] | None:
        return tuple(self.names)

    @property
    def divided(self) -> bool:
        return self.tested > 0

    @property
    def held_out(self) -> int:
        return min(self.tested, self.count - 1) if self.divided else super().held_out

    @property
    def held_for_validation(self) -> int:
        return min(self.validated, self.count - self.held_out - 1) if self.divided else 0

    @abstractmethod
    def told(self, blobs: Blobs) -> list[tuple[str, object, object]]:
        """What the options say beside what the blob says: pointer, ours, its.

        Raises BlobMissing, DataError.
        """

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        if self.blob == NOTHING:
            return "/blob", f"no {self.called} yet; expected some to be uploaded first"
        try:
            told = self.told(blobs)
        except (BlobMissing, DataError) as error:
            return "/blob", str(error)
        for pointer, ours, theirs in told:
            if ours != theirs:
                return pointer, f"{_shown(ours)}; the blob has {_shown(theirs)}"
        return None

    def checked(self, blobs: Blobs) -> None:
        """Raise DataError where the blob is not what the options say."""
        problem = self.check(blobs)
        if problem is not None:
            raise DataError(problem[1])

    def tensors(self, blobs: Blobs) -> dict[str, Tensor]:
        """The blob's arrays, by name. Raises DataError."""
        self.checked(blobs)
        try:
            return safetensors.torch.load_file(blobs.path(self.blob))
        except (OSError, safetensors.SafetensorError) as error:
            raise DataError(f"{self.blob}: {error}") from None


def _shown(value: object) -> str:
    """A value as short text for a message."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
