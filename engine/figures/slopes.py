"""A function beside its derivative: the two charts of an activation, a loss or a penalty."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Chart, Line
from glassnet.engine.figures.values import floats


def with_slopes(
    x: Tensor, values: Mapping[str, Tensor], axis: Axis, function: tuple[str, str], slope: tuple[str, str]
) -> tuple[Chart, Chart]:
    """The charts of functions of x (points,) by name, and of their derivatives by autograd.

    Each chart is given by its title and the label of its upright axis.
    """
    slopes = {name: torch.autograd.grad(each.sum(), x, retain_graph=True)[0] for name, each in values.items()}
    return _chart(x, values, axis, *function), _chart(x, slopes, axis, *slope)


def _chart(x: Tensor, values: Mapping[str, Tensor], axis: Axis, title: str, label: str) -> Chart:
    lines = (Line(name, floats(x), floats(each)) for name, each in values.items())
    return Chart(title, axis, Axis(label), tuple(lines))
