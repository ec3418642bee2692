"""An experiment in a few words: its data and its network, to tell one run from another."""

from __future__ import annotations

from itertools import groupby

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.blocks import Expansion
from glassnet.engine.items.node import Node

#: The most sizes of one stretch of layers that are written out, and characters of the whole.
MOST_SIZES, MOST_WORDS = 8, 80


def title_of(experiment: Experiment) -> str:
    """The title that follows the experiment: its data and network, such as "Circle, 2-4-2-1 tanh"."""
    return f"{data_in_short(experiment)}, {network_in_short(experiment)}"


def data_in_short(experiment: Experiment) -> str:
    """The name of the data set, as the catalogue has it."""
    return experiment.data.label()


def network_in_short(experiment: Experiment) -> str:
    """The network's sizes and activations: "2-8-8-8-1 tanh", or "8×8, conv 8-16, 10 relu".

    The first size is that of a sample; stretches of dense and of convolutional layers, and blocks by their
    names, follow in the order of the list of nodes.
    """
    stretches = groupby(filter(None, (_layer(experiment, node) for node in experiment.network)), _stretch)
    parts = [_written(name, [size for _, size in layers]) for name, layers in stretches]
    sample = "×".join(map(str, experiment.data.shape[1:] or experiment.data.shape))
    dense = len(experiment.data.shape) == 1 and bool(parts) and parts[0][:1].isdigit()
    sizes = "-".join([sample, parts.pop(0)]) if dense else sample
    activations = dict.fromkeys(node.kind for node in experiment.network if isinstance(node, Activation))
    words = " ".join([", ".join([sizes, *parts]), *activations])
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…"


def _layer(experiment: Experiment, node: Node) -> tuple[str, str] | None:
    """The stretch that a node is part of and its size; None for one that has none to tell."""
    if isinstance(node, Expansion):
        label = type(node).label()
        return label if isinstance(node, Architecture) else label.lower(), ""
    if node.role in ("dense", "convolution") and node.size_option is not None:
        size = getattr(node, node.size_option)
        width = experiment.task.width(experiment.task.losses[0], experiment.data)
        return ("" if node.role == "dense" else "conv", str(width if size is None else size))
    return None


def _stretch(layer: tuple[str, str]) -> str:
    return layer[0]


def _written(name: str, sizes: list[str]) -> str:
    """A stretch in words: "8-8-8", "conv 8-16", or "2 residual"."""
    if not any(sizes):
        return f"{len(sizes)} {name}" if len(sizes) > 1 else name
    shown = sizes if len(sizes) <= MOST_SIZES else [*sizes[: MOST_SIZES - 2], "…", sizes[-1]]
    return " ".join(filter(None, [name, "-".join(shown)]))
