"""State dicts of torchvision's networks run here with the same outputs; what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.module import Network
from glassnet.engine.network.planner import plan
from glassnet.engine.network.state_dict import UnfittingState, fitted
from tests.engine.test_published_sizes import pictures
from tests.engine.torchvision_models import models

CLASSES = 10


def experiment(side: int, **node: Any) -> Experiment:
    return Experiment.parse({"data": pictures(side, CLASSES), "network": [{"name": "net", **node}]})


def made(builder: Callable[..., nn.Module], **options: Any) -> nn.Module:
    """A network of torchvision whose batch norms have something to do."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = builder(num_classes=CLASSES, **options).eval()
        for each in module.modules():
            if isinstance(each, nn.BatchNorm2d):
                assert each.running_mean is not None
                assert each.running_var is not None
                each.running_mean.normal_(0, 0.1)
                each.running_var.uniform_(0.5, 1.5)
    return module


PLAIN = {"transform_input": False, "init_weights": False}

QUICK = [
    ("resnet18", {}, 32, {"kind": "resnet"}),
    ("resnext50_32x4d", {}, 32, {"kind": "resnext"}),
    ("mobilenet_v2", {}, 32, {"kind": "mobilenet_v2"}),
    ("densenet121", {}, 32, {"kind": "densenet"}),
    ("googlenet", {**PLAIN, "aux_logits": False}, 64, {"kind": "googlenet", "variant": "torchvision"}),
]
SLOW = [
    ("resnet50", {}, 64, {"kind": "resnet", "depth": 50}),
    ("resnet34", {}, 64, {"kind": "resnet", "depth": 34}),
    ("resnet101", {}, 64, {"kind": "resnet", "depth": 101}),
    ("resnet152", {}, 64, {"kind": "resnet", "depth": 152}),
    ("resnext101_32x8d", {}, 64, {"kind": "resnext", "depth": 101, "group_width": 8}),
    ("resnext101_64x4d", {}, 64, {"kind": "resnext", "depth": 101, "groups": 64}),
    ("densenet169", {}, 64, {"kind": "densenet", "depth": 169}),
    ("densenet201", {}, 64, {"kind": "densenet", "depth": 201}),
    ("googlenet", PLAIN, 224, {"kind": "googlenet", "variant": "torchvision", "auxiliary": True}),
    ("inception_v3", PLAIN, 299, {"kind": "inception_v3", "auxiliary": True}),
    ("inception_v3", {**PLAIN, "aux_logits": False}, 299, {"kind": "inception_v3"}),
    ("vgg11", {}, 224, {"kind": "vgg", "configuration": "A"}),
    ("vgg11_bn", {}, 224, {"kind": "vgg", "configuration": "A", "batch_norm": True}),
    ("vgg13", {}, 224, {"kind": "vgg", "configuration": "B"}),
    ("vgg13_bn", {}, 224, {"kind": "vgg", "configuration": "B", "batch_norm": True}),
    ("vgg16", {}, 224, {"kind": "vgg"}),
    ("vgg19", {}, 224, {"kind": "vgg", "configuration": "E"}),
]


@pytest.mark.parametrize(
    ("name", "options", "side", "node"),
    [*QUICK, *(pytest.param(*each, marks=pytest.mark.thorough) for each in SLOW)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_torchvisions_weights_give_torchvisions_outputs(
    name: str, options: dict[str, Any], side: int, node: dict[str, Any]
) -> None:
    document = experiment(side, **node)
    theirs = made(getattr(models(), name), **options)
    planned = plan(document)
    ours = Network(planned, 0, torch.Generator()).eval()
    ours.load_state_dict(fitted(planned, document, theirs.state_dict()))
    x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(ours(x)[planned.nodes[-1].name], theirs(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "options", "node"),
    [
        pytest.param(name, options, node, marks=() if name == "vgg16_bn" else pytest.mark.thorough)
        for name, options, node in [
            *((name, options, node) for name, options, _, node in (*QUICK, *SLOW)),
            ("vgg16_bn", {}, {"kind": "vgg", "batch_norm": True}),
            ("vgg19_bn", {}, {"kind": "vgg", "configuration": "E", "batch_norm": True}),
        ]
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_variant_has_as_many_parameters_as_torchvisions(
    name: str, options: dict[str, Any], node: dict[str, Any]
) -> None:
    with torch.device("meta"):
        theirs = getattr(models(), name)(num_classes=1000, **options)
    data = pictures(299 if name == "inception_v3" else 224, 1000)
    ours = plan(Experiment.parse({"data": data, "network": [{"name": "net", **node}]}))
    assert ours.parameters == sum(parameter.numel() for parameter in theirs.parameters())


SMALL = {"kind": "resnet", "width": 0.05, "stem": "small"}


def own(document: Experiment) -> dict[str, Tensor]:
    return dict(Network(plan(document), 1, torch.Generator()).state_dict())


def test_our_own_names_are_taken_too() -> None:
    document = experiment(16, **SMALL)
    given = own(document)
    found = fitted(plan(document), document, given)
    assert all(torch.equal(found[name], tensor) for name, tensor in given.items())


def test_shared_weights_are_taken_once_whatever_is_written_under_the_other_name() -> None:
    network = [
        {"kind": "linear", "name": "first", "units": 2},
        {"kind": "linear", "name": "second", "units": 2, "weights": "first"},
        {"kind": "linear", "units": None},
    ]
    document = Experiment.parse({"data": {"kind": "spiral"}, "network": network})
    given = own(document)
    assert {"first.weight", "second.weight"} <= given.keys()
    found = fitted(plan(document), document, given)
    assert "first.weight" in found
    assert not any(name.startswith("second.") for name in found)
    with pytest.raises(UnfittingState, match=r"'third\.weight' is no tensor of the network"):
        fitted(plan(document), document, given | {"third.weight": torch.ones(2)})


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (lambda d: d.pop("net.conv1.weight"), "", "'net.conv1.weight' is missing"),
        (lambda d: d.update({"head/x": torch.ones(1)}), "/head~1x", "'head/x' is no tensor of the network"),
        (
            lambda d: d.update({"net.output.weight": torch.ones(3, 26)}),
            "/net.output.weight",
            "3×26; expected 10×26 numbers",
        ),
        (lambda d: d["net.output.bias"].fill_(float("nan")), "/net.output.bias", "not finite"),
        (
            lambda d: d.update({"net.output.bias": d["net.output.bias"].to(torch.complex64)}),
            "/net.output.bias",
            "complex64",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    change: Callable[[dict[str, Tensor]], Any], pointer: str, message: str
) -> None:
    document = experiment(16, **SMALL)
    given = own(document)
    change(given)
    with pytest.raises(UnfittingState) as refused:
        fitted(plan(document), document, given)
    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert message in problem.message


def test_what_is_missing_is_named_as_it_may_be_called() -> None:
    document = experiment(32, kind="resnet", width=0.05)
    given = own(document)
    given.pop("net.conv1.weight")
    with pytest.raises(UnfittingState) as refused:
        fitted(plan(document), document, given)
    (problem,) = refused.value.problems
    assert problem.message == "'net.conv1.weight' or 'conv1.weight' is missing; expected 3×3×7×7 numbers"


def test_one_stage_can_be_taken_alone() -> None:
    document, other = experiment(16, **SMALL), experiment(16, **SMALL, plain=True)
    given = {name: tensor for name, tensor in own(other).items() if not name.startswith("net.output")}
    found = fitted(plan(document), document, given, nodes=["net.stage1"])
    assert found
    assert all(name.startswith("net.stage1.") for name in found)
    with pytest.raises(UnfittingState, match=r"'net\.nothing' names no node"):
        fitted(plan(document), document, given, nodes=["net.nothing"])


def test_a_state_of_another_network_lists_the_first_problems() -> None:
    document = experiment(16, **SMALL)
    given = {f"layer{n}.weight": torch.ones(1) for n in range(30)}
    with pytest.raises(UnfittingState) as refused:
        fitted(plan(document), document, given)
    assert refused.value.problems[-1].message.startswith("… and ")
