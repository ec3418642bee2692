"""Activations: the function and its derivative; of those that see several units, as one of them moves."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Figure
from glassnet.engine.figures.slopes import with_slopes
from glassnet.engine.figures.values import spaced
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context

#: The sums that are drawn, and how many of them.
LOW, HIGH, POINTS = -5.0, 5.0, 401

#: Those of items that are defined between 0 and 1 alone.
UNIT_LOW, UNIT_HIGH = -0.25, 1.25

#: Of softmax and its kin, the sums of the units that stay where they are.
RESTING = (0.0, 1.0)

NOTES = {
    True: "Computed by the module that trains, and differentiated by autograd.",
    False: "x₁ moves, the other units rest. Computed by the module that trains.",
}


def figure(item: Activation) -> Figure:
    """The values of an activation, and its derivatives by autograd."""
    bounded = item.guide is not None and item.guide.domain == "(0, 1)"
    low, high = (UNIT_LOW, UNIT_HIGH) if bounded else (LOW, HIGH)
    x = spaced(low, high, POINTS).requires_grad_()
    values = _elementwise(item, x) if item.elementwise else _over_units(item, x)
    names = [""] if item.elementwise else [f"f{_low(unit)}" for unit in range(1, len(values) + 1)]
    axis = Axis("x" if item.elementwise else "x₁")
    named = dict(zip(names, values, strict=True))
    charts = with_slopes(x, named, axis, ("Function", "f(x)"), ("Derivative", "f′(x)"))
    return Figure(charts, NOTES[item.elementwise])


def _elementwise(item: Activation, x: Tensor) -> list[Tensor]:
    """The values at x (points,)."""
    module = item.call(Context(((1,),), None, lambda nodes: (1,))).build().double()
    return [module(x[:, None])[:, 0] + 0 * x]  # where the function is constant, x has a slope of 0


def _over_units(item: Activation, x: Tensor) -> list[Tensor]:
    """The value of each unit that it gives, as the first that it reads moves over x."""
    units = max(item.multiple_of, getattr(item, "pieces", len(RESTING) + 1))
    others = [torch.full_like(x, RESTING[unit % len(RESTING)]) for unit in range(units - 1)]
    module = item.call(Context(((units,),), None, lambda nodes: (units,))).build().double()
    given = module(torch.stack([x, *others], 1))
    return list(given.unbind(1))


def _low(number: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))
