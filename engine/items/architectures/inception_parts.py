"""What Inception-v3 and Inception-ResNet-v2 share: their first layers, and blocks of branches."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Sequence
from typing import NamedTuple

from glassnet.engine.items.architectures import Stemmed
from glassnet.engine.items.blocks.parts import last, normalized
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.items.layers.merge import Concatenate
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.node import INPUT, Node

#: ε of the batch norms, as in the published code.
EPSILON = 1e-3


class Step(NamedTuple):
    """A convolution of a branch: its filters, their sides, how far they move, and zeros around the maps."""

    filters: int
    kernel: int | tuple[int, int] = 1
    stride: int = 1
    #: None: as many zeros as keep the size at stride 1.
    padding: int | None = None


#: What a branch does next: a convolution, another node, or two convolutions side by side at its end.
Part = Step | Node | tuple[Step, Step]


class Factored(Stemmed, ABC):
    """An Inception of factored filters: every convolution has batch norm with this ε."""

    def first(self) -> list[Node]:
        """The layers before the first block: 299 → 35 pixels, or none of it for small pictures."""
        small, border = self.stem == "small", self.border
        return [
            *self.conv("conv1a", 32, 3, reads=INPUT, stride=1 if small else 2, padding=border),
            *self.conv("conv2a", 32, 3, padding=border),
            *self.conv("conv2b", 64, 3),
            *([] if small else [MaxPool2d(name="pool1", kernel=3, stride=2)]),
            *self.conv("conv3b", 80),
            *self.conv("conv4a", 192, 3, padding=border),
            *([] if small else [MaxPool2d(name="pool2", kernel=3, stride=2)]),
        ]

    @property
    def border(self) -> int:
        """Zeros around what is read: maps of small pictures soon have fewer than three pixels."""
        return 1 if self.stem == "small" else 0

    def conv(
        self,
        name: str,
        filters: int,
        kernel: int = 1,
        *,
        reads: str | None = None,
        stride: int = 1,
        padding: int | None = None,
    ) -> list[Node]:
        """A convolution with batch norm and ReLU, its width that of the published one."""
        width = self.wide(filters)
        return normalized(name, width, kernel, reads=reads, stride=stride, padding=padding, epsilon=EPSILON)


class Branches:
    """Makes the blocks of an architecture, whose widths are `wide` of the published ones."""

    def __init__(self, wide: Callable[[int], int]) -> None:
        self.wide = wide

    def block(self, name: str, reads: str | None = None, **branches: Sequence[Part]) -> Node:
        """The branches by their names, each a chain that begins at the input, and their concatenation."""
        body: list[Node] = []
        ends: list[str] = []
        for branch, parts in branches.items():
            nodes, found = self.chain(branch, parts)
            body += nodes
            ends += found
        joined = Concatenate(name="joined", inputs=ends)
        return Subnetwork(name=name, inputs=[reads] if reads else None, body=[*body, joined])

    def chain(self, branch: str, parts: Sequence[Part]) -> tuple[list[Node], list[str]]:
        """The nodes of a branch, and the names of those that give its maps."""
        nodes: list[Node] = []
        read = INPUT
        for number, part in enumerate(parts, 1):
            if isinstance(part, Node):
                nodes.append(part.model_copy(update={"inputs": [read]}))
            elif isinstance(part, Step):
                nodes += self._conv(f"{branch}{number}", part, read)
            else:
                pair = [
                    self._conv(f"{branch}{number}{side}", step, read)
                    for side, step in zip("ab", part, strict=True)
                ]
                return [*nodes, *pair[0], *pair[1]], [last(pair[0]), last(pair[1])]
            read = last(nodes)
        return nodes, [read]

    def _conv(self, name: str, step: Step, reads: str) -> list[Node]:
        return normalized(
            name,
            self.wide(step.filters),
            step.kernel,
            reads=reads,
            stride=step.stride,
            padding=step.padding,
            epsilon=EPSILON,
        )
