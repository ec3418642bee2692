"""The base classes of nodes that slide a window over their input: sides, strides, padding, output sizes."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import option
from glassnet.engine.items.layers import Layer, require_dimensions, shape_text
from glassnet.engine.items.node import Context, Shape, Window

Side = Annotated[int, Field(ge=1, le=1024)]
Border = Annotated[int, Field(ge=0, le=1024)]

#: One number for every axis, or one for each.
Sides = Side | Annotated[list[Side], Field(min_length=1, max_length=3)]
Borders = Border | Annotated[list[Border], Field(min_length=1, max_length=3)]

#: The expected input of a node, by its number of spatial axes.
EXPECTED = {
    1: "a sequence: channels × length",
    2: "an image: channels × height × width",
    3: "a volume: channels × depth × height × width",
}


class Spatial(Layer, ABC):
    """A node over one, two or three spatial axes, whose options may be one number or one for each axis."""

    any_layout: ClassVar[bool] = True
    axes: ClassVar[int] = 2
    takes: ClassVar[tuple[int, ...] | None] = (2,)

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        cls.takes = (cls.axes,)

    @field_validator(
        "kernel", "stride", "padding", "dilation", "output_padding", "factor", check_fields=False
    )
    @classmethod
    def _one_for_each_axis(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) != cls.axes:
            raise PydanticCustomError(
                "axes",
                "{shown}; expected one number, or {axes}",
                {"shown": value, "axes": f"a list of {cls.axes}"},
            )
        return value

    def arrived(self, context: Context) -> tuple[int, Shape]:
        """Channels and sizes of the input. Raises ValueError where its number of axes differs."""
        require_dimensions(context.shape, self.axes + 1, EXPECTED[self.axes])
        channels, *sizes = context.shape
        return channels, tuple(sizes)

    def each(self, value: int | Sequence[int]) -> tuple[int, ...]:
        """The value of an option for each axis, where one number applies to all."""
        return (value,) * self.axes if isinstance(value, int) else tuple(value)


class Sliding(Spatial, ABC):
    """A node that slides a kernel over its input."""

    kernel: Sides = option(3, "Side of the filter; two or three numbers for sides that differ.", unit="px")
    stride: Sides = option(1, "How far the filter moves at a time.", unit="px")
    padding: Borders | Literal["valid", "same", "full"] = option(
        "valid",
        "Zeros around the input: none (valid), as many as keep its size (same), as many as let the filter "
        "touch it by one number (full), or a number.",
    )
    dilation: Sides = option(1, "Distance between the filter's numbers: 2 leaves every other one out.")

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return tuple(
            Window(size, stride, dilation, padding)
            for size, stride, dilation, padding in zip(
                self.each(self.kernel),
                self.each(self.stride),
                self.each(self.dilation),
                self.borders(),
                strict=True,
            )
        )

    def borders(self) -> tuple[int, ...]:
        """Zeros added on each side of each axis: full is d(k − 1), same is half of it."""
        reach = [d * (k - 1) for k, d in zip(self.each(self.kernel), self.each(self.dilation), strict=True)]
        match self.padding:
            case "valid":
                return (0,) * self.axes
            case "full":
                return tuple(reach)
            case "same":
                if set(self.each(self.stride)) != {1} or any(size % 2 for size in reach):
                    raise ValueError(
                        f"padding 'same' with stride {shown(self.stride)} and kernel {shown(self.kernel)}; "
                        "expected stride 1 and an odd kernel"
                    )
                return tuple(size // 2 for size in reach)
            case numbers:
                return self.each(numbers)

    def places(self, context: Context) -> Shape:
        """The output's sizes, ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 each. Raises ValueError where none fits."""
        _, sizes = self.arrived(context)
        windows = self.windows(context) or ()
        return slid(context.shape, sizes, windows, self.kernel, self.dilation)


def slid(
    arrived: Shape,
    sizes: Sequence[int],
    windows: Sequence[Window],
    kernel: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
) -> Shape:
    """The number of windows along each axis. Raises ValueError, with what arrived, where none fits."""
    reaches = [(window.size - 1) * window.dilation + 1 for window in windows]
    padded = [size + 2 * window.padding for size, window in zip(sizes, windows, strict=True)]
    if any(have < need for have, need in zip(padded, reaches, strict=True)):
        borders = [window.padding for window in windows]
        adds = f" and padding adds {shown(borders)} on each side" if any(borders) else ""
        spaced = "" if set([dilation] if isinstance(dilation, int) else dilation) == {1} else (
            f" with dilation {shown(dilation)}"
        )  # fmt: skip
        raise ValueError(
            f"{shape_text(arrived)} arrives{adds}; expected at least {shape_text(tuple(reaches))} "
            f"for a kernel of {shown(kernel)}{spaced}"
        )
    return tuple(
        (have - need) // window.stride + 1
        for have, need, window in zip(padded, reaches, windows, strict=True)
    )


def shown(value: int | Sequence[int]) -> str:
    """A size as text: one number for all axes as itself, several as 3×5."""
    numbers = [value] if isinstance(value, int) else list(value)
    return str(numbers[0]) if len(set(numbers)) == 1 else "×".join(map(str, numbers))
