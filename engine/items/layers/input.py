"""The input node."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, require_dimensions
from glassnet.engine.items.node import Context, Role


class Input(Layer):
    """Input: the samples of the data set, or some columns of them.

    A network without an input node reads everything with its first node; with several of them,
    branches can look at different features. Reads `input` unless told otherwise.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["input"] = "input"
    role: ClassVar[Role | None] = "data"
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Branches can look at different features.",),
        cons=("Another node to keep in mind; without it the first node reads everything.",),
        use="Where a network has several branches.",
        example=Example(
            "A branch that sees some of the features only.",
        ),
    )
    columns: list[int] | None = option(
        None, "Positions of the features to read, from 0; empty: all.", min_length=1, max_length=10_000
    )

    def call(self, context: Context) -> Call:
        if self.columns is None:
            return Call("torch.nn.Identity")
        require_dimensions(context.shape, 1, "a vector, of which columns can be taken")
        for column in self.columns:
            if not 0 <= column < context.shape[0]:
                raise ValueError(f"column {column}; expected 0 to {context.shape[0] - 1}")
        return Call(Columns, self.columns)


class Columns(torch.nn.Module):
    """Some columns of a batch of vectors."""

    def __init__(self, columns: list[int]) -> None:
        super().__init__()
        self.columns = columns

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x[:, column : column + 1] for column in self.columns], dim=1)
