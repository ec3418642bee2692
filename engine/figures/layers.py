"""Layers: what arrives, the weights, and what is given, on a small example that the layer fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from glassnet.engine.data.kernels import picture
from glassnet.engine.figures.arrays import pictures_of
from glassnet.engine.figures.figure import Figure, Part, Picture, Pictures
from glassnet.engine.figures.values import floats, generator, spaced
from glassnet.engine.items.node import Context, Node, Operation, Shape

#: The side of a picture, of a volume, and the length of a sequence or a vector.
SIDE, DEPTH, LENGTH, UNITS = 16, 6, 24, 8

#: Numbers of a vector that are drawn.
ROW = 16

#: Outputs of a layer whose width the task would decide.
WIDTH = 3

NOTE = (
    "On a small example, with weights as they start, in training mode. Orange is negative, blue is positive "
    "where there is either sign."
)


def figure(item: Operation) -> Figure:
    """Inputs, weights and outputs of a layer. Raises ValueError where its options fit no example."""
    problems = []
    for inputs in [*(_inputs(item, example) for example in _examples()), _cells(), *_of_regions()]:
        try:
            return _figure(item, inputs)
        except (ValueError, RuntimeError) as error:
            problems.append(str(error))
    raise ValueError(problems[0])


def _examples() -> list[Tensor]:
    """A picture, a vector, a sequence and a volume, each with a leading axis of channels."""
    grey = picture("flower", SIDE, 0).double()
    ramp = spaced(-1, 1, DEPTH)
    ball = 1 - (ramp[:, None, None] ** 2 + ramp[:, None] ** 2 + ramp**2).sqrt()
    time = spaced(0, 6.28, LENGTH)
    return [
        torch.stack([grey, picture("ring", SIDE, 0).double()]),
        torch.sin(spaced(0, 5, UNITS)),
        torch.stack([torch.sin(time), torch.sin(3 * time)]),
        ball[None],
    ]


def _cells() -> list[Tensor]:
    """A map of what 4×4 cells answer, two boxes and six classes, and the picture that they are of."""
    answers = torch.sin(spaced(0, 40, 16 * 16)).reshape(16, 4, 4)
    return [answers, picture("flower", SIDE, 0).double()[None]]


def _of_regions() -> list[list[Tensor]]:
    """What is read by nodes between the stages of a detector: candidates, regions of a map, and answers."""
    grey = picture("flower", SIDE, 0).double()[None]
    left, top = spaced(0, SIDE / 2, 9).double(), spaced(SIDE / 4, 0, 9).double()
    boxes = torch.stack([left, top, left + SIDE / 3, top + SIDE / 2], dim=1)
    sure = torch.sin(spaced(0, 9, 9)).double()[:, None] / 2 + 0.5
    regions = torch.cat([boxes, sure], dim=1)
    answers = [torch.sin(spaced(0, 40, size * 9)).double().reshape(size, 9) for size in (4, 16)]
    return [
        [torch.cat([boxes, boxes, sure, sure, sure], dim=1), grey],
        [grey, regions, grey],
        [regions, *answers],
    ]


def _inputs(item: Operation, example: Tensor) -> list[Tensor]:
    """As many inputs as it needs: the example, and the same upside down."""
    others = [example.flip(-1)] if item.arity[0] > 1 else []
    return [example, *others]


def _figure(item: Operation, inputs: Sequence[Tensor]) -> Figure:
    axes = inputs[0].ndim - 1
    if item.takes and axes not in item.takes:
        raise ValueError(f"it takes {item.takes} axes")
    item = item.model_copy(update=_starter(item))
    shapes: tuple[Shape, ...] = tuple(tuple(each.shape) for each in inputs)
    context = Context(shapes, WIDTH, lambda nodes: shapes[0])
    module = _module(item, context)
    outputs = module(*(_batch(each) for each in inputs))
    output: Tensor = (outputs if isinstance(outputs, Tensor) else outputs[0])[0].detach()
    arrived = [_part(f"Input {index + 1}" if index else "Input", each) for index, each in enumerate(inputs)]
    weights = [_part("Weights", w.detach()) for w in module.parameters() if w.ndim > 1]
    shape = " × ".join(map(str, inputs[0].shape)) + " → " + " × ".join(map(str, output.shape))
    return Figure((*arrived, *weights[:1], _part("Output", output)), f"{shape}. {NOTE}")


def _starter(item: Node) -> dict[str, object]:
    """What a node that is added by hand has, where it has only its default here."""
    return {name: value for name, value in item.starter.items() if getattr(item, name, value) is None}


def _module(item: Operation, context: Context) -> nn.Module:
    module: nn.Module = item.call(context).build(dropout=generator())
    shapes = {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}
    with torch.no_grad():
        for name, initializer in item.initial().items():
            call = initializer.call_for(name, shapes)
            call.build(tensor=module.get_parameter(name), generator=generator())
    return module.double()


def _batch(example: Tensor) -> Tensor:
    """Two samples, as a batch norm needs more than one: the example, and a paler one."""
    return torch.stack([example, 0.5 * example])


def _part(title: str, tensor: Tensor) -> Part:
    """A tensor as pictures: a vector is a row, a sequence a picture of its channels, a volume its slices."""
    if tensor.ndim == 1:
        return Pictures(title, (Picture("", tensor[None, :ROW]),), _scale(tensor))
    if tensor.ndim == 2:
        return Pictures(title, (Picture("", tensor[: UNITS * UNITS]),), _scale(tensor))
    return pictures_of(title, tensor)._replace(scale=_scale(tensor))


def _scale(tensor: Tensor) -> Literal["signed", "unit", "range"]:
    """How values are coloured: of either sign in two colours, from 0 to 1 in grey, others as magnitudes."""
    low, high = floats(torch.stack(tensor.aminmax()))
    return "signed" if low < 0 else "unit" if high <= 1 else "range"
