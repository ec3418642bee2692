"""Layer by layer, published networks have the maps of their papers' tables, planned on the meta device.

A table is written as its paper has it, row by row. What is compared is every layer that has weights or
pools, in its order: its maps and their side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from glassnet.engine.network.plan import Plan, PlannedNode
from tests.engine.test_published_sizes import planned

#: A layer's maps and their side, or a dense layer's outputs.
Row = tuple[int, int] | int

#: How many blocks the stages have (He et al. 2016, table 1).
RESNET_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}

#: The sides of the four stages.
SIDES = (56, 28, 14, 7)


def rows(nodes: Sequence[PlannedNode]) -> list[Row]:
    """Maps and sides of all layers with weights but norms and shortcuts, and of pools, in their order."""
    found: list[Row] = []
    for placed in nodes:
        counted = placed.kind.endswith("pool2d") or placed.kind in ("conv2d", "depthwise_conv2d", "linear")
        if placed.name.endswith(".shortcut") or not counted:
            continue
        if len(placed.shape) == 3:
            assert placed.shape[1] == placed.shape[2], placed.name
            found.append(placed.shape[:2])
        else:
            found.append(placed.shape[0])
    return found


def residual(
    depth: int, thin: Sequence[int] = (64, 128, 256, 512), *, stride_at_first: bool = False
) -> list[Row]:
    """Table 1 of ResNet: the rows of blocks of two 3×3, or of 1×1, 3×3 and 1×1, `thin` in their middles."""
    made: list[Row] = [(64, 112), (64, 56)]
    for stage, (times, middle, side) in enumerate(zip(RESNET_BLOCKS[depth], thin, SIDES, strict=True)):
        for block in range(times):
            halved = stage > 0 and block == 0
            before = 2 * side if halved and not stride_at_first else side
            wide = 64 * 2**stage
            made += [(wide, side)] * 2 if depth < 50 else [(middle, before), (middle, side), (4 * wide, side)]
    return [*made, 1000]


@pytest.mark.parametrize("options", [{}, {"pre_activation": True}, {"plain": True}], ids=str)
@pytest.mark.parametrize("depth", RESNET_BLOCKS)
def test_resnets_of_all_depths_have_table_1(depth: int, options: dict[str, Any]) -> None:
    plan = planned(kind="resnet", depth=depth, **options)
    assert rows(plan.nodes) == residual(depth)
    shortcuts = [
        placed.shape[:2] for placed in plan.nodes if placed.name.endswith(".shortcut") and placed.parameters
    ]
    wide = 1 if depth < 50 else 4
    expected = [(64 * 2**stage * wide, side) for stage, side in enumerate(SIDES)][0 if wide == 4 else 1 :]
    assert shortcuts == ([] if options.get("plain") else expected)


@pytest.mark.parametrize(
    ("depth", "groups", "group_width"), [(50, 32, 4), (101, 32, 4), (101, 32, 8), (101, 64, 4)]
)
def test_resnexts_have_table_1_with_their_cardinality(depth: int, groups: int, group_width: int) -> None:
    """Xie et al. 2017, table 1: 32×4d has 128, 256, 512 and 1024 maps in the middle."""
    plan = planned(kind="resnext", depth=depth, groups=groups, group_width=group_width)
    assert rows(plan.nodes) == residual(depth, [groups * group_width * 2**stage for stage in range(4)])
    grouped = [placed.item for placed in plan.nodes if placed.name.endswith(".conv2")]
    assert {item.model_dump()["groups"] for item in grouped} == {groups}
    assert len(grouped) == sum(RESNET_BLOCKS[depth])


@pytest.mark.parametrize("depth", RESNET_BLOCKS)
def test_se_resnets_squeeze_each_block_to_a_sixteenth(depth: int) -> None:
    """Hu et al. 2018, table 1: `fc, [16, 256]` is the pair of dense layers in blocks of 256 maps."""
    plan = planned(kind="se_resnet", depth=depth)
    inside = [row for row in rows(plan.nodes)[:-1] if isinstance(row, tuple)]
    assert [*inside, 1000] == residual(depth, stride_at_first=True)
    squeezed = [placed.shape for placed in plan.nodes[:-1] if placed.kind == "linear"]
    wide = 1 if depth < 50 else 4
    assert squeezed == [
        (maps,)
        for stage, times in enumerate(RESNET_BLOCKS[depth])
        for maps in (4 * 2**stage * wide, 64 * 2**stage * wide) * times
    ]


def test_lenet_5_has_its_layers() -> None:
    """LeCun et al. 1998, figure 2: C1, S2, C3, S4, C5, F6 and the output."""
    plan = planned(32, 10, 1, kind="lenet5")
    assert rows(plan.nodes) == [(6, 28), (6, 14), (16, 10), (16, 5), (120, 1), 84, 10]


ALEXNET: list[Row] = [
    *((96, 55), (96, 27), (256, 27), (256, 13), (384, 13), (384, 13), (256, 13), (256, 6)),
    *(4096, 4096, 1000),
]
ZFNET: list[Row] = [
    *((96, 110), (96, 55), (256, 26), (256, 13), (384, 13), (384, 13), (256, 13), (256, 6)),
    *(4096, 4096, 1000),
]


@pytest.mark.parametrize(
    ("node", "side", "table", "kernels"),
    [
        ({"kind": "alexnet"}, 227, ALEXNET, [11, 5, 3, 3, 3]),
        ({"kind": "alexnet", "towers": 2}, 227, ALEXNET, [11, 5, 3, 3, 3]),
        ({"kind": "zfnet"}, 224, ZFNET, [7, 5, 3, 3, 3]),
    ],
    ids=str,
)
def test_alexnet_and_zfnet_have_their_layers(
    node: dict[str, Any], side: int, table: list[Row], kernels: list[int]
) -> None:
    plan = planned(side, **node)
    assert rows(plan.nodes) == table
    assert kernels_of(plan) == kernels


def kernels_of(plan: Plan) -> list[int]:
    """The sides of the kernels of all convolutions, in their order."""
    slid = [placed.item.windows(placed.context) for placed in plan.nodes if placed.kind == "conv2d"]
    return [windows[0].size for windows in slid if windows is not None]


#: The kernels of the convolutions before each of the five pools (Simonyan & Zisserman 2015, table 1).
VGG = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "A-LRN": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3),) * 5,
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3,) * 4, (3,) * 4, (3,) * 4),
}


@pytest.mark.parametrize("configuration", VGG)
def test_vggs_have_the_columns_of_table_1(configuration: str) -> None:
    plan = planned(kind="vgg", configuration=configuration)
    table: list[Row] = []
    for stage, (maps, convolutions) in enumerate(
        zip((64, 128, 256, 512, 512), VGG[configuration], strict=True)
    ):
        table += [(maps, 224 >> stage)] * len(convolutions) + [(maps, 112 >> stage)]
    assert rows(plan.nodes) == [*table, 4096, 4096, 1000]
    assert kernels_of(plan) == [size for stage in VGG[configuration] for size in stage]


#: Of each module #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5 and pool proj (Szegedy et al. 2015, table 1).
GOOGLENET = {
    28: ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    14: (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    7: ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
}


@pytest.mark.parametrize("auxiliary", [False, True])
def test_googlenet_has_table_1_and_its_heads(auxiliary: bool) -> None:
    plan = planned(kind="googlenet", auxiliary=auxiliary)
    table: list[Row] = [(64, 112), (64, 56), (64, 56), (192, 56), (192, 28)]
    arriving = 192
    for side, modules in GOOGLENET.items():
        for one, three_reduce, three, five_reduce, five, pooled in modules:
            table += [(one, side), (three_reduce, side), (three, side), (five_reduce, side), (five, side)]
            table += [(arriving, side), (pooled, side)]
            arriving = one + three + five + pooled
        if side > 7:
            table.append((arriving, side // 2))
    heads = [placed for placed in plan.nodes if placed.name.startswith("net.auxiliary")]
    assert rows([placed for placed in plan.nodes if placed not in heads]) == [*table, 1000]
    assert arriving == 1024
    # Average pooling 5×5 with stride 3 leaves 4×4; 128 maps; 1024 units (section 5 of the paper).
    found = rows(heads)
    assert found == ([(512, 4), (128, 4), 1024, 1000, (528, 4), (128, 4), 1024, 1000] if auxiliary else [])


def test_inception_v3_has_its_modules() -> None:
    """Szegedy et al. 2016, table 1 and figures 5 to 7 and 10, as maintained implementations have them."""
    plan = planned(299, kind="inception_v3")
    stem: list[Row] = [(32, 149), (32, 147), (64, 147), (64, 73), (80, 73), (192, 71), (192, 35)]
    table = stem
    arriving = 192
    for pooled in (32, 64, 64):
        table += [(64, 35), (48, 35), (64, 35), (64, 35), (96, 35), (96, 35), (arriving, 35), (pooled, 35)]
        arriving = 64 + 64 + 96 + pooled
    table += [(384, 17), (64, 35), (96, 35), (96, 17), (288, 17)]
    for thin in (128, 160, 160, 192):
        table += [(192, 17), *[(thin, 17)] * 2, (192, 17), *[(thin, 17)] * 4, (192, 17), (768, 17), (192, 17)]
    table += [(192, 17), (320, 8), *[(192, 17)] * 3, (192, 8), (768, 8)]
    for arriving in (1280, 2048):
        table += [(320, 8), *[(384, 8)] * 3, (448, 8), *[(384, 8)] * 3, (arriving, 8), (192, 8)]
    assert rows(plan.nodes) == [*table, 1000]


def test_inception_resnet_v2_has_its_blocks() -> None:
    """Szegedy et al. 2017, figures 15 to 19, with the numbers of blocks of the maintained implementations."""
    plan = planned(299, kind="inception_resnet_v2")
    table: list[Row] = [(32, 149), (32, 147), (64, 147), (64, 73), (80, 73), (192, 71), (192, 35)]
    table += [(96, 35), (48, 35), (64, 35), (64, 35), (96, 35), (96, 35), (192, 35), (64, 35)]
    table += [(32, 35), (32, 35), (32, 35), (32, 35), (48, 35), (64, 35), (320, 35)] * 10
    table += [(384, 17), (256, 35), (256, 35), (384, 17), (320, 17)]
    table += [(192, 17), (128, 17), (160, 17), (192, 17), (1088, 17)] * 20
    table += [(256, 17), (384, 8), (256, 17), (288, 8), (256, 17), (288, 17), (320, 8), (1088, 8)]
    table += [(192, 8), (192, 8), (224, 8), (256, 8), (2080, 8)] * 10
    assert rows(plan.nodes) == [*table, (1536, 8), 1000]


@pytest.mark.parametrize(
    ("depth", "layers"), [(121, (6, 12, 24, 16)), (169, (6, 12, 32, 32)), (201, (6, 12, 48, 32))]
)
def test_densenets_have_table_1(depth: int, layers: tuple[int, ...]) -> None:
    """Huang et al. 2017, table 1: a 1×1 of 128 maps and a 3×3 of 32; transitions halve maps and sides."""
    plan = planned(kind="densenet", depth=depth)
    table: list[Row] = [(64, 112), (64, 56)]
    maps = 64
    for times, side in zip(layers, SIDES, strict=True):
        table += [(128, side), (32, side)] * times
        maps += 32 * times
        if side > 7:
            maps //= 2
            table += [(maps, side), (maps, side // 2)]
    assert rows(plan.nodes) == [*table, 1000]


def test_xception_has_the_layers_of_figure_5() -> None:
    """Chollet 2017: entry flow, eight times the middle flow, exit flow; depthwise, then 1×1."""
    plan = planned(299, kind="xception")
    table: list[Row] = [(32, 149), (64, 147)]
    arriving, side = 64, 147
    for maps in (128, 256, 728):
        table += [(arriving, side), (maps, side), (maps, side), (maps, side), (maps, (side + 1) // 2)]
        arriving, side = maps, (side + 1) // 2
    table += [(728, 19)] * 6 * 8
    table += [(728, 19), (728, 19), (728, 19), (1024, 19), (1024, 10)]
    table += [(1024, 10), (1536, 10), (1536, 10), (2048, 10)]
    assert rows(plan.nodes) == [*table, 1000]


def test_mobilenet_v1_has_table_1() -> None:
    """Howard et al. 2017, table 1, but for the last depthwise stride, which the paper misprints."""
    plan = planned(kind="mobilenet_v1")
    table: list[Row] = [(32, 112)]
    arriving = 32
    for maps, side in (
        *((64, 112), (128, 56), (128, 56), (256, 28), (256, 28)),
        *[(512, 14)] * 6,
        *((1024, 7), (1024, 7)),
    ):
        table += [(arriving, side), (maps, side)]
        arriving = maps
    assert rows(plan.nodes) == [*table, 1000]


def test_mobilenet_v2_has_table_2() -> None:
    """Sandler et al. 2018, table 2: t, c, n and s of each row."""
    plan = planned(kind="mobilenet_v2")
    table: list[Row] = [(32, 112), (32, 112), (16, 112)]
    arriving, side = 16, 112
    for maps, times, stride in ((24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)):
        for block in range(times):
            after = side // stride if block == 0 else side
            table += [(6 * arriving, side), (6 * arriving, after), (maps, after)]
            arriving, side = maps, after
    assert rows(plan.nodes) == [*table, (1280, 7), 1000]


def test_darknet_53_has_table_1() -> None:
    """Redmon & Farhadi 2018, table 1."""
    plan = planned(256, kind="darknet53")
    table: list[Row] = [(32, 256)]
    for stage, times in enumerate((1, 2, 8, 8, 4)):
        side, maps = 128 >> stage, 64 << stage
        table += [(maps, side), *[(maps // 2, side), (maps, side)] * times]
    assert rows(plan.nodes) == [*table, 1000]
