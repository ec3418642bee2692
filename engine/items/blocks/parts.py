"""The parts that blocks and architectures are put together from: a convolution with what follows it."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.layers.batch_norm import BatchNorm
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.node import Node

#: An activation without options, as most convolutions have it.
RELU = ReLU()


def convolution(
    name: str,
    filters: int,
    kernel: int | Sequence[int] = 1,
    *,
    reads: str | None = None,
    stride: int = 1,
    padding: int | None = None,
    groups: int = 1,
    bias: bool = False,
) -> Conv2d:
    """A convolution; without `padding` as many zeros as make odd kernels keep the size at stride 1."""
    kept = kernel // 2 if isinstance(kernel, int) else [side // 2 for side in kernel]
    return Conv2d(
        name=name,
        inputs=[reads] if reads else None,
        filters=filters,
        kernel=kernel if isinstance(kernel, int) else list(kernel),
        stride=stride,
        padding=kept if padding is None else padding,
        groups=groups,
        bias=bias,
    )


def normalized(
    name: str,
    filters: int,
    kernel: int | Sequence[int] = 1,
    *,
    reads: str | None = None,
    stride: int = 1,
    padding: int | None = None,
    groups: int = 1,
    activation: Activation | None = RELU,
    epsilon: float = 1e-5,
    frozen: bool = False,
) -> list[Node]:
    """A convolution without bias, batch norm and an activation: `name`, `name_norm`, `name_relu`."""
    conv = convolution(name, filters, kernel, reads=reads, stride=stride, padding=padding, groups=groups)
    return [conv, *norm_and(name, activation, epsilon, frozen)]


def norm_and(
    name: str, activation: Activation | None = RELU, epsilon: float = 1e-5, frozen: bool = False
) -> list[Node]:
    """Batch norm and an activation after the node called `name`: `name_norm`, `name_relu`."""
    nodes: list[Node] = [BatchNorm(name=f"{name}_norm", epsilon=epsilon, frozen=frozen)]
    return nodes if activation is None else [*nodes, active(activation, f"{name}_{activation.kind}")]


def active(activation: Activation, name: str, reads: str | None = None) -> Node:
    """An activation under a name; it reads the node before, or `reads`."""
    return activation.model_copy(update={"name": name, "inputs": [reads] if reads else None})


def last(nodes: Sequence[Node]) -> str:
    """The name of the last of some nodes."""
    return nodes[-1].name or ""
