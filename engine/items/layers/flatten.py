"""Flatten."""

from __future__ import annotations

from typing import ClassVar, Literal

from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.node import Context, Role, Window


class Flatten(Layer):
    """Flatten: lays all numbers of a sample in one row.

    Shapes: (channels, h, w) → (channels · h · w,).
    """

    kind: Literal["flatten"] = "flatten"
    role: ClassVar[Role | None] = "flattening"
    usual: ClassVar[int | None] = 6

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Flatten")

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None
