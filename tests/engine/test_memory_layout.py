"""Images whose channels lie next to each other: where they are, and that only low bits depend on it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from glassnet.engine.catalog import catalog
from glassnet.engine.conformance.places import hosts, plannable
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import Node, Operation
from glassnet.engine.network import planner
from glassnet.engine.network.memory_layout import laid_out, memory_format
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.trainer import Trainer

CONVOLUTIONS: list[dict[str, Any]] = [
    {"kind": "conv2d", "filters": 8},
    {"kind": "relu"},
    {"kind": "flatten"},
    {"kind": "linear", "units": None},
]
#: Those that read vectors alone have nothing before them that could lie otherwise.
CLAIMING = [
    kind
    for kind, item in catalog(Node).items()
    if issubclass(item, Operation) and item.any_layout and kind != "linear"
]


def pictures(size: int = 32, network: list[dict[str, Any]] = CONVOLUTIONS, **training: Any) -> Experiment:
    data = {"kind": "shapes", "samples": 60, "size": size}
    return Experiment.parse({"data": data, "network": network, "training": {"batch_size": 10, **training}})


def test_convolutions_on_the_cpu_read_channels_last_and_nothing_else_does() -> None:
    def chosen(experiment: Experiment, device: str = "cpu") -> torch.memory_format:
        return memory_format(planner.plan(experiment), device, experiment.training.precision)

    normed = [CONVOLUTIONS[0], {"kind": "local_response_norm"}, *CONVOLUTIONS[1:]]
    dense = pictures(network=[{"kind": "flatten"}, {"kind": "linear", "units": None}])
    assert chosen(pictures()) is chosen(pictures(precision="bfloat16")) is torch.channels_last
    for other in (pictures(precision="float64"), pictures(network=normed), dense):
        assert chosen(other) is torch.contiguous_format
    assert chosen(pictures(), "cuda") is torch.contiguous_format


def test_a_training_is_the_same_but_for_its_low_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    def losses(form: torch.memory_format) -> list[float]:
        trainer = Trainer(pictures(), replay=False)
        read: list[bool] = []
        trainer.network.get_submodule("conv2d1").register_forward_pre_hook(
            lambda module, inputs: read.append(inputs[0].is_contiguous(memory_format=form))
        )
        found = []
        for _ in range(6):
            trainer.step()
            found.append(trainer.take_loss())
        assert read == [True] * 6
        return [*found, trainer.evaluate()["test_loss"]]

    last = losses(torch.channels_last)
    monkeypatch.setattr("glassnet.engine.training.single.memory_format", lambda *_: torch.contiguous_format)
    assert last == pytest.approx(losses(torch.contiguous_format), rel=1e-4)


def test_one_channel_lies_as_it_is_meant() -> None:
    digits = torch.rand(5, 1, 4, 6)
    last = laid_out(digits, torch.channels_last)
    assert torch.equal(last, digits)
    assert torch.nn.functional.conv2d(last, torch.rand(3, 1, 2, 2)).is_contiguous(
        memory_format=torch.channels_last
    )


def place(kind: str) -> Plan:
    """A network in which images arrive at a node of this kind, or come in at least."""
    options = {"pieces": 3} if kind == "maxout" else {}
    documents = filter(plannable, hosts(catalog(Node)[kind], {"kind": kind, **options}))
    plans = [planner.plan(Experiment.parse(document)) for document in documents]
    fitting = [plan for plan in plans if len(plan.input_shape) == 3]
    return next((plan for plan in fitting if _reads_images(plan)), fitting[0])


def _reads_images(plan: Plan) -> bool:
    return any(placed.name == "item" and len(placed.context.shape) == 3 for placed in plan.nodes)


@pytest.mark.parametrize("kind", CLAIMING)
def test_what_claims_any_layout_computes_the_same_in_each(kind: str) -> None:
    plan = place(kind)
    network = Network(plan, 0, torch.Generator()).eval()
    images = torch.rand(2, *plan.input_shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    found = []
    for form in (torch.contiguous_format, torch.channels_last):
        output = network(laid_out(images, form))[plan.loss_nodes[0]]
        (gradient,) = torch.autograd.grad(output.square().sum(), images)
        found.append((output.detach(), gradient))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-5)
