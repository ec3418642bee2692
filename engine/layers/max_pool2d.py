"""Max pooling."""

from __future__ import annotations

from typing import Literal

from engine.call import Call
from engine.catalog import option
from engine.layers import Layer, require_dimensions, shape_text
from engine.node import Context, Window


class MaxPool2d(Layer):
    """Max pooling: the largest number of each window, which small shifts barely change.

    Shapes: (channels, h, w) → (channels, ⌊(h − k) / s⌋ + 1, ⌊(w − k) / s⌋ + 1). No parameters.
    """

    kind: Literal["max_pool2d"] = "max_pool2d"
    kernel: int = option(2, "Side of the window.", unit="px", ge=1, le=1024)
    stride: int | None = option(
        None, "How far the window moves; empty: its own side, so that windows do not overlap.", ge=1, le=1024
    )

    def call(self, context: Context) -> Call:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        if min(context.shape[1:]) < self.kernel:
            raise ValueError(
                f"{shape_text(context.shape)} arrives; expected at least {self.kernel}×{self.kernel}"
            )
        return Call("torch.nn.MaxPool2d", self.kernel, stride=self.stride or self.kernel)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return (Window(self.kernel, self.stride or self.kernel),) * 2
