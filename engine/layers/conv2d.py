"""Two-dimensional convolution."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.call import Call
from engine.catalog import Choice, option
from engine.initializers import Initializer
from engine.initializers.constant import Zeros
from engine.initializers.scaled import He
from engine.layers import Layer, require_dimensions, shape_text
from engine.node import Context, Window


class Conv2d(Layer):
    """Convolution: the same small filters at every place of an image.

    Shapes: (channels, h, w) → (filters, h′, w′) with h′ = ⌊(h + 2p − k) / s⌋ + 1. What layers compute
    is cross-correlation: the kernel is not flipped. Parameters: filters · channels · k² + filters.
    """

    kind: Literal["conv2d"] = "conv2d"
    filters: int = option(8, "How many filters, each giving one feature map.", ge=1, le=10**9)
    kernel: int = option(3, "Side of the square filter.", unit="px", ge=1, le=1024)
    stride: int = option(1, "How far the filter moves at a time.", unit="px", ge=1, le=1024)
    padding: Annotated[int, Field(ge=0, le=1024)] | Literal["valid", "same"] = option(
        "valid", "Zeros around the image: none (valid), as many as keep its size (same), or a number."
    )
    bias: bool = option(True, "Whether each feature map has a constant added.")
    initializer: Annotated[Initializer, Choice(Initializer)] = option(He(), "How the filters start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def call(self, context: Context) -> Call:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        channels, *image = context.shape
        padding = self._padding()
        if min(image) + 2 * padding < self.kernel:
            raise ValueError(
                f"{shape_text(context.shape)} arrives and padding adds {padding} on each side; "
                f"expected at least {self.kernel}×{self.kernel} for a kernel of {self.kernel}"
            )
        return Call(
            "torch.nn.Conv2d",
            channels,
            self.filters,
            self.kernel,
            stride=self.stride,
            padding=padding,
            bias=self.bias,
        )

    def _padding(self) -> int:
        if self.padding == "valid":
            return 0
        if self.padding == "same":
            if self.stride != 1 or self.kernel % 2 == 0:
                raise ValueError(
                    f"padding 'same' with stride {self.stride} and kernel {self.kernel}; "
                    "expected stride 1 and an odd kernel"
                )
            return (self.kernel - 1) // 2
        return self.padding

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return (Window(self.kernel, self.stride, padding=self._padding()),) * 2
