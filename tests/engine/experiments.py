"""Small experiments that the engine's tests share, and what several of them ask of one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer

Document = dict[str, Any]


def mlp(
    *units: int,
    activation: str = "tanh",
    data: Document | None = None,
    task: Document | None = None,
    seed: int = 0,
    optimizer: Document | None = None,
    **training: Any,
) -> Experiment:
    """Dense layers of these widths, each with an activation, then what the task wants."""
    network: list[Document] = []
    for number, width in enumerate(units, 1):
        network.append({"kind": "linear", "name": f"linear{number}", "units": width})
        network.append({"kind": activation, "name": f"{activation}{number}"})
    network.append({"kind": "linear", "name": "output", "units": None})
    return experiment(network, data=data, task=task, seed=seed, optimizer=optimizer, **training)


def experiment(
    network: list[Document],
    *,
    data: Document | None = None,
    task: Document | None = None,
    seed: int = 0,
    optimizer: Document | None = None,
    **training: Any,
) -> Experiment:
    """These nodes on the spiral, unless other data are asked for."""
    if optimizer is not None:
        training["updates"] = [{"optimizer": optimizer}]
    document = {
        "seed": seed,
        "data": data or {"kind": "spiral", "samples": 200},
        "task": task or {"kind": "classification"},
        "network": network,
        "training": {"batch_size": 10, "epochs": 20, **training},
    }
    return Experiment.parse(document)


def cnn(*, batch_norm: bool = True, **training: Any) -> Experiment:
    """A convolution, batch norm, pooling and a dense layer on the digits."""
    network: list[Document] = [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "padding": "same"},
        *([{"kind": "batch_norm", "name": "norm1"}] if batch_norm else []),
        {"kind": "relu", "name": "relu1"},
        {"kind": "max_pool2d", "name": "pool1"},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, data={"kind": "digits"}, **{"batch_size": 32, **training})


def dropout_mlp(**training: Any) -> Experiment:
    """Two dense layers with dropout between."""
    network: list[Document] = [
        {"kind": "linear", "name": "linear1", "units": 16},
        {"kind": "tanh", "name": "tanh1"},
        {"kind": "dropout", "name": "dropout1", "p": 0.3},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, **training)


def residual(**training: Any) -> Experiment:
    """Two residual blocks, the first with a projection."""
    body = [{"kind": "linear", "name": "inner", "units": 8}, {"kind": "tanh", "name": "tanh"}]
    network: list[Document] = [
        {"kind": "residual", "name": "block1", "body": body},
        {"kind": "residual", "name": "block2", "body": body},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, **training)


def residual_cnn(**training: Any) -> Experiment:
    """A residual block of convolutions that halves the image."""
    body = [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "stride": 2, "padding": 1},
        {"kind": "batch_norm", "name": "norm1"},
        {"kind": "relu", "name": "relu1"},
        {"kind": "conv2d", "name": "conv2", "filters": 4, "padding": "same"},
    ]
    network: list[Document] = [
        {"kind": "residual", "name": "block1", "body": body},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, data={"kind": "digits"}, **{"batch_size": 32, **training})


def losses(trainer: Trainer, steps: int) -> list[float]:
    """The batch losses of so many steps."""
    found = []
    for _ in range(steps):
        trainer.step()
        found.append(trainer.take_loss())
    return found


def segmenting(**changes: Any) -> Document:
    """An experiment that says the class of each pixel."""
    answer = {"kind": "conv2d", "name": "output", "filters": None, "kernel": 1}
    return {
        "data": {"kind": "shape_masks", "samples": 60, "size": 16},
        "task": {"kind": "segmentation"},
        "network": [{"kind": "conv2d", "filters": 4, "padding": "same"}, {"kind": "relu"}, answer],
        "training": {"batch_size": 16, "epochs": 4},
        **changes,
    }


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    """Whether two states are equal, bit for bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def weights(trainer: Trainer) -> dict[str, Tensor]:
    """A copy of every parameter."""
    return {name: p.detach().clone() for name, p in trainer.network.named_parameters()}


def resolve(pointer: str, document: Any) -> Any:
    """What an RFC 6901 pointer names; KeyError, IndexError or ValueError where it names nothing."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"'{pointer}' is no JSON pointer")

    def step(value: Any, part: str) -> Any:
        part = part.replace("~1", "/").replace("~0", "~")
        return value[int(part)] if isinstance(value, list) else value[part]

    return functools.reduce(step, pointer.split("/")[1:], document)


def refused(action: Callable[[Any], object], document: Any) -> dict[str, str]:
    """The problems of a document that must be refused, message by pointer.

    Every pointer resolves: in the document, or, where it names a default, in the completed one.
    """
    with pytest.raises(InvalidDocument) as caught:
        action(document)
    try:
        completed = Experiment.parse(document).document()
    except InvalidDocument:
        completed = document
    for problem in caught.value.problems:
        resolve(problem.pointer, completed)
    for problem in caught.value.within(document).problems:
        resolve(problem.pointer, document)
    return {problem.pointer: problem.message for problem in caught.value.problems}


def train(document: Document) -> Trainer:
    """From the document to a trainer."""
    return Trainer(Experiment.parse(document))
