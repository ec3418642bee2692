"""Nodes that add or leave out a part of each axis: pad, slice and crop."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Window

Border = Annotated[int, Field(ge=0, le=1024)]


class Pad(Layer):
    """Pad: numbers added around maps, as many on each side as are given.

    Zeros, another constant, the edge repeated, or the map mirrored at its edge or continued from the other
    side. Shapes: (channels, h, w) → (channels, h + top + bottom, w + left + right); alike for one and
    three axes. No parameters.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["pad"] = "pad"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Sides that differ, and edges other than zeros.",),
        cons=("What is added was never seen: zeros darken the borders of every map after them.",),
        use="Where a convolution's own padding is not enough: sides that differ, mirrored edges.",
        example=Example(
            "A frame around the picture, zeros or its own edge.",
        ),
        mistakes=(
            Mistake(
                "Padding keeps what is there at the edge as it was.",
                "[¼ ½ ¼] over ones gives ¾ at ends padded with zeros.",
            ),
        ),
        tex=(r"n' = \text{before} + n + \text{after}",),
    )
    sides: Border | Annotated[list[Border], Field(min_length=2, max_length=6)] = option(
        1,
        "How many are added: one number for every side, or a list of two for each axis, its beginning and "
        "its end, the first axis first: top, bottom, left, right.",
        unit="px",
    )
    mode: Literal["constant", "replicate", "reflect", "circular"] = option(
        "constant", "What is added: a constant, the edge repeated, the map mirrored, or its other side."
    )
    value: float = option(0.0, "The constant.", ge=-1e6, le=1e6)

    def call(self, context: Context) -> Call:
        axes = len(context.shape) - 1
        if not 1 <= axes <= 3:
            raise ValueError(f"{shape_text(context.shape)} arrives; expected channels × one to three sizes")
        sides = self._each(axes)
        # torch has the last axis first.
        last_first = [side for axis in reversed(range(axes)) for side in sides[2 * axis : 2 * axis + 2]]
        kind = {"replicate": "Replication", "reflect": "Reflection", "circular": "Circular"}.get(self.mode)
        if kind is None:
            return Call(f"torch.nn.ConstantPad{axes}d", tuple(last_first), self.value)
        return Call(f"torch.nn.{kind}Pad{axes}d", tuple(last_first))

    def _each(self, axes: int) -> list[int]:
        """The two sides of each axis. Raises ValueError where a list has another length."""
        if isinstance(self.sides, int):
            return [self.sides] * (2 * axes)
        if len(self.sides) != 2 * axes:
            raise ValueError(
                f"sides {self.sides} for {axes} axes; expected one number, or a list of {2 * axes}"
            )
        return self.sides

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        axes = len(context.shape) - 1
        return tuple(Window(1, padding=before) for before in self._each(axes)[::2])


class Slice(Layer):
    """Slice: a part of one axis, from a start to a stop, every so many.

    Channels by default: what a group of filters gave, or half of them. Along a spatial axis it crops, and
    with a step of 2 it thins out, as the shortcuts without weights of He et al. 2016 (option A) do. Shapes:
    the chosen axis → ⌈(stop − start) / step⌉. No parameters.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["slice"] = "slice"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A part is read without copying or weights.",),
        cons=("What is left out gets no gradient from here.",),
        use="Where branches read different channels, and to crop.",
        example=Example(
            "Half of what arrives, or every second number.",
        ),
        tex=(r"n' = \left\lceil \frac{\text{stop} - \text{start}}{\text{step}} \right\rceil",),
    )
    axis: int = option(0, "The axis: 0 for channels or features, then height, width and so on.", ge=0, le=5)
    start: int = option(0, "The first that is kept, counted from 0.", ge=0, le=10**9)
    stop: int | None = option(
        None, "The first that is not kept any more; empty: all to the end.", ge=1, le=10**9
    )
    step: int = option(1, "How far apart those are that are kept.", ge=1, le=10**6)

    def call(self, context: Context) -> Call:
        if self.axis >= len(context.shape):
            raise ValueError(
                f"{shape_text(context.shape)} arrives; expected an axis below {len(context.shape)}"
            )
        size = context.shape[self.axis]
        stop = size if self.stop is None else self.stop
        if not self.start < stop <= size:
            raise ValueError(
                f"from {self.start} to {stop} of {size} numbers along axis {self.axis}; "
                f"expected 0 ≤ start < stop ≤ {size}"
            )
        return Call(Sliced, self.axis + 1, self.start, stop, self.step)

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        spatial = len(context.shape) - 1
        along = Window(1, stride=self.step, padding=-self.start)
        return tuple(along if axis + 1 == self.axis else Window(1) for axis in range(spatial))


class CropLike(Layer):
    """Crop like: the first input, cut to the sides of the second one.

    In the middle, or from a given place on. It brings maps of an encoder to the size of a decoder's, as in
    U-Net and FCN. Shapes: (a, h, w) and (b, h′, w′) → (a, h′, w′), h′ ≤ h; alike for one and three axes. No
    parameters. The second input gives its size alone, and gets no gradient from here.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["crop_like"] = "crop_like"
    takes: ClassVar[tuple[int, ...] | None] = (1, 2, 3)
    keeps_units: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Sizes fit whatever the picture's side is.",),
        cons=("What is cut off is lost to what follows.",),
        use="Before maps of two sizes are added or concatenated.",
        example=Example(
            "What was padded before is cut off again.",
        ),
        tex=(r"n' = n_{\text{second}}",),
    )
    offset: int | None = option(
        None,
        "How many are cut off at the start of each axis; empty: as many as at its end.",
        ge=0,
        le=1024,
    )

    def call(self, context: Context) -> Call:
        first, second = context.shapes
        if len(first) != len(second) or not 2 <= len(first) <= 4:
            raise ValueError(
                f"{shape_text(first)} and {shape_text(second)} arrive; "
                "expected channels × one to three sizes, alike on both inputs"
            )
        starts = self._starts(context)
        for have, want, start in zip(first[1:], second[1:], starts, strict=True):
            if start < 0 or start + want > have:
                raise ValueError(
                    f"{shape_text(first)} arrives, to be cut to {shape_text(second[1:])} from {start} on; "
                    "expected a first input that is large enough"
                )
        return Call(Cropped, tuple(starts))

    def _starts(self, context: Context) -> list[int]:
        first, second = context.shapes
        if self.offset is not None:
            return [self.offset] * (len(first) - 1)
        return [(have - want) // 2 for have, want in zip(first[1:], second[1:], strict=True)]

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return tuple(Window(1, padding=-start) for start in self._starts(context))


class Cropped(torch.nn.Module):
    """The first input from a place on each axis, as large as the second."""

    def __init__(self, starts: tuple[int, ...]) -> None:
        super().__init__()
        self.starts = starts

    def forward(self, x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        for axis, start in enumerate(self.starts, 2):
            x = x.narrow(axis, start, like.shape[axis])
        return x


class Sliced(torch.nn.Module):
    """Every step-th number of an axis from a start to a stop."""

    def __init__(self, axis: int, start: int, stop: int, step: int) -> None:
        super().__init__()
        self.axis, self.start, self.stop, self.step = axis, start, stop, step

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        index = (slice(None),) * self.axis + (slice(self.start, self.stop, self.step),)
        return x[index]
