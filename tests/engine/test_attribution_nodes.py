"""Every node lets a signal down, or is refused by its name: none gives another picture in silence."""

from __future__ import annotations

import re

import pytest
import torch

from glassnet.engine.attribution.methods import Explanation, methods_for
from glassnet.engine.catalog import catalog
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment


def around(kind: str, **options: object) -> Experiment:
    """A network of images with such a node behind a convolution and a ReLU."""
    item: Document = {"kind": kind, "name": "item", **options}
    if catalog(Node)[kind].arity[0] > 1:
        item["inputs"] = ["conv", "relu1"]
    network: list[Document] = [
        {"kind": "conv2d", "name": "conv", "filters": 6, "padding": "same"},
        {"kind": "relu", "name": "relu1"},
        item,
        {"kind": "flatten", "name": "flat", "inputs": ["item"]},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, data={"kind": "digits"})


def fits(kind: str) -> bool:
    """Whether such a node can stand there: not where it wants a vector, a volume or a larger image."""
    try:
        planner.plan(around(kind))
    except InvalidExperiment:
        return False
    return kind != "input"


KINDS = [kind for kind in catalog(Node) if fits(kind)]


def check(tried: Experiment) -> None:
    trainer = Trainer(tried)
    inside = [placed for placed in trainer.plan.nodes if placed.pointer == "/network/2"]
    unruled = [one.name for one in inside if isinstance(one.item, Activation) and one.item.downward is None]
    if unruled:
        names = "|".join(map(re.escape, unruled))
        with pytest.raises(ValueError, match=rf"node '({names})' is .*, for which the deconvnet has no rule"):
            methods_for(trainer.plan, ["deconvnet"])
        return
    methods_for(trainer.plan, ["deconvnet"])
    explanation = Explanation(trainer, 3, trainer.data.test.inputs[:2])
    assert torch.isfinite(explanation.signal("deconvnet")).all()


def test_most_nodes_are_tried() -> None:
    assert {"conv2d", "max_pool2d", "batch_norm", "local_response_norm", "add", "gelu"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_comes_down_through_it_or_it_is_refused_by_name(kind: str) -> None:
    check(around(kind))


def test_convolutions_by_fourier_transforms_pass_signals_as_direct_ones() -> None:
    signals = []
    for method in ("direct", "fft"):
        trainer = Trainer(around("conv2d", method=method))
        signals.append(Explanation(trainer, 3, trainer.data.test.inputs[:1]).signal("deconvnet"))
    torch.testing.assert_close(signals[0], signals[1], rtol=1e-4, atol=1e-5)
