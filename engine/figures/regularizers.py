"""Regularizers: the penalty of a weight and its pull, what becomes of a gradient, and of a weight in time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from glassnet.engine.catalog.call import Call
from glassnet.engine.figures.figure import Axis, Chart, Figure, Line
from glassnet.engine.figures.slopes import with_slopes
from glassnet.engine.figures.values import floats, generator, spaced, tensor_of
from glassnet.engine.items.regularizers import Regularizer

#: Weights, and lengths of gradients, that are drawn.
REACH, POINTS = 3.0, 241

#: Steps at this rate, from a weight of 1, without any gradient from the data.
STEPS, RATE = 400, 0.1

#: The direction of the gradients: two numbers of unequal size.
DIRECTION = (0.8, 0.6)

NOTE = "Computed by the rule that trains, on one weight or on a gradient of two numbers."


def figure(item: Regularizer) -> Figure:
    """What a rule does, at each point of a step at which it acts."""
    parts: list[Chart] = []
    if (call := item.penalty()) is not None:
        parts += _penalty(call)
    if (call := item.on_gradients()) is not None:
        parts += _bounded(call)
    if (call := item.at_update()) is not None:
        parts.append(_in_time(call, "gradients" if item.draws else "weights", None))
    if (call := item.after_update()) is not None:
        parts.append(_in_time(call, "weights", item.state()))
    return Figure(tuple(parts), NOTE)


def _penalty(call: Call) -> tuple[Chart, Chart]:
    w = spaced(-REACH, REACH, POINTS).requires_grad_()
    values = torch.stack([call.build(weights=[each.reshape(1, 1)]) for each in w])
    return with_slopes(w, {"": values}, Axis("w"), ("Penalty", "penalty"), ("Its gradient", "∂/∂w"))


def _bounded(call: Call) -> list[Chart]:
    """The length and the direction of a gradient after a rule, over its length before."""
    lengths = spaced(0, REACH, POINTS)
    after = [_after(call, length * tensor_of(DIRECTION)) for length in lengths]
    sizes = torch.stack([each.norm() for each in after])
    angles = torch.stack([torch.rad2deg(torch.atan2(each[1], each[0])) for each in after[1:]])
    before = Axis("length before")
    return [
        Chart("Length", before, Axis("length after"), (Line("", floats(lengths), floats(sizes)),)),
        Chart("Direction", before, Axis("degrees"), (Line("", floats(lengths[1:]), floats(angles)),)),
    ]


def _after(call: Call, gradient: Tensor) -> Tensor:
    changed = gradient.clone()
    call.build(gradients=[changed])
    return changed


def _in_time(call: Call, what: str, state: Call | None) -> Chart:
    """A weight of 1, or a gradient of 0, while steps are made and nothing else acts on it."""
    value = tensor_of([[0.0 if what == "gradients" else 1.0]])
    values, step = [value.clone()], _stepper(call, value, state)
    for taken in range(STEPS):
        if what == "gradients":
            value.zero_()
        step(taken)
        values.append(value.clone())
    steps = [float(taken) for taken in range(STEPS + 1)]
    title = "A gradient of 0, step by step" if what == "gradients" else "A weight of 1, step by step"
    line = Line("", steps, floats(torch.cat(values)[:, 0]))
    return Chart(title, Axis("step"), Axis("g" if what == "gradients" else "w"), (line,))


def _stepper(call: Call, value: Tensor, state: Call | None) -> Callable[[int], object]:
    kept = None if state is None else state.build(weights=[value])
    rate, draw = tensor_of([RATE])[0], generator()

    def step(taken: int) -> object:
        return call.build(
            weights=[value],
            gradients=[value],
            rate=rate,
            steps=tensor_of([taken])[0],
            generator=draw,
            state=kept,
        )

    return step
