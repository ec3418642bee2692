"""Published networks have their published parameters and multiply-adds, planned on the meta device."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan


def pictures(side: int, classes: int, channels: int = 3) -> dict[str, Any]:
    """Data of this shape and so many classes; nothing is loaded where a network is only planned."""
    names = [f"class {number}" for number in range(classes)]
    return {"kind": "own_images", "size": side, "channels": channels, "names": names, "pictures": 2 * classes}


def planned(side: int = 224, classes: int = 1000, channels: int = 3, **node: Any) -> Plan:
    network = [{"name": "net", **node}]
    return planner.plan(Experiment.parse({"data": pictures(side, classes, channels), "network": network}))


@pytest.mark.parametrize(
    ("node", "side", "parameters", "macs"),
    [
        ({"kind": "resnet", "depth": 18}, 224, 11_689_512, 1.814e9),
        ({"kind": "resnet", "depth": 34}, 224, 21_797_672, 3.664e9),
        ({"kind": "resnet", "depth": 50}, 224, 25_557_032, 4.089e9),
        ({"kind": "resnet", "depth": 101}, 224, 44_549_160, 7.801e9),
        ({"kind": "resnet", "depth": 152}, 224, 60_192_808, 11.514e9),
        ({"kind": "resnet", "depth": 18, "pre_activation": True}, 224, 11_687_720, 1.814e9),
        ({"kind": "resnet", "depth": 34, "pre_activation": True}, 224, 21_795_880, 3.664e9),
        ({"kind": "resnet", "depth": 50, "pre_activation": True}, 224, 25_549_352, 4.089e9),
        ({"kind": "resnet", "depth": 101, "pre_activation": True}, 224, 44_541_480, 7.801e9),
        ({"kind": "resnet", "depth": 152, "pre_activation": True}, 224, 60_185_128, 11.514e9),
        ({"kind": "googlenet"}, 224, 6_998_552, None),
        ({"kind": "googlenet", "auxiliary": True}, 224, 13_378_280, None),
        ({"kind": "googlenet", "variant": "torchvision"}, 224, 6_624_904, 1.498e9),
        ({"kind": "googlenet", "variant": "torchvision", "auxiliary": True}, 224, 13_004_888, None),
        ({"kind": "inception_v3"}, 299, 23_834_568, 5.713e9),
        ({"kind": "inception_v3", "auxiliary": True}, 299, 27_161_264, None),
        ({"kind": "inception_resnet_v2"}, 299, 55_843_464, 13.18e9),
        ({"kind": "densenet", "depth": 121}, 224, 7_978_856, 2.834e9),
        ({"kind": "densenet", "depth": 169}, 224, 14_149_480, 3.36e9),
        ({"kind": "densenet", "depth": 201}, 224, 20_013_928, 4.291e9),
        ({"kind": "resnext"}, 224, 25_028_904, 4.230e9),
        ({"kind": "resnext", "depth": 101, "group_width": 8}, 224, 88_791_336, 16.414e9),
        ({"kind": "resnext", "depth": 101, "groups": 64}, 224, 83_455_272, 15.46e9),
        # timm's: 44.18 million and 8.01e9. The paper has 7.8e9 (Xie et al. 2017, table 3).
        ({"kind": "resnext", "depth": 101}, 224, 44_177_704, 8.01e9),
        ({"kind": "xception"}, 299, 22_855_952, 8.4e9),
        # Hu et al. 2018, table 2.
        ({"kind": "se_resnet"}, 224, 28_088_024, 3.87e9),
        ({"kind": "se_resnet", "depth": 101}, 224, 49_326_872, 7.60e9),
        ({"kind": "se_resnet", "depth": 152}, 224, 66_821_848, 11.32e9),
        # The paper's 569 million; 0.58e9 is met too.
        ({"kind": "mobilenet_v1"}, 224, 4_231_976, 0.569e9),
        # Howard et al. 2017, tables 6 and 7.
        ({"kind": "mobilenet_v1", "width": 0.75}, 224, 2_585_560, 0.325e9),
        ({"kind": "mobilenet_v1", "width": 0.5}, 224, 1_331_592, 0.149e9),
        ({"kind": "mobilenet_v1", "width": 0.25}, 224, 470_072, 0.041e9),
        ({"kind": "mobilenet_v1"}, 192, 4_231_976, 0.418e9),
        ({"kind": "mobilenet_v1"}, 160, 4_231_976, 0.290e9),
        ({"kind": "mobilenet_v1"}, 128, 4_231_976, 0.186e9),
        # The widths that its authors published weights of, and torchvision's parameters of them.
        ({"kind": "mobilenet_v2"}, 224, 3_504_872, 0.301e9),
        ({"kind": "mobilenet_v2", "width": 1.4}, 224, 6_108_776, 0.582e9),
        ({"kind": "mobilenet_v2", "width": 0.75}, 224, 2_636_424, 0.209e9),
        ({"kind": "mobilenet_v2", "width": 0.5}, 224, 1_968_680, 0.097e9),
        ({"kind": "mobilenet_v2", "width": 0.35}, 224, 1_677_128, 0.059e9),
        ({"kind": "darknet53"}, 256, 41_609_928, 9.35e9),
    ],
    ids=str,
)
def test_it_has_its_published_size(
    node: dict[str, Any], side: int, parameters: int, macs: float | None
) -> None:
    plan = planned(side, **node)
    assert plan.parameters == parameters
    if macs is not None:
        assert plan.macs == pytest.approx(macs, rel=0.01)


def residual_parameters(depth: int, *, pre_activation: bool, plain: bool, squeeze: int | None) -> int:
    """The parameters of a ResNet, counted by hand: weights of convolutions, two of each map normalized."""
    times = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
    times[34] = times[50]
    total = 7 * 7 * 3 * 64 + (0 if pre_activation else 2 * 64)
    arriving = 64
    for stage, blocks in enumerate(times[depth]):
        thin = 64 * 2**stage
        leaving = thin if depth < 50 else 4 * thin
        for _ in range(blocks):
            if depth < 50:
                total += 9 * arriving * thin + 9 * thin * thin + 2 * thin
            else:
                total += arriving * thin + 9 * thin * thin + thin * leaving + 4 * thin
            total += 2 * (arriving if pre_activation else leaving)
            if arriving != leaving and not plain:
                total += arriving * leaving + (0 if pre_activation else 2 * leaving)
            if squeeze:
                total += 2 * leaving * (leaving // squeeze) + leaving // squeeze + leaving
            arriving = leaving
    return total + (2 * arriving if pre_activation else 0) + 1000 * arriving + 1000


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
@pytest.mark.parametrize(
    ("kind", "options", "squeeze"),
    [
        ("resnet", {}, None),
        ("resnet", {"plain": True}, None),
        ("resnet", {"pre_activation": True}, None),
        ("resnet", {"plain": True, "pre_activation": True}, None),
        ("se_resnet", {}, 16),
    ],
    ids=str,
)
def test_a_residual_network_of_any_depth_has_the_parameters_that_are_counted_by_hand(
    kind: str, options: dict[str, bool], squeeze: int | None, depth: int
) -> None:
    wanted = {"pre_activation": False, "plain": False, **options}
    assert planned(kind=kind, depth=depth, **options).parameters == residual_parameters(
        depth, squeeze=squeeze, **wanted
    )


def test_the_neocognitron_has_the_layers_of_its_paper() -> None:
    plan = planned(16, 5, 1, kind="neocognitron")
    names = ("s1", "c1", "s2", "c2", "s3", "c3")
    assert [plan[f"net.{name}"].shape for name in names] == [
        (24, side, side) for side in (16, 10, 8, 6, 2, 1)
    ]


SMALL = [
    *({"kind": "resnet", "depth": depth} for depth in (18, 50)),
    {"kind": "resnet", "pre_activation": True},
    {"kind": "resnet", "plain": True},
    {"kind": "googlenet", "auxiliary": True},
    {"kind": "inception_v3", "auxiliary": True},
    *({"kind": kind} for kind in ("inception_resnet_v2", "resnext", "se_resnet", "densenet", "xception")),
    *({"kind": kind} for kind in ("mobilenet_v1", "mobilenet_v2", "darknet53")),
]


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize("node", SMALL, ids=str)
def test_it_is_planned_small_for_small_pictures(node: dict[str, Any], side: int) -> None:
    plan = planned(side, 10, **node, width=0.1, stem="small")
    assert plan["net.output"].shape == (10,)


@pytest.mark.parametrize(
    ("node", "side", "named"),
    [
        ({"kind": "inception_v3"}, 64, "net.mixed7a"),
        ({"kind": "densenet"}, 16, "net.transition"),
        ({"kind": "googlenet"}, 8, "net.pool"),
    ],
    ids=str,
)
def test_a_picture_too_small_names_the_layer_that_runs_out_of_pixels(
    node: dict[str, Any], side: int, named: str
) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        planned(side, 10, **node)
    (problem,) = refused.value.problems
    assert problem.pointer == "/network/0"
    assert named in problem.message
    assert "expected at least" in problem.message
