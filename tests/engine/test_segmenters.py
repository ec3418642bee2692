"""Networks that answer for each pixel: published sizes, and blocks that refine and crop."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.datasets.shape_masks import ShapeMasks
from glassnet.engine.items.initializers.bilinear import bilinear_
from glassnet.engine.items.layers.crop import Cropped
from glassnet.engine.network.planner import plan
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, segmenting


@pytest.mark.parametrize(
    ("net", "shape", "classes", "parameters"),
    [
        ({"kind": "unet"}, (1, 64, 64), 2, 31_030_658),
        ({"kind": "fcn", "stride": "32s"}, (3, 224, 224), 21, 134_346_581),
        ({"kind": "fcn", "stride": "32s", "upsampling": "learned"}, (3, 224, 224), 21, 136_152_917),
        ({"kind": "fcn", "stride": "16s"}, (3, 250, 190), 21, 134_346_581 + 513 * 21),
        ({"kind": "fcn", "stride": "8s"}, (3, 500, 333), 21, 134_346_581 + 513 * 21 + 257 * 21),
    ],
)
def test_networks_have_the_published_sizes_and_answer_every_pixel(
    net: Document, shape: tuple[int, ...], classes: int, parameters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ShapeMasks, "shape", property(lambda _: shape))
    monkeypatch.setattr(ShapeMasks, "classes", tuple(map(str, range(classes))))
    planned = plan(Experiment.parse(segmenting(network=[{"name": "net", **net}])))
    assert planned.parameters == parameters
    assert planned.nodes[-1].shape == (classes, *shape[1:])


def test_an_unpadded_unet_answers_for_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShapeMasks, "shape", property(lambda _: (1, 572, 572)))
    with pytest.raises(InvalidExperiment, match="gives 7×388×388"):
        plan(Experiment.parse(segmenting(network=[{"kind": "unet", "padding": "valid"}])))


def test_each_map_of_a_depthwise_enlarging_has_the_triangle() -> None:
    whole, grouped = torch.empty(3, 3, 4, 4), torch.empty(3, 1, 4, 4)
    bilinear_(whole)
    bilinear_(grouped)
    for map_ in range(3):
        assert torch.equal(grouped[map_, 0], whole[map_, map_])


def test_learned_enlarging_begins_as_the_bilinear_one() -> None:
    for factor in (2, 8):
        maps = torch.randn(1, 3, 5, 4, generator=torch.Generator().manual_seed(1))
        learned = torch.nn.ConvTranspose2d(3, 3, 2 * factor, factor, factor // 2, bias=False)
        bilinear_(learned.weight)
        inside = slice(factor, -factor)  # at the edges it brings in zeros
        fixed = F.interpolate(maps, scale_factor=factor, mode="bilinear", align_corners=False)
        torch.testing.assert_close(
            learned(maps)[..., inside, inside].detach(), fixed[..., inside, inside], atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("keep_input", [True, False])
def test_a_recurrent_convolution_is_one_convolution_applied_again(keep_input: bool) -> None:
    block = {"kind": "recurrent_convolution", "name": "refined", "times": 3, "keep_input": keep_input}
    answer = {"kind": "conv2d", "name": "output", "filters": None, "kernel": 1}
    trainer = Trainer(Experiment.parse(segmenting(network=[block, answer])))
    assert trainer.plan.parameters == (3 * 3 * 9 + 3) + (3 * 7 + 7)
    x = trainer.data.test.inputs[:2]
    values = trainer.evaluation_network(x)
    own = dict(trainer.evaluation_network.named_parameters())
    h = x
    for number in (1, 2, 3):
        h = F.conv2d(h, own["refined.pass1.weight"], own["refined.pass1.bias"], padding=1)
        h = torch.relu(x + h if keep_input else h)
        torch.testing.assert_close(values[f"refined.relu{number}"], h)


def test_cropping_takes_the_middle_or_what_begins_at_a_place() -> None:
    maps, like = torch.arange(49.0).view(1, 1, 7, 7), torch.zeros(1, 3, 3, 4)
    assert torch.equal(Cropped((2, 1))(maps, like), maps[:, :, 2:5, 1:5])
    network: list[Document] = [
        {"kind": "conv2d", "name": "wide", "filters": 4, "padding": "full", "kernel": 5},
        {"kind": "crop_like", "name": "cut", "inputs": ["wide", "input"]},
        {"kind": "conv2d", "name": "output", "filters": None, "kernel": 1},
    ]
    assert plan(Experiment.parse(segmenting(network=network)))["cut"].shape == (4, 16, 16)
    network[1]["offset"] = 5
    with pytest.raises(
        InvalidExperiment, match="to be cut to 16×16 from 5 on; expected a first input that is"
    ):
        plan(Experiment.parse(segmenting(network=network)))
