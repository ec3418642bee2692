"""Convolution along one, two and three axes, and one channel at a time."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, Any, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.initializers.constant import Zeros
from glassnet.engine.items.initializers.scaled import He
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.layers.convolving import DirectConvolution, FourierConvolution
from glassnet.engine.items.layers.sliding import Sliding
from glassnet.engine.items.node import Context, Role


class Filters(Layer, ABC):
    """A node with filters, each of which produces one feature map."""

    role: ClassVar[Role | None] = "convolution"
    size_option: ClassVar[str | None] = "filters"
    followed: ClassVar[bool] = True

    filters: int | None = option(
        8, "How many filters, each giving one feature map; empty: as many as the task wants.", ge=1, le=10**9
    )

    def maps(self, context: Context) -> int:
        """How many feature maps it gives. Raises ValueError where that is left to a task that reads none."""
        maps = self.filters if self.filters is not None else context.width
        if maps is None:
            raise ValueError("filters is empty, but no loss reads this node; expected a number")
        return maps


class Convolution(Sliding, Filters, ABC):
    """The options of convolutions, whatever their axes."""

    usual: ClassVar[int | None] = 0
    slides: ClassVar[bool] = True

    groups: int = option(
        1, "Into how many groups channels and filters fall; a filter sees its own group.", ge=1, le=10**9
    )
    bias: bool = option(True, "Whether each feature map has a constant added.")
    bias_per: Literal["channel", "location"] = option(
        "channel",
        "Whether a feature map has one bias, or one at each location, which ties the node to this size.",
    )
    method: Literal["direct", "fft"] = option(
        "direct", "How it is computed: sums of products, or products of Fourier transforms. The same result."
    )
    initializer: Annotated[Initializer, Choice(Initializer)] = option(He(), "How the filters start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def call(self, context: Context) -> Call:
        channels, _ = self.arrived(context)
        maps = self.maps(context)
        if channels % self.groups or maps % self.groups:
            raise ValueError(
                f"{channels} channels arrive and {maps} filters are asked for in {self.groups} "
                f"groups; expected groups to divide both"
            )
        places = self.places(context)
        options: dict[str, Any] = {
            "stride": plain(self.each(self.stride)),
            "padding": plain(self.borders()),
            "dilation": plain(self.each(self.dilation)),
            "groups": self.groups,
        }
        kernel = self.each(self.kernel)
        if self.method == "direct" and not (self.bias and self.bias_per == "location"):
            ones = {"dilation": 1, "groups": 1}
            kept = {name: value for name, value in options.items() if ones.get(name) != value}
            sizes = (channels, maps, plain(kernel))
            return Call(f"torch.nn.Conv{self.axes}d", *sizes, **kept, bias=self.bias)
        spread = tuple(
            value if isinstance(value, tuple) else (value,) * self.axes for value in options.values()
        )
        target = DirectConvolution if self.method == "direct" else FourierConvolution
        biases = None if not self.bias else (places if self.bias_per == "location" else (1,) * self.axes)
        return Call(target, channels, maps, kernel, *spread[:3], self.groups, biases)

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})


class Conv1d(Convolution):
    """Convolution 1-D: the same small filters at every place of a sequence.

    Shapes: (channels, n) → (filters, n′) with n′ = ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1. What layers compute is
    cross-correlation: the kernel is not flipped. Parameters: filters · channels / groups · k + filters.
    """

    kind: Literal["conv1d"] = "conv1d"
    axes: ClassVar[int] = 1
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            (
                "The same filter at every place: few weights, and a shift of the input is a shift of "
                "the output."
            ),
        ),
        cons=("It sees as far as its kernel: far dependencies need depth, dilation or attention.",),
        use="For signals and sequences.",
        example=Example(
            "A convolution over a short sequence: open its arithmetic.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )


class Conv2d(Convolution):
    """Convolution: the same small filters at every place of an image.

    Shapes: (channels, h, w) → (filters, h′, w′) with h′ = ⌊(h + 2p − d(k − 1) − 1) / s⌋ + 1. What layers
    compute is cross-correlation: the kernel is not flipped. A shifted image gives shifted maps: convolution
    is equivariant to shifts, not invariant. Parameters: filters · channels / groups · k² + filters.
    """

    kind: Literal["conv2d"] = "conv2d"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Few weights, used at every place.",
            "Shifted input, shifted maps: what is learned here is known there.",
        ),
        cons=(
            "Sees only its window; a larger view needs depth, stride or pooling.",
            "Much computation for few weights.",
        ),
        use="For pictures, and whatever lies on a grid.",
        example=Example(
            "Open the filters and the maps: the first layer finds edges.",
            preset="digits-convolution",
        ),
        mistakes=(
            Mistake(
                "Convolution layers are translation invariant.",
                "They are equivariant: the maps shift along. Pooling makes them a little invariant.",
            ),
            Mistake(
                "Convolution flips the kernel.",
                "The mathematical one does; layers compute cross-correlation, without the flip.",
            ),
            Mistake(
                "More filters regularize.",
                "They add capacity: more can be told apart, and more can be learned by heart.",
            ),
            Mistake(
                "4×4 padded by one is 5×5.",
                "6×6: one on each side.",
            ),
        ),
        tex=(
            r"y_{f,i,j} = b_f + \sum_{c,u,v} K_{f,c,u,v}\, x_{c,\,si + du - p,\,sj + dv - p}",
            r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",
        ),
    )


class Conv3d(Convolution):
    """Convolution 3-D: the same small filters at every place of a volume, or of a film in space and time.

    Shapes: (channels, d, h, w) → (filters, d′, h′, w′), each ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1; a kernel less
    deep than the volume moves through its depth, too (C3D). Parameters: filters · channels / groups · k³ +
    filters.
    """

    kind: Literal["conv3d"] = "conv3d"
    axes: ClassVar[int] = 3
    guide: ClassVar[Guide | None] = Guide(
        pros=("Finds what moves, or has volume.",),
        cons=("k³ weights and k³ times the work for each output.",),
        use="For films and volumes, as C3D.",
        example=Example(
            "A convolution on a small volume: its slices are shown side by side.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )


class DepthwiseConv2d(Sliding):
    """Depthwise convolution: filters that see one channel each, so that channels do not mix.

    Shapes: (channels, h, w) → (channels · multiplier, h′, w′). Parameters: channels · multiplier · (k² + 1).
    A grouped convolution with a group for each channel.
    """

    kind: Literal["depthwise_conv2d"] = "depthwise_conv2d"
    role: ClassVar[Role | None] = "convolution"
    slides: ClassVar[bool] = True
    followed: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("k² weights a channel: channels are filtered, not mixed.",),
        cons=("Alone it cannot combine channels: a 1×1 convolution must follow.",),
        use="As the first half of a separable convolution.",
        example=Example(
            "Each map comes from one map before: look at its arithmetic.",
        ),
        tex=(r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",),
    )
    multiplier: int = option(1, "How many filters each channel has.", ge=1, le=10**6)
    bias: bool = option(True, "Whether each feature map has a constant added.")
    initializer: Annotated[Initializer, Choice(Initializer)] = option(He(), "How the filters start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def call(self, context: Context) -> Call:
        channels, _ = self.arrived(context)
        self.places(context)
        return Call(
            "torch.nn.Conv2d",
            channels,
            channels * self.multiplier,
            plain(self.each(self.kernel)),
            stride=plain(self.each(self.stride)),
            padding=plain(self.borders()),
            dilation=plain(self.each(self.dilation)),
            groups=channels,
            bias=self.bias,
        )

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})


def plain(numbers: tuple[int, ...]) -> int | tuple[int, ...]:
    """One number where all axes have the same, else the tuple."""
    return numbers[0] if len(set(numbers)) == 1 else numbers
