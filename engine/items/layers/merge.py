"""Nodes with several inputs: add, multiply and concatenate."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Role


class Add(Layer):
    """Add: sums its inputs, which have one shape.

    A residual connection is an add of what went in and what came out: x + F(x).
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["add"] = "add"
    role: ClassVar[Role | None] = "sum"
    keeps_units: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Gradients pass it unchanged to every branch.",),
        cons=("Shapes must be the same.",),
        use="For residual connections.",
        example=Example(
            "Two branches become one sum.",
        ),
        mistakes=(
            Mistake(
                "ResNet's shortcuts are gated.",
                "They are plain sums; Highway networks have gates.",
            ),
        ),
        tex=(r"y = \sum_i x_i",),
    )

    def call(self, context: Context) -> Call:
        if len(set(context.shapes)) != 1:
            raise ValueError(
                f"{' and '.join(map(shape_text, context.shapes))} arrive; "
                "expected the same shape on every input"
            )
        return Call(Sum)


class Multiply(Layer):
    """Multiply: the product of its inputs, element by element, and of a constant factor.

    A vector of one number for each channel scales whole maps, as a gate does in squeeze-and-excitation; a
    single input is scaled by the factor alone, as the branches of Inception-ResNet are. Shapes: (c, …) and
    (c, …) or (c,) → (c, …).
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["multiply"] = "multiply"
    role: ClassVar[Role | None] = "product"
    keeps_units: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    guide: ClassVar[Guide | None] = Guide(
        pros=("A gate: one branch decides how much of another passes.",),
        cons=("Where the gate is near 0, no gradient passes either.",),
        use="For squeeze-and-excitation, and for gates.",
        example=Example(
            "With one input: everything scaled by a constant.",
        ),
        tex=(r"y = f \prod_i x_i",),
    )
    factor: float = option(1.0, "f, the constant that the product is multiplied by.", ge=-1000, le=1000)

    def call(self, context: Context) -> Call:
        first, *gates = context.shapes
        if any(gate not in (first, first[:1]) for gate in gates):
            raise ValueError(
                f"{' and '.join(map(shape_text, context.shapes))} arrive; expected the first one's shape "
                f"on every other input, or {shape_text(first[:1])}: a number for each channel"
            )
        return Call(Product, self.factor)


class Concatenate(Layer):
    """Concatenate: lays its inputs one behind the other, along features or channels.

    Shapes: (a, …) and (b, …) → (a + b, …); the other sizes must agree.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["concatenate"] = "concatenate"
    role: ClassVar[Role | None] = "concatenation"
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    guide: ClassVar[Guide | None] = Guide(
        pros=("Nothing is lost: later layers choose.",),
        cons=("Widths add up, and so do the weights after it.",),
        use="For Inception, DenseNet and U-Net.",
        example=Example(
            "Two branches side by side.",
        ),
        tex=(r"(a) , (b) \to (a + b)",),
    )

    def call(self, context: Context) -> Call:
        if len({(len(shape), shape[1:]) for shape in context.shapes}) != 1:
            raise ValueError(
                f"{' and '.join(map(shape_text, context.shapes))} arrive; "
                "expected inputs that agree in everything but their first size"
            )
        return Call(Concatenation)


class Sum(torch.nn.Module):
    """x₁ + x₂ + …"""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        total = inputs[0]
        for x in inputs[1:]:
            total = total + x
        return total


class Product(torch.nn.Module):
    """factor · x₁ · x₂ · …, where a vector scales whole channels of the first."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        total = inputs[0]
        for x in inputs[1:]:
            total = total * x.reshape(*x.shape, *(1,) * (total.dim() - x.dim()))
        return total if self.factor == 1 else total * self.factor


class Concatenation(torch.nn.Module):
    """Inputs side by side along the first axis after the batch."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat(inputs, dim=1)
