"""Looking into networks of one and of three axes, against captum and plain loops, in float64."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.attribution.input_regions import boxes, crops, tile_size
from glassnet.engine.attribution.methods import Explanation, Method, possible_methods
from glassnet.engine.attribution.occlusion import OccluderGrid
from glassnet.engine.attribution.projection import Seed, project
from glassnet.engine.attribution.rules import Rule
from glassnet.engine.attribution.sliding_occlusion import SCORE, SlidingOcclusion
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.network.planner import plan
from glassnet.engine.probes.attribution import Attribution
from glassnet.engine.probes.features import Features
from glassnet.engine.studies.occlusion import Occlusion
from glassnet.engine.training.trainer import Trainer
from tests.engine.attributions import Answer
from tests.engine.experiments import Document, experiment, losses

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum import attr

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

CLASS = 1
DATA: dict[int, Document] = {
    1: {"kind": "waveforms", "samples": 24, "length": 70},
    3: {"kind": "clips", "samples": 20, "frames": 7, "size": 12},
}
NODES = ["conv1", "relu1", "pool1", "relu2"]


def layers(axes: int) -> list[Document]:
    """Two convolutions along so many axes, an overlapping pool between them."""
    return [
        {"kind": f"conv{axes}d", "name": "conv1", "filters": 4, "kernel": 3, "padding": 1},
        {"kind": "batch_norm", "name": "norm1"},
        {"kind": "relu", "name": "relu1"},
        {"kind": f"max_pool{axes}d", "name": "pool1", "kernel": 3, "stride": 2},
        {"kind": f"conv{axes}d", "name": "conv2", "filters": 3, "kernel": 3, "padding": 0},
        {"kind": "relu", "name": "relu2"},
        {"kind": "global_average_pool", "name": "mean"},
        {"kind": "linear", "name": "output", "units": None},
    ]


@pytest.fixture(scope="module", params=[1, 3], ids=["signals", "clips"])
def trainer(request: pytest.FixtureRequest) -> Trainer:
    trainer = Trainer(experiment(layers(request.param), data=DATA[request.param], precision="float64"))
    losses(trainer, 6)
    return trainer


def equal(found: Tensor, expected: Tensor) -> None:
    assert expected.abs().max() > 1e-6  # there is something to be equal
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


def test_every_method_applies(trainer: Trainer) -> None:
    assert len(possible_methods(trainer.plan)) == 6


@pytest.mark.parametrize(
    ("method", "theirs"),
    [("saliency", attr.Saliency), ("deconvnet", attr.Deconvolution), ("guided", attr.GuidedBackprop)],
)
def test_a_class_is_sent_down_as_captum_sends_it(method: Method, theirs: Any, trainer: Trainer) -> None:
    x = trainer.data.test.inputs[:3]
    options = {"abs": False} if method == "saliency" else {}
    expected = theirs(Answer(trainer)).attribute(x, target=CLASS, **options)
    equal(Explanation(trainer, CLASS, x).signal(method, normalisations="gradient"), expected)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize(
    ("rule", "theirs"),
    [("deconvnet", attr.NeuronDeconvolution), ("guided", attr.NeuronGuidedBackprop)],
)
@pytest.mark.parametrize("seed", ["strongest", "map"])
def test_maps_are_sent_down_as_captum_sends_them(
    seed: Seed, rule: Rule, theirs: Any, node: str, trainer: Trainer
) -> None:
    """Signals that share a switch of the overlapping pool add up."""
    x = trainer.data.test.inputs[:1]
    view = SignalView(trainer.evaluation_network, trainer.plan)
    with torch.no_grad():
        maps = view(x, node)[0].flatten(1)
    channel = int(maps.amax(dim=1).argmax())
    place = int(maps[channel].argmax())

    def seeded(out: Tensor) -> Tensor:
        """What has our seed as its gradient: a²/2 of the whole map, or of its strongest place."""
        squares = out[:, channel].flatten(1).square() / 2
        return squares.sum(dim=1) if seed == "map" else squares[:, place]

    neuron = theirs(Answer(trainer), trainer.evaluation_network.get_submodule(node))
    found = project(view, node, x, torch.tensor([channel]), rule=rule, seed=seed)
    equal(found.signals, neuron.attribute(x, seeded))
    assert int(found.positions[0]) == place


@pytest.mark.parametrize("node", NODES)
def test_grad_cam_is_captums(node: str, trainer: Trainer) -> None:
    x = trainer.data.test.inputs[:2]
    found = Explanation(trainer, CLASS, x, node=node).signal("grad_cam")
    cam = attr.LayerGradCam(Answer(trainer), trainer.evaluation_network.get_submodule(node))
    equal(found, cam.attribute(x, target=CLASS))


def test_integrated_gradients_are_captums(trainer: Trainer) -> None:
    x = trainer.data.test.inputs[:1]
    found = Explanation(trainer, CLASS, x)
    theirs = attr.IntegratedGradients(Answer(trainer))
    steps = found.integrated.steps
    equal(found.integrated.map, theirs.attribute(x, found.baseline, target=CLASS, n_steps=steps))
    assert found.integrated.holds


@pytest.mark.parametrize(("size", "stride"), [(5, 5), (9, 4)])
def test_the_mean_drop_is_captums(
    size: int, stride: int, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cube of nine covers all seven pictures of a clip."""
    asked = Occlusion(input=SampleInput(index=2), size=size, stride=stride, target=CLASS)
    slide = SlidingOcclusion(asked, trainer)
    slide.ask()
    slide.cover(torch.arange(slide.squares.count))
    found = slide.squares.mean(slide.before[SCORE] - slide.seen[:, SCORE])
    x = trainer.data.test.inputs[2:3]
    grey = trainer.data.transform(
        torch.full_like(trainer.data.test.raw[:1].float(), float(slide.arrays()["grey"]))
    )
    sides = [min(size, side) for side in x.shape[2:]]
    with monkeypatch.context() as patched:
        patched.setattr(Tensor, "float", Tensor.double)  # captum rounds its mean to float32
        expected = attr.Occlusion(Answer(trainer)).attribute(
            x,
            (x.shape[1], *sides),
            (x.shape[1], *(min(stride, side) for side in sides)),
            baselines=grey.to(x),
            target=CLASS,
        )[0, 0]
    assert found.shape == x.shape[2:]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("sizes", [(11,), (6, 9), (4, 7, 5)])
def test_squares_cover_and_average_as_loops_do(sizes: tuple[int, ...]) -> None:
    squares = OccluderGrid(sizes, 3, 2)
    masks = squares.masks(torch.arange(squares.count))
    starts = itertools.product(*(range(0, 2 * count, 2) for count in squares.grid))
    for mask, start in zip(masks, starts, strict=True):
        expected = torch.zeros(sizes, dtype=torch.bool)
        expected[tuple(slice(first, first + 3) for first in start)] = True
        assert torch.equal(mask, expected)
    seen = torch.randn(squares.count, dtype=torch.float64)
    seen[1] = torch.nan
    known = seen.isfinite()
    total = (masks[known] * seen[known].view(-1, *(1 for _ in sizes))).sum(dim=0)
    torch.testing.assert_close(squares.mean(seen), total / masks[known].sum(dim=0).clamp_min(1))


def test_what_lies_outside_its_box_does_not_change_an_activation(trainer: Trainer) -> None:
    plan, x = trainer.plan, trainer.data.test.inputs[:1]
    view = SignalView(trainer.evaluation_network, plan)
    with torch.no_grad():
        before = view(x, "relu2")[0, 0]
        positions = torch.tensor([0, before.numel() // 2, before.numel() - 1])
        axes = before.ndim
        for place, box in zip(positions.tolist(), boxes(plan, "relu2", positions).tolist(), strict=True):
            inside = (slice(None), slice(None), *map(slice, box[:axes], box[axes:]))
            changed = x + 1
            changed[inside] = x[inside]
            after = view(changed, "relu2")[0, 0]
            assert after.flatten()[place] == before.flatten()[place]
            tile = crops(x, torch.tensor([box]), tile_size(plan, "relu2"))
            part = x[inside]
            start = (slice(None), slice(None), *(slice(side) for side in part.shape[2:]))
            torch.testing.assert_close(tile[start], part)


def test_the_probes_send_what_they_say(trainer: Trainer) -> None:
    sizes = trainer.plan.input_shape[1:]
    arrays = Attribution().prepare(trainer)()
    assert arrays["maps"].shape == (6, *sizes)
    assert arrays["signal/deconvnet"].shape == trainer.plan.input_shape
    found = Features(node="relu2", count=2).prepare(trainer)()
    assert found["boxes"].shape == (3, 2, 2 * len(sizes))
    assert found["patches"].shape == (3, 2, trainer.plan.input_shape[0], *tile_size(trainer.plan, "relu2"))


def test_a_matrix_of_times_and_features_has_no_maps() -> None:
    network: list[Document] = [
        *layers(1)[:3],
        {"kind": "reshape", "name": "turned", "shape": [70, 4]},
        {"kind": "flatten", "name": "flat"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    made = plan(experiment(network, data=DATA[1]))
    with pytest.raises(
        ValueError, match=r"node 'turned' gives .*; expected feature maps \(channels × length\)"
    ):
        Features(node="turned").check(made)
    assert made.nodes[made.ways["output"].maps or 0].name == "relu1"
