"""Blobs: uploaded data and pictures, referred to by their hash as `sha256:…`; and downloaded files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from glassnet.engine.errors import BlobMissing
from glassnet.engine.files.image_import.blob import PictureSet, write_samples

#: The text by which a document refers to a blob.
BlobReference = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Blobs:
    """The blobs of a folder with the layout of the service's store; none where there is no folder.

    Downloaded data sets are in a sibling folder, each in a subfolder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        #: The folder of downloaded data sets.
        self.downloads = None if folder is None else folder.parent / "datasets"

    def path(self, reference: str) -> Path:
        """The path of a blob. Raises BlobMissing, which names the blob and the folder searched."""
        digest = reference.removeprefix("sha256:")
        where = "there is no folder of blobs here" if self.folder is None else f"not in {self.folder}"
        if self.folder is not None and (path := self.folder / digest[:2] / digest).is_file():
            return path
        raise BlobMissing(f"blob {reference} is absent ({where}); expected it to be uploaded first")

    def pictures(self, reference: str) -> PictureSet:
        """The description of a blob of pictures. Raises BlobMissing, DataError.

        Read in this process; a server reads blobs in a separate process instead.
        """
        return PictureSet.read(self.path(reference), reference)

    def samples(self, reference: str) -> bytes:
        """The safetensors bytes of a blob's samples for exported scripts. Raises BlobMissing, DataError."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "samples")
            write_samples(self.path(reference), target)
            return target.read_bytes()
