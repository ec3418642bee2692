"""Blobs: own data and pictures, referred to by their hash as `sha256:…`; and files that were downloaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from glassnet.engine.errors import BlobMissing
from glassnet.engine.files.image_import.blob import PictureSet, write_samples

#: How a document refers to a blob.
BlobReference = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Blobs:
    """Where blobs lie: a folder laid out as the service's store is, or nowhere at all.

    Downloaded data sets lie in a folder beside it, each in one of its own.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        #: Where the files of downloaded data sets are.
        self.downloads = None if folder is None else folder.parent / "datasets"

    def path(self, reference: str) -> Path:
        """The file of a blob. Raises BlobMissing, saying which and where it was looked for."""
        digest = reference.removeprefix("sha256:")
        where = "there is no folder of blobs here" if self.folder is None else f"not in {self.folder}"
        if self.folder is not None and (path := self.folder / digest[:2] / digest).is_file():
            return path
        raise BlobMissing(f"blob {reference} is absent ({where}); expected it to be uploaded first")

    def pictures(self, reference: str) -> PictureSet:
        """What a blob of pictures holds. Raises BlobMissing, DataError.

        Read here and now; a server, which has others to answer, has it read elsewhere.
        """
        return PictureSet.read(self.path(reference), reference)

    def samples(self, reference: str) -> bytes:
        """A blob of pictures as exported scripts read it. Raises BlobMissing, DataError."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "samples")
            write_samples(self.path(reference), target)
            return target.read_bytes()
