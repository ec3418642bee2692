"""Detectors with two stages: what is proposed, the regions that are read, their answers, and the losses."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from glassnet.engine.boxes.anchors import matched
from glassnet.engine.boxes.coding import decoded, encoded
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.boxes.regions import aligned_regions, pooled_regions, pyramid_regions, region_levels
from glassnet.engine.boxes.second_stage import drawn_shares, proposed_regions, region_rows
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.regions import AlignedRegions, PooledRegions
from glassnet.engine.items.losses.two_stage import (
    ProposalErrors,
    ProposalLoss,
    RegionErrors,
    RegionLoss,
)
from glassnet.engine.network.architecture import planned_architecture
from glassnet.engine.network.planner import plan
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document

SIDE = 64


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def random_boxes(*shape: int) -> Tensor:
    """Boxes, some of which reach beyond the picture: (…, 4) float64."""
    corners = torch.rand(*shape, 2, generator=generator(), dtype=torch.float64) * SIDE - 5
    sides = torch.rand(*shape, 2, generator=generator(), dtype=torch.float64) * 40 + 1
    return torch.cat([corners, corners + sides], dim=-1)


# Regions -------------------------------------------------------------------------------------------------


def test_a_region_is_read_from_the_level_of_its_size() -> None:
    sides = [10.0, 111.9, 112.0, 223.9, 224.0, 447.9, 448.0, 5000.0]
    boxes = torch.tensor([[3.0, 5.0, 3 + side, 5 + side] for side in sides])
    assert region_levels(boxes, 4, 224, 2).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert region_levels(torch.full((1, 4), -1.0), 4, 224, 2).tolist() == [0]


@pytest.mark.parametrize("samples", [1, 2])
def test_regions_of_a_pyramid_are_those_of_each_map_alone(samples: int) -> None:
    maps = [
        torch.rand(2, 3, *sides, generator=generator(), dtype=torch.float64, requires_grad=True)
        for sides in ((16, 16), (8, 8), (4, 4))
    ]
    boxes, levels = random_boxes(2, 9), torch.arange(18).reshape(2, 9) % 3
    found = pyramid_regions(maps, boxes, levels, [SIDE, SIDE], 5, samples)
    assert found.shape == (2, 3, 9, 5, 5)
    for picture in range(2):
        for region in range(9):
            x = maps[int(levels[picture, region])]
            whose, scale = torch.tensor([picture]), x.shape[-1] / SIDE
            alone = aligned_regions(x, boxes[picture, region][None], whose, 5, scale, samples)
            torch.testing.assert_close(found[picture, :, region], alone[0])
    weights = torch.rand(found.shape, generator=generator(), dtype=torch.float64)
    slopes = torch.autograd.grad((found * weights).sum(), maps)
    singly = sum(
        (aligned_regions(x, boxes[p, r][None], torch.tensor([p]), 5, x.shape[-1] / SIDE, samples)[0]
         * weights[p, :, r]).sum()
        for p in range(2) for r in range(9) for x in [maps[int(levels[p, r])]]
    )  # fmt: skip
    assert isinstance(singly, Tensor)
    for slope, other in zip(slopes, torch.autograd.grad(singly, maps), strict=True):
        torch.testing.assert_close(slope, other)


def test_region_nodes_choose_levels_and_lay_numbers_channels_first() -> None:
    maps = [torch.rand(1, 2, s, s, generator=generator(), dtype=torch.float64) for s in (16, 8)]
    boxes = torch.tensor([[[4.0, 8.0, 16.0, 20.0], [8.0, 0.0, 60.0, 50.0]]], dtype=torch.float64)
    whose, picture = torch.tensor([0]), torch.zeros(1, 3, SIDE, SIDE)
    for module, single in (
        (AlignedRegions([SIDE, SIDE], 3, 2, 32.0, 1, False), aligned_regions),
        (PooledRegions([SIDE, SIDE], 3, 32.0, 1, False), pooled_regions),
    ):
        given = [*maps, torch.cat([boxes, torch.ones(1, 2, 1)], dim=-1), picture]
        found = module(*given)
        assert found.shape == (1, 2, 2, 3, 3)
        for region, level in enumerate((0, 1)):
            alone = single(maps[level], boxes[0, region][None], whose, 3, maps[level].shape[-1] / SIDE)
            torch.testing.assert_close(found[:, :, region], alone)
        module.flat = True
        torch.testing.assert_close(module(*given)[0, :, 1], found[0, :, 1].flatten())


# Proposals and answers -----------------------------------------------------------------------------------


def test_proposals_are_the_best_boxes_in_the_picture_that_say_something_new() -> None:
    boxes = random_boxes(3, 40)
    scores = torch.rand(3, 40, generator=generator(), dtype=torch.float64)
    found = proposed_regions(boxes, scores, [SIDE, 50], 30, 12, 0.4, 4.0)
    assert found.shape == (3, 12, 5)
    for picture in range(3):
        order = sorted(range(40), key=lambda place: -float(scores[picture, place]))[:30]
        kept: list[list[float]] = []
        for place in order:
            left, top, right, bottom = boxes[picture, place].tolist()
            box = [max(left, 0), max(top, 0), min(right, 50), min(bottom, SIDE)]
            near = [float(pairwise_overlap(torch.tensor([box]), torch.tensor([k]))) for k in kept]
            if box[2] - box[0] >= 4 and box[3] - box[1] >= 4 and all(shared <= 0.4 for shared in near):
                kept.append(box)
        kept = kept[:12]
        assert found[picture, : len(kept), :4].tolist() == kept
        assert (found[picture, len(kept) :, :4] == -1).all()
        assert (found[picture, len(kept) :, 4] == 0).all()


def test_each_class_of_a_region_is_a_candidate_and_none_where_there_is_no_region() -> None:
    proposals = torch.tensor([[[0.0, 0.0, 8.0, 8.0, 0.9], [-1.0, -1.0, -1.0, -1.0, 0.0]]])
    boxes = torch.arange(24.0).reshape(1, 2, 3, 4)
    ground, classes = torch.tensor([[[0.5], [0.0]]]), torch.tensor([[[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]])
    rows = region_rows(proposals, boxes, ground, classes)
    assert rows.shape == (1, 6, 9 + 6)
    shares = torch.softmax(torch.tensor([0.5, 1.0, 2.0, 3.0]), 0)[1:]
    for kind in range(3):
        row = rows[0, kind]
        assert row[:4].tolist() == boxes[0, 0, kind].tolist()
        assert row[4:12].tolist() == [0.0, 0.0, 8.0, 8.0, 0.5, 1.0, 2.0, 3.0]
        torch.testing.assert_close(row[12:], shares * torch.eye(3)[kind])
    assert (rows[0, 3:, 12:] == 0).all()


# Losses --------------------------------------------------------------------------------------------------

TARGETS = torch.tensor(
    [
        [[4.0, 4.0, 24.0, 28.0, 1.0], [30.0, 34.0, 60.0, 60.0, 0.0]],
        [[10.0, 20.0, 40.0, 44.0, 2.0], [-1.0] * 5],
        [[-1.0] * 5, [-1.0] * 5],
    ],
    dtype=torch.float64,
)


def smooth(error: float, beta: float) -> float:
    return error**2 / (2 * beta) if abs(error) < beta else abs(error) - beta / 2


def test_shares_are_the_means_of_random_draws() -> None:
    taught = torch.tensor([[1] * 6 + [0] * 30 + [-1] * 4, [1] * 2 + [0] * 3 + [-1] * 35, [0] * 40])
    shares = drawn_shares(taught, 8, 0.5)
    assert shares[0, :6].tolist() == pytest.approx([4 / 6] * 6)
    assert shares[0, 6:36].tolist() == pytest.approx([4 / 30] * 30)
    assert shares[1, :5].tolist() == [1.0] * 5
    assert shares[2].tolist() == pytest.approx([8 / 40] * 40)
    assert (shares[:2][taught[:2] == -1] == 0).all()


def test_the_loss_of_proposals_is_the_papers_sum_averaged_over_draws() -> None:
    starts = random_boxes(30)
    offsets = torch.randn(3, 30, 4, generator=generator(), dtype=torch.float64) * 0.2
    logits = torch.randn(3, 30, 1, generator=generator(), dtype=torch.float64)
    weights = (1.0, 1.0, 1.0, 1.0)
    there = starts.expand(3, 30, 4)
    output = torch.cat([decoded(offsets, there, weights), there, logits, logits, logits.sigmoid()], -1)
    which, taught = matched(starts, TARGETS, 0.5, 0.3)
    shares = drawn_shares(taught, 10, 0.5)
    objects = boxes = 0.0
    for n in range(3):
        count = float(shares[n].sum())
        for k in range(30):
            t, p = int(taught[n, k]), float(logits[n, k].sigmoid())
            if t >= 0:
                objects += -math.log(p if t else 1 - p) * float(shares[n, k]) / count / 3
            if t == 1:
                wanted = encoded(TARGETS[n, which[n, k], :4], starts[k], weights)
                errors = (offsets[n, k] - wanted).tolist()
                boxes += sum(smooth(e, 0.2) for e in errors) * float(shares[n, k]) / count / 3
    parts = {p: ProposalErrors(p, 0.5, 0.3, 10, 0.5, 0.2, list(weights)) for p in ("object", "box", "all")}
    assert float(parts["object"](output, TARGETS)) == pytest.approx(objects)
    assert float(parts["box"](output, TARGETS)) == pytest.approx(boxes)
    assert float(parts["all"](output, TARGETS)) == pytest.approx(objects + boxes)
    assert boxes > 0


def test_the_loss_of_regions_is_the_papers_sum_averaged_over_draws() -> None:
    weights = (10.0, 10.0, 5.0, 5.0)
    near = TARGETS[:, :, None, :4] + torch.randn(3, 2, 4, 4, generator=generator(), dtype=torch.float64)
    regions = torch.cat([near.flatten(1, 2), random_boxes(3, 6)], dim=1)  # (3, 14, 4)
    regions[:, -1] = -1.0
    regions[1, 4:8] = random_boxes(4)  # where padding was
    regions[2, :8] = random_boxes(8)
    there = torch.ones(3, 14, 1, dtype=torch.float64)
    there[:, -1] = 0
    offsets = torch.randn(3, 14, 3, 4, generator=generator(), dtype=torch.float64)
    numbers = torch.randn(3, 14, 4, generator=generator(), dtype=torch.float64, requires_grad=True)
    boxes = decoded(offsets, regions[:, :, None], weights)
    output = region_rows(torch.cat([regions, there], -1), boxes, numbers[..., :1], numbers[..., 1:])
    told = moved = 0.0
    for n in range(3):
        rows: list[tuple[int, int | None]] = []
        for k in range(13):
            shared = [
                float(pairwise_overlap(regions[n, k][None], box[None, :4])) if box[4] >= 0 else -1
                for box in TARGETS[n]
            ]
            best = shared.index(max(shared))
            rows.append((k, best if shared[best] >= 0.5 else None))
        found = [row for row in rows if row[1] is not None]
        ground = len(rows) - len(found)
        drawn = min(len(found), int(10 * 0.25))
        rest = min(10 - drawn, ground)
        for k, m in rows:
            share = (drawn / len(found) if m is not None else rest / ground) / (drawn + rest) / 3
            kind = 0 if m is None else int(TARGETS[n, m, 4]) + 1
            told += float(functional.cross_entropy(numbers[n, k].detach(), torch.tensor(kind))) * share
            if m is not None:
                wanted = encoded(TARGETS[n, m, :4], regions[n, k], weights)
                errors = (offsets[n, k, kind - 1] - wanted).tolist()
                moved += sum(smooth(e, 0.5) for e in errors) * share
    parts = {p: RegionErrors(p, 0.5, 10, 0.25, 0.5, list(weights)) for p in ("class", "box", "all")}
    assert float(parts["class"](output, TARGETS).detach()) == pytest.approx(told)
    assert float(parts["box"](output, TARGETS).detach()) == pytest.approx(moved)
    whole = parts["all"](output, TARGETS)
    assert float(whole.detach()) == pytest.approx(told + moved)
    assert moved > 0
    assert torch.autograd.grad(whole, numbers)[0].isfinite().all()


def test_losses_of_a_set_do_not_depend_on_how_it_is_cut() -> None:
    starts = random_boxes(30)
    rows = torch.randn(3, 30, 7, generator=generator(), dtype=torch.float64)
    output = torch.cat([starts.expand(3, 30, 4) + rows[..., :4], starts.expand(3, 30, 4), rows[..., 4:]], -1)
    targets = torch.where(TARGETS[..., 4:] >= 0, TARGETS * torch.tensor([1, 1, 1, 1, 0]), -1)
    for loss in (ProposalLoss(), RegionLoss()):
        module = loss.call().build()
        whole = loss.summed(module, output, targets)
        parts = sum(loss.summed(module, output[n, None], targets[n, None]) for n in range(3))
        torch.testing.assert_close(whole, parts)


# Networks ------------------------------------------------------------------------------------------------


def test_faster_rcnn_has_its_published_size_and_work() -> None:
    planned = planned_architecture("faster_rcnn", {})
    assert planned.totals()["parameters"] == 41_755_286
    assert round(planned.totals()["macs"] / 1e9, 2) == 134.38
    nodes = {row["name"]: row for row in planned.describe()["nodes"]}
    cells = [nodes[f"pyramid.level{level}"]["shape"] for level in range(2, 7)]
    assert cells == [[256, side, side] for side in (200, 100, 50, 25, 13)]
    assert nodes["rpn"]["shape"] == [3 * sum(side[1] ** 2 for side in cells), 11]
    assert nodes["proposals"]["shape"] == [1000, 5]
    assert nodes["regions"]["shape"] == [256 * 49, 1000]
    assert nodes["output"]["shape"] == [1000 * 90, 9 + 2 * 90]


SMALL: Document = {
    "kind": "faster_rcnn",
    "name": "net",
    "width": 0.05,
    "depth": 18,
    "norm": "batch",
    "stem": "small",
    "finest": 3,
    "proposed": 8,
}
LOSSES: list[Document] = [
    {"name": "region_class", "kind": "fast_rcnn", "part": "class", "node": "net"},
    {"name": "region_box", "kind": "fast_rcnn", "part": "box", "node": "net"},
    {"name": "objectness", "kind": "proposals", "part": "object", "node": "net.rpn"},
    {"name": "anchor_box", "kind": "proposals", "part": "box", "node": "net.rpn"},
]


def detecting(**options: object) -> Document:
    return {
        "data": {"kind": "shape_scenes", "samples": 24, "size": 32},
        "task": {"kind": "detection", "losses": LOSSES},
        "network": [{**SMALL, **options}],
        "training": {"batch_size": 8, "epochs": 2},
    }


@pytest.mark.parametrize("regions", ["align", "pool"])
def test_a_small_faster_rcnn_trains_with_all_its_losses(regions: str) -> None:
    trainer = Trainer(Experiment.parse(detecting(regions=regions)))
    before = trainer.evaluate()["train_loss"]
    while not trainer.finished:
        trainer.step()
    assert trainer.evaluate()["train_loss"] < before


def test_the_second_stage_teaches_the_first_nothing() -> None:
    trainer = Trainer(Experiment.parse(detecting()))
    network, samples = trainer.network, trainer.data.train
    values = network(samples.inputs[:4])
    loss = RegionLoss().call().build()(values["net.output"], samples.targets[:4])
    names = dict(network.named_parameters())
    heads = [p for name, p in names.items() if "rpn_head.map1" in name]
    assert all(slope is None for slope in torch.autograd.grad(loss, heads, allow_unused=True))


@pytest.mark.parametrize(
    ("loss", "node", "words"),
    [
        ("fast_rcnn", "net.rpn", "expected .*×21"),
        ("proposals", "net", "expected .*×11"),
        ("multibox", "net", "boxes of regions; expected those of 'anchor_boxes'"),
        ("yolo_v1", "net", "anchors; expected boxes of 'cell_boxes'"),
    ],
)
def test_losses_refuse_what_is_not_theirs(loss: str, node: str, words: str) -> None:
    document = detecting()
    document["task"]["losses"] = [{"kind": loss, "node": node}]
    with pytest.raises(InvalidExperiment, match=words):
        plan(Experiment.parse(document))
