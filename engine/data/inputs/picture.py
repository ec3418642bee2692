"""Inputs from picture files outside the data set."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.data.inputs import Input, UnreadableInput
from glassnet.engine.data.load import Data
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.blobs import BlobReference, Blobs
from glassnet.engine.files.images import Fit, decoded
from glassnet.engine.files.scikit_learn import data_file

FIT = "How a picture of another form is fitted: its middle cut out, with black bars, or stretched."
INVERT = "Whether dark and light are exchanged: for ink on paper, where the data have bright strokes."

#: The largest file read: no picture for a network needs more.
MAX_BYTES = 64 << 20


class PictureInput(Input):
    """Picture: an uploaded file, converted to the size and channels of the data set.

    PNG, JPEG, GIF (its first picture), BMP, WebP, TIFF or PPM. Transparency becomes white.
    """

    kind: Literal["picture"] = "picture"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Any file will do.",),
        cons=(
            (
                "It is made as small as the data's pictures, and out of anything a network makes one of "
                "its classes."
            ),
        ),
        use="To try a picture of one's own.",
        example=Example(
            "Give a photograph of a digit on white paper.",
            preset="digits-convolution",
        ),
    )
    blob: BlobReference = option("sha256:" + 64 * "0", "The file, as it was uploaded.")
    fit: Fit = option("crop", FIT)
    invert: bool = option(False, INVERT)

    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        try:
            path = blobs.path(self.blob)
            if path.stat().st_size > MAX_BYTES:
                raise UnreadableInput(f"{path.stat().st_size:,} bytes; expected at most {MAX_BYTES:,}")
            return as_sample(path.read_bytes(), data, self.fit, self.invert)
        except (BlobMissing, DataError) as error:
            raise UnreadableInput(str(error)) from None


class Photograph(Input):
    """Photograph: one of the two that come with scikit-learn, a temple in China or a flower."""

    kind: Literal["photograph"] = "photograph"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Nothing to upload: edges and textures are there.",),
        cons=("Its class is none of the data's.",),
        use="To see what first filters do to a real picture.",
        example=Example(
            "Look at the maps of the first layer for the flower.",
            preset="shapes-convolution",
        ),
    )
    name: Literal["china", "flower"] = option("china", "Which of the two.")
    fit: Fit = option("crop", FIT)
    invert: bool = option(False, INVERT)

    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        return as_sample(photograph(self.name), data, self.fit, self.invert)


def photograph(name: str) -> bytes:
    """The bytes of a photograph, JPEG of 640×427 pixels."""
    return data_file(f"images/{name}.jpg").read_bytes()


def as_sample(content: bytes, data: Data, fit: Fit, invert: bool) -> Tensor:
    """A picture file as a raw sample of the data set: (1, channels, h, w) float32.

    Raises ValueError where the samples are not pictures, DataError where the file cannot be read.
    """
    brightest, shape = data.dataset.brightest, data.train.raw.shape[1:]
    if brightest is None:
        raise ValueError(f"a picture for '{data.dataset.kind}', whose samples are none; expected values")
    channels, height, width = shape
    pixels = torch.from_numpy(decoded(content, channels, (height, width), fit, invert))
    return (pixels.to(torch.float32) * (brightest / 255))[None]
