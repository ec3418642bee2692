"""Inputs drawn or captured as pixels."""

from __future__ import annotations

import base64
import binascii
import math
from typing import ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.load import Data
from glassnet.engine.files.blobs import Blobs


class PixelsInput(Input):
    """Pixels: a drawing or a camera's picture, as bytes from 0 (dark) to 255, in base64.

    Channel by channel, each row by row from the top. A quarter of the length of the same as values.
    """

    kind: Literal["pixels"] = "pixels"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What one draws is answered at once.",),
        cons=("A drawing is not like the data: centre it and fill the square.",),
        use="To draw a digit.",
        example=Example(
            "Draw a digit and watch the maps.",
            preset="digits-convolution",
        ),
    )
    pixels: str = option("AA==", "A byte for each pixel and channel, in base64.", max_length=1 << 18)

    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        brightest, shape = data.dataset.brightest, data.train.raw.shape[1:]
        if brightest is None:
            raise ValueError(
                f"pixels for '{data.dataset.kind}', whose samples are no pictures; expected values"
            )
        try:
            content = base64.b64decode(self.pixels, validate=True)
        except binascii.Error as error:
            raise ValueError(f"no base64 ({error}); expected bytes in base64") from None
        if len(content) != math.prod(shape):
            raise ValueError(
                f"{len(content):,} bytes for a picture of '{data.dataset.kind}'; "
                f"expected {math.prod(shape):,} ({'×'.join(map(str, shape))})"
            )
        values = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(1, *shape)
        return values.float() * (brightest / 255)
