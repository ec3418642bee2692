"""Initializers: the weights of three layers, and the signal through ten layers of tanh or ReLU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Chart, Figure, Line
from glassnet.engine.figures.values import floats, generator, random_normal, spaced
from glassnet.engine.items.initializers import Initializer

#: Inputs and units of the layers whose weights are drawn.
LAYERS = ((64, 128), (128, 256), (256, 32))

#: The bins of a histogram, and how far it reaches.
BINS, REACH = 61, 0.4

#: The network that the signal goes through: its layers, their units, and the samples.
DEPTH, UNITS, SAMPLES = 10, 128, 64

NOTE = (
    f"Weights as the initializer draws them. The signal is the root mean square of the activations, through "
    f"{DEPTH} layers of {UNITS} units, for {SAMPLES} random inputs of size 1."
)


def figure(item: Initializer) -> Figure:
    """Histograms layer by layer, and how the signal fares."""
    histograms = (
        Chart(
            f"Weights of layer {index}: {inputs} → {units}",
            Axis("w"),
            Axis("density"),
            (_histogram(_weights(item, inputs, units, index)),),
        )
        for index, (inputs, units) in enumerate(LAYERS, 1)
    )
    return Figure(
        (
            *histograms,
            _signal("Signal through tanh layers", item, torch.tanh),
            _signal("Signal through ReLU layers", item, torch.relu),
        ),
        NOTE,
    )


def _weights(item: Initializer, inputs: int, units: int, seed: int) -> Tensor:
    """The weights (units, inputs) of a dense layer."""
    weights = spaced(0, 0, units * inputs).reshape(units, inputs).float()
    shapes = {"weight": (units, inputs), "bias": (units,)}
    item.call_for("weight", shapes).build(tensor=weights, generator=generator(seed))
    return weights


def _histogram(weights: Tensor) -> Line:
    edges = spaced(-REACH, REACH, BINS + 1)
    counts = torch.histc(weights, BINS, -REACH, REACH).double()
    width = 2 * REACH / BINS
    return Line("", floats((edges[1:] + edges[:-1]) / 2), floats(counts / (weights.numel() * width)))


def _signal(title: str, item: Initializer, activation: Callable[[Tensor], Tensor]) -> Chart:
    values = random_normal(SAMPLES, UNITS).float()
    sizes = [values.square().mean().sqrt()]
    for layer in range(DEPTH):
        values = activation(values @ _weights(item, UNITS, UNITS, 100 + layer).T)
        sizes.append(values.square().mean().sqrt())
    layers = [float(layer) for layer in range(DEPTH + 1)]
    line = Line("", layers, floats(torch.stack(sizes)))
    return Chart(title, Axis("layer"), Axis("root mean square", log=True), (line,))
