"""Flatten."""

from __future__ import annotations

from typing import Literal

from engine.call import Call
from engine.layers import Layer
from engine.node import Context, Window


class Flatten(Layer):
    """Flatten: lays all numbers of a sample in one row.

    Shapes: (channels, h, w) → (channels · h · w,).
    """

    kind: Literal["flatten"] = "flatten"

    def call(self, context: Context) -> Call:
        return Call("torch.nn.Flatten")

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None
