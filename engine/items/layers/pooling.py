"""Pooling: one number for each window of a feature map."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.layers.convolution import plain
from glassnet.engine.items.layers.sliding import Borders, Sides, Spatial, shown, slid
from glassnet.engine.items.node import Context, Role, Window


class Pooling(Spatial, ABC):
    """The options of pooling, whatever its axes."""

    keeps_units: ClassVar[bool] = True
    followed: ClassVar[bool] = True

    kernel: Sides = option(2, "Side of the window; two or three numbers for sides that differ.", unit="px")
    stride: Sides | None = option(
        None,
        "How far the window moves; empty: its own side, so that windows do not overlap. Less, and they do; "
        "with 1 the map keeps its resolution.",
        unit="px",
    )
    padding: Borders = option(0, "Rows added around the map, at most half the window.", unit="px")
    ceil_mode: bool = option(
        False, "Whether a last window may reach over the edge (sizes are rounded up), as in GoogLeNet."
    )

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        kernel = self.each(self.kernel)
        stride = kernel if self.stride is None else self.each(self.stride)
        numbers = zip(kernel, stride, self.each(self._dilation()), self.each(self.padding), strict=True)
        return tuple(Window(*each) for each in numbers)

    def _dilation(self) -> int | list[int]:
        return 1

    def _arguments(self, context: Context) -> tuple[int | tuple[int, ...], dict[str, Any]]:
        """The window's side, and how it moves. Raises ValueError where it does not fit."""
        _, sizes = self.arrived(context)
        windows = self.windows(context) or ()
        if any(window.padding > window.size // 2 for window in windows):
            raise ValueError(
                f"padding {shown(self.padding)} for a window of {shown(self.kernel)}; "
                "expected at most half the window, so that each window holds something"
            )
        slid(context.shape, sizes, windows, self.kernel, self._dilation())
        options: dict[str, Any] = {"stride": plain(tuple(window.stride for window in windows))}
        if self.padding != 0:
            options["padding"] = plain(self.each(self.padding))
        return plain(self.each(self.kernel)), options


class MaxPooling(Pooling, ABC):
    """Max pooling along any axes."""

    role: ClassVar[Role | None] = "max_pooling"
    usual: ClassVar[int | None] = 1

    dilation: Sides = option(1, "Distance between the numbers that a window compares.")

    def _dilation(self) -> int | list[int]:
        return self.dilation

    def call(self, context: Context) -> Call:
        kernel, options = self._arguments(context)
        if set(self.each(self.dilation)) != {1}:
            options["dilation"] = plain(self.each(self.dilation))
        if self.ceil_mode:
            options["ceil_mode"] = True
        return Call(f"torch.nn.MaxPool{self.axes}d", kernel, **options)


class MaxPool1d(MaxPooling):
    """Max pooling 1-D: the largest number of each stretch of a sequence.

    Shapes: (channels, n) → (channels, ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1). No parameters.
    """

    kind: Literal["max_pool1d"] = "max_pool1d"
    axes: ClassVar[int] = 1
    guide: ClassVar[Guide | None] = Guide(
        pros=("Keeps the strongest answer of a stretch, wherever in it that is.",),
        cons=("Where it was is forgotten.",),
        use="After convolutions on signals.",
        example=Example(
            "Pooling on a short sequence.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )


class MaxPool2d(MaxPooling):
    """Max pooling: the largest number of each window, which small shifts barely change.

    Shapes: (channels, h, w) → (channels, ⌊(h − k) / s⌋ + 1, ⌊(w − k) / s⌋ + 1); in general
    ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1. No parameters. VGG's "same" padding is that of its convolutions, not
    of its pooling.
    """

    kind: Literal["max_pool2d"] = "max_pool2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Small shifts of the input barely change the result.",
            "No weights, and a quarter of the numbers at stride 2.",
        ),
        cons=("Forgets where in the window the greatest was; three quarters of the gradients are 0.",),
        use="Between convolutions of a classifier.",
        example=Example(
            "Look at the maps before and after it: half the side, the same answer.",
            preset="digits-convolution",
        ),
        mistakes=(
            Mistake(
                '"Same" padding in VGG is that of its pooling.',
                "It is that of its convolutions; the pooling has none.",
            ),
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )


class MaxPool3d(MaxPooling):
    """Max pooling 3-D: the largest number of each block of a volume.

    Shapes: (channels, d, h, w) → each size ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1. No parameters.
    """

    kind: Literal["max_pool3d"] = "max_pool3d"
    axes: ClassVar[int] = 3
    guide: ClassVar[Guide | None] = Guide(
        pros=("Small shifts in space and time barely change the result.",),
        cons=("Forgets where in the block the greatest was.",),
        use="After convolutions on volumes and films.",
        example=Example(
            "Pooling on a small volume.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )


class AveragePooling(Pooling, ABC):
    """Average pooling along any axes."""

    role: ClassVar[Role | None] = "average_pooling"
    usual: ClassVar[int | None] = 3

    count_padding: bool = option(True, "Whether the zeros of the padding count for the average.")

    def call(self, context: Context) -> Call:
        kernel, options = self._arguments(context)
        if self.axes == 3:  # torch does not count the padding there
            unpadded = [Window(size) for size in self.each(self.kernel)]
            slid(context.shape, context.shape[1:], unpadded, self.kernel)
        if self.ceil_mode:
            options["ceil_mode"] = True
        if not self.count_padding:
            options["count_include_pad"] = False
        return Call(f"torch.nn.AvgPool{self.axes}d", kernel, **options)


class AveragePool1d(AveragePooling):
    """Average pooling 1-D: the mean of each stretch of a sequence.

    Shapes: (channels, n) → (channels, ⌊(n + 2p − k) / s⌋ + 1). No parameters.
    """

    kind: Literal["average_pool1d"] = "average_pool1d"
    axes: ClassVar[int] = 1
    guide: ClassVar[Guide | None] = Guide(
        pros=("A blur and a step down in one.",),
        cons=("A single strong answer is diluted.",),
        use="For smooth signals.",
        example=Example(
            "Pooling on a short sequence.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",),
    )


class AveragePool2d(AveragePooling):
    """Average pooling: the mean of each window, a blur and a step down in one.

    Shapes: (channels, h, w) → (channels, ⌊(h + 2p − k) / s⌋ + 1, ⌊(w + 2p − k) / s⌋ + 1). No parameters.
    LeNet's subsampling, without its learned factor.
    """

    kind: Literal["average_pool2d"] = "average_pool2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Smooth: every number has a share in the result and in the gradient.",),
        cons=("A single strong answer is diluted.",),
        use="In LeNet-5, and where aliasing matters.",
        example=Example(
            "Compare the maps with those of max pooling: paler, smoother.",
            preset="digits-convolution",
            changes={
                "/network/2": {"kind": "average_pool2d", "name": "pool"},
            },
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",),
    )


class AveragePool3d(AveragePooling):
    """Average pooling 3-D: the mean of each block of a volume.

    Shapes: (channels, d, h, w) → each size ⌊(n + 2p − k) / s⌋ + 1. No parameters.
    """

    kind: Literal["average_pool3d"] = "average_pool3d"
    axes: ClassVar[int] = 3
    guide: ClassVar[Guide | None] = Guide(
        pros=("A blur in space and time.",),
        cons=("A single strong answer is diluted.",),
        use="For smooth volumes.",
        example=Example(
            "Pooling on a small volume.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",),
    )


class GlobalPooling(Layer, ABC):
    """Pooling over whole maps."""

    any_layout: ClassVar[bool] = True
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    followed: ClassVar[bool] = True

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None


class GlobalMaxPool(GlobalPooling):
    """Global max pooling: the largest number of each whole feature map, wherever in it that is.

    Shapes: (channels, …) → (channels,), for one to three axes. No parameters.
    """

    kind: Literal["global_max_pool"] = "global_max_pool"
    role: ClassVar[Role | None] = "max_pooling"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Any size of picture gives one number a map: is it there, anywhere?",),
        cons=("How often and where is forgotten.",),
        use="Where something small anywhere decides.",
        example=Example(
            "Each filter's strongest answer anywhere decides the class.",
            preset="gratings",
        ),
        tex=(r"y_c = \max_{i,j} x_{c,i,j}",),
    )

    def call(self, context: Context) -> Call:
        return _global("Max", context)


class GlobalAveragePool(GlobalPooling):
    """Global average pooling: the mean of each whole feature map, in place of dense layers at the end.

    Shapes: (channels, …) → (channels,), for one to three axes. No parameters. Lin et al. 2014.
    """

    kind: Literal["global_average_pool"] = "global_average_pool"
    role: ClassVar[Role | None] = "average_pooling"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Any size of picture gives one number a map.",
            "No weights, where dense layers have most of a network's.",
        ),
        cons=("Where is forgotten, and small things are diluted.",),
        use="At the end of convolutional networks, as in ResNet.",
        example=Example(
            "In place of flatten: the last layer has a hundredth of the weights.",
            preset="digits-convolution",
            changes={
                "/network/6": {"kind": "global_average_pool", "name": "mean"},
            },
            claim={"parameters": True, "op": "<", "than": {"parameters": True, "of": "preset"}},
        ),
        tex=(r"y_c = \frac{1}{hw} \sum_{i,j} x_{c,i,j}",),
    )

    def call(self, context: Context) -> Call:
        return _global("Avg", context)


def _global(how: str, context: Context) -> Call:
    axes = len(context.shape) - 1
    if not 1 <= axes <= 3:
        raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
    pooled = Call(f"torch.nn.Adaptive{how}Pool{axes}d", 1)
    return Call("torch.nn.Sequential", pooled, Call("torch.nn.Flatten"))
