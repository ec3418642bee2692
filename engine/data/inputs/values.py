"""Inputs given as numbers."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.load import Data
from glassnet.engine.files.blobs import Blobs


class ValuesInput(Input):
    """Values: typed numbers, or the pixels of a drawing, in the data set's units.

    For images: channel by channel, each row by row from the top.
    """

    kind: Literal["values"] = "values"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Any point can be asked.",),
        cons=("Numbers far from the data get an answer as well, and it means nothing.",),
        use="To ask for one's own numbers.",
        example=Example(
            "Type two numbers and see the answer, and each unit's.",
            preset="circle",
        ),
    )
    values: list[Annotated[float, Field(ge=-1e9, le=1e9)]] = option(
        [0.0], "One number for each feature or pixel.", min_length=1, max_length=65536
    )

    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        shape = data.train.raw.shape[1:]
        if len(self.values) != math.prod(shape):
            raise ValueError(
                f"{len(self.values)} numbers for a sample of '{data.dataset.kind}'; "
                f"expected {math.prod(shape)} ({'×'.join(map(str, shape))})"
            )
        return torch.tensor(self.values, dtype=torch.float32).view(1, *shape)
