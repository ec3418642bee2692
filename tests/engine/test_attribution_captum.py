"""The engine's own networks against captum, in float64: what the pages show, not only plain torch modules.

Overlapping pools, batch norm, a local norm, residual blocks with and without a projection, a concatenation;
images that are not square, and every feature map on the way.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.attribution import gradients
from glassnet.engine.attribution.methods import Explanation, Method
from glassnet.engine.attribution.projection import Seed, project
from glassnet.engine.attribution.rules import Rule
from glassnet.engine.attribution.sliding_occlusion import SCORE, SlidingOcclusion
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.studies.occlusion import Occlusion
from glassnet.engine.training.trainer import Trainer
from tests.engine.attributions import Answer
from tests.engine.experiments import Document, experiment, losses

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum import attr

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

EXACT = 1e-8
CLASS = 4

#: Maps before and behind the pool, inside a residual block, and behind each sum.
NODES = ["conv1", "relu1", "pool1", "both", "block1.conv1", "block1.relu2", "block2.relu2"]


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    network: list[Document] = [
        {"kind": "conv2d", "name": "conv1", "filters": 5, "kernel": 5, "padding": 2},
        {"kind": "batch_norm", "name": "norm1"},
        {"kind": "relu", "name": "relu1"},
        {"kind": "local_response_norm", "name": "norm2", "alpha": 0.3},
        {"kind": "max_pool2d", "name": "pool1", "kernel": 3, "stride": 2},
        {"kind": "conv2d", "name": "conv2", "filters": 3, "kernel": 1},
        {"kind": "relu", "name": "relu2"},
        {"kind": "concatenate", "name": "both", "inputs": ["pool1", "relu2"]},
        {"kind": "residual_conv2d", "name": "block1", "filters": 8},
        {"kind": "residual_conv2d", "name": "block2", "filters": 6, "stride": 2},
        {"kind": "global_average_pool", "name": "mean"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    data = {"kind": "shapes", "samples": 60, "size": 28}
    trainer = Trainer(experiment(network, data=data, precision="float64"))
    losses(trainer, 20)
    return trainer


def images(trainer: Trainer, count: int = 3) -> Tensor:
    """Cut from the test set, so that none is square."""
    return trainer.data.test.inputs[:count][:, :, 1:26, 4:23].contiguous()


def equal(found: Tensor, expected: Tensor) -> None:
    assert expected.abs().max() > 1e-3  # there is something to be equal
    torch.testing.assert_close(found, expected, rtol=0, atol=EXACT)


@pytest.mark.parametrize(
    ("method", "theirs"),
    [("saliency", attr.Saliency), ("deconvnet", attr.Deconvolution), ("guided", attr.GuidedBackprop)],
)
def test_a_class_is_sent_down_as_captum_sends_it(method: Method, theirs: Any, trainer: Trainer) -> None:
    x = images(trainer)
    explanation = Explanation(trainer, CLASS, x)
    options = {"abs": False} if method == "saliency" else {}
    expected = theirs(Answer(trainer)).attribute(x, target=CLASS, **options)
    equal(explanation.signal(method, normalisations="gradient"), expected)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize(
    ("rule", "theirs"),
    [("deconvnet", attr.NeuronDeconvolution), ("guided", attr.NeuronGuidedBackprop)],
)
@pytest.mark.parametrize("seed", ["strongest", "map"])
def test_each_map_is_sent_down_as_captum_sends_it(
    seed: Seed, rule: Rule, theirs: Any, node: str, trainer: Trainer
) -> None:
    x = images(trainer, 2)
    view = SignalView(trainer.evaluation_network, trainer.plan)
    with torch.no_grad():
        maps = view(x, node)
    neuron = theirs(Answer(trainer), trainer.evaluation_network.get_submodule(node))
    for channel in range(maps.shape[1]):
        channels = torch.full((len(x),), channel)
        found = project(view, node, x, channels, rule=rule, seed=seed)
        for image in range(len(x)):
            seen = maps[image, channel].flatten()
            place = int(seen.argmax())

            def seeded(out: Tensor, channel: int = channel, place: int = place) -> Tensor:
                """What has our seed as its gradient: a²/2 of the whole map, or of its strongest place."""
                squares = out[:, channel].flatten(1).square() / 2
                return squares.sum(dim=1) if seed == "map" else squares[:, place]

            expected = neuron.attribute(x[image : image + 1], seeded)[0]
            torch.testing.assert_close(found.signals[image], expected, rtol=0, atol=EXACT)
            assert (int(found.positions[image]), float(found.values[image])) == (place, float(seen.max()))


@pytest.mark.parametrize("node", NODES)
def test_grad_cam_of_each_layer_is_captums(node: str, trainer: Trainer) -> None:
    x = images(trainer)
    found = Explanation(trainer, CLASS, x, node=node).signal("grad_cam")
    cam = attr.LayerGradCam(Answer(trainer), trainer.evaluation_network.get_submodule(node))
    equal(found, cam.attribute(x, target=CLASS))


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_integrated_gradients_from_black_are_captums(steps: int, trainer: Trainer) -> None:
    """With as many steps as were taken, and its convergence delta is what the sum lacks."""
    x = trainer.data.test.inputs[3:4]
    explanation = Explanation(trainer, CLASS, x, steps=steps)
    black = trainer.data.transform(torch.zeros_like(trainer.data.test.raw[:1])).to(x)
    theirs = attr.IntegratedGradients(Answer(trainer))
    found = explanation.integrated
    expected, delta = theirs.attribute(
        x, black, target=CLASS, n_steps=found.steps, return_convergence_delta=True
    )
    equal(explanation.signal("integrated_gradients"), expected)
    assert found.total - found.gained == pytest.approx(float(delta), abs=EXACT)
    answer = Answer(trainer)
    with torch.no_grad():
        gained = float((answer(x) - answer(black))[0, CLASS])
    assert found.error == pytest.approx(abs(float(delta) / gained), abs=EXACT)
    assert found.holds
    assert abs(float(expected.sum()) - gained) <= 0.01 * abs(gained)
    assert (found.steps, steps) != (1, 1)  # one is not enough here


def test_integrated_gradients_from_elsewhere_are_captums(trainer: Trainer) -> None:
    x, baseline = images(trainer, 1), 0.1 * images(trainer, 1)
    found = gradients.integrated_gradients(Explanation(trainer, CLASS, x).score, x, baseline)
    theirs = attr.IntegratedGradients(Answer(trainer))
    equal(found, theirs.attribute(x, baseline, target=CLASS, n_steps=50))


@pytest.mark.parametrize(("size", "stride"), [(5, 5), (7, 3), (28, 1)])
def test_the_mean_drop_that_is_shown_is_captums(
    size: int, stride: int, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Occlusion(input=SampleInput(index=2), size=size, stride=stride, grey=0.5, target=CLASS)
    slide = SlidingOcclusion(asked, trainer)
    slide.ask()
    slide.cover(torch.arange(slide.squares.count))
    found = slide.squares.mean(slide.before[SCORE] - slide.seen[:, SCORE])
    x = trainer.data.test.inputs[2:3]
    grey = trainer.data.transform(torch.full_like(trainer.data.test.raw[:1].float(), 127.5)).to(x)
    with monkeypatch.context() as patched:
        patched.setattr(Tensor, "float", Tensor.double)  # captum rounds its mean to float32
        expected = attr.Occlusion(Answer(trainer)).attribute(
            x, (3, size, size), (3, stride, stride), baselines=grey, target=CLASS
        )[0, 0]
    equal(found, expected)
    *_, last = asked.compute(trainer)
    torch.testing.assert_close(last.arrays["drop"], expected.float())
