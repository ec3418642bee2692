"""Published networks have their published shapes, parameters and multiply-adds, on the meta device."""

from __future__ import annotations

import math
from typing import Any

import pytest

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.datasets.tables import Digits
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan


def plan(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], node: dict[str, Any]) -> Plan:
    """The plan of one architecture for 1000 classes (LeNet: 10) on images of this shape."""
    monkeypatch.setattr(Digits, "shape", property(lambda self: shape))
    classes = 10 if node["kind"] == "lenet5" else 1000
    network = [{**node, "name": "net", "classes": classes}, {"kind": "linear", "units": None}]
    return planner.plan(Experiment.parse({"data": {"kind": "digits"}, "network": network}))


@pytest.mark.parametrize(
    ("node", "side", "parameters", "macs"),
    [
        ({"kind": "lenet5"}, 32, 61_706, 416_520),
        ({"kind": "alexnet"}, 227, 62_378_344, 1.135e9),
        ({"kind": "alexnet", "towers": 2}, 227, 60_965_224, 0.724e9),
        ({"kind": "zfnet"}, 224, 62_357_608, 1.168e9),
        ({"kind": "vgg", "configuration": "A"}, 224, 132_863_336, 7.61e9),
        ({"kind": "vgg", "configuration": "A-LRN"}, 224, 132_863_336, 7.61e9),
        ({"kind": "vgg", "configuration": "B"}, 224, 133_047_848, 11.31e9),
        ({"kind": "vgg", "configuration": "C"}, 224, 133_638_952, None),
        ({"kind": "vgg", "configuration": "D"}, 224, 138_357_544, 15.47e9),
        ({"kind": "vgg", "configuration": "E"}, 224, 143_667_240, 19.63e9),
    ],
    ids=str,
)
def test_it_has_its_published_size(
    monkeypatch: pytest.MonkeyPatch, node: dict[str, Any], side: int, parameters: int, macs: float | None
) -> None:
    channels = 1 if node["kind"] == "lenet5" else 3
    inside = plan(monkeypatch, (channels, side, side), node).nodes[:-1]
    assert sum(placed.parameters for placed in inside) == parameters
    if macs is not None:
        assert sum(placed.macs for placed in inside) == pytest.approx(macs, rel=1e-3)


@pytest.mark.parametrize(
    ("node", "side", "shapes"),
    [
        (
            {"kind": "lenet5"},
            32,
            {"conv1": (6, 28, 28), "pool1": (6, 14, 14), "conv2": (16, 10, 10), "pool2": (16, 5, 5)},
        ),
        (
            {"kind": "alexnet"},
            227,
            {"conv1": (96, 55, 55), "pool1": (96, 27, 27), "pool2": (256, 13, 13), "pool5": (256, 6, 6)},
        ),
        ({"kind": "alexnet", "padding": 2}, 224, {"conv1": (96, 55, 55), "pool5": (256, 6, 6)}),
        (
            {"kind": "zfnet"},
            224,
            {
                "conv1": (96, 110, 110),
                "pool1": (96, 55, 55),
                "conv2": (256, 26, 26),
                "pool2": (256, 13, 13),
                "pool5": (256, 6, 6),
            },
        ),
        ({"kind": "vgg"}, 224, {"conv1_1": (64, 224, 224), "pool5": (512, 7, 7)}),
    ],
    ids=str,
)
def test_it_has_its_published_shapes(
    monkeypatch: pytest.MonkeyPatch,
    node: dict[str, Any],
    side: int,
    shapes: dict[str, tuple[int, ...]],
) -> None:
    channels = 1 if node["kind"] == "lenet5" else 3
    made = plan(monkeypatch, (channels, side, side), node)
    assert {name: made[f"net.{name}"].shape for name in shapes} == shapes


def test_alexnets_convolutions_hold_little_and_do_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """About 6 % of the parameters and 95 % of the work; in VGG-16, 89 % of the parameters are dense."""
    made = plan(monkeypatch, (3, 227, 227), {"kind": "alexnet"})
    convolutions = [placed for placed in made.nodes[:-1] if placed.kind == "conv2d"]
    share = sum(placed.parameters for placed in convolutions) / 62_378_344
    work = sum(placed.macs for placed in convolutions) / sum(placed.macs for placed in made.nodes[:-1])
    assert (round(share, 2), round(work, 2)) == (0.06, 0.95)
    vgg = plan(monkeypatch, (3, 224, 224), {"kind": "vgg"})
    dense = sum(placed.parameters for placed in vgg.nodes[:-1] if placed.kind == "linear")
    assert round(dense / 138_357_544, 2) == 0.89


def test_width_scales_every_layer_and_the_task_sets_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Digits, "shape", property(lambda self: (3, 64, 64)))
    network = [{"kind": "zfnet", "name": "net", "width": 0.25}]
    made = planner.plan(Experiment.parse({"data": {"kind": "digits"}, "network": network}))
    widths = [made[f"net.{name}"].shape[0] for name in ("conv1", "conv2", "conv3", "dense6", "dense8")]
    assert widths == [24, 64, 96, 1024, 10]
    assert math.prod(made["net.pool5"].shape) == 64


@pytest.mark.parametrize(
    ("side", "padding", "added", "maps"),
    [
        *[(28, None, 2, 28), (32, None, 0, 28), (30, None, 1, 28), (29, None, 2, 29), (20, None, 6, 28)],
        *[(64, None, 0, 60), (36, 1, 1, 34), (32, 0, 0, 28)],
    ],
)
def test_lenet_takes_digits_of_28_pixels_as_the_paper_did(
    side: int, padding: int | None, added: int, maps: int
) -> None:
    node = {"kind": "lenet5", "name": "net", "padding": padding}
    images = {"kind": "own_images", "size": side, "channels": 1, "names": list("0123456789"), "pictures": 20}
    plan = planner.plan(Experiment.parse({"data": images, "network": [node]}))
    first = plan["net.conv1"]
    assert first.item.model_dump()["padding"] == added
    assert first.shape == (6, maps, maps)
    if maps == 28:
        assert plan.parameters == 61_706
        assert plan["net.conv3"].shape == (120, 1, 1)


def test_lenet_refuses_pictures_that_would_be_mostly_edge() -> None:
    made = Experiment.parse({"data": {"kind": "digits"}, "network": [{"kind": "lenet5"}]})
    with pytest.raises(InvalidExperiment):
        planner.plan(made)


def test_lenet_without_padding_says_what_does_not_fit_on_28_pixels() -> None:
    made = Experiment.parse({"data": {"kind": "mnist"}, "network": [{"kind": "lenet5", "padding": 0}]})
    with pytest.raises(InvalidExperiment, match="conv3"):
        planner.plan(made)
