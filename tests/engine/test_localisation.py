"""On shapes whose place is known, what a trained network is said to look at is the shape.

The boxes are the data set's own; Zhang et al. 2018's pointing game is the same idea.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from glassnet.engine.attribution.methods import METHODS, Explanation
from glassnet.engine.attribution.occlusion import OccluderGrid, occluded
from glassnet.engine.attribution.projection import project
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.studies.sanity_check import SanityCheck
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment

#: The stride of the last layer of maps, in pixels.
STRIDE = 4

#: Of correctly classified test images, the share that must be localised.
MOST = 0.9


@pytest.fixture(scope="module")
def trained() -> Trainer:
    """Three convolutions, which tell nearly all shapes apart."""
    network: list[Document] = []
    for number, filters in enumerate((12, 16, 24), 1):
        kernel = 5 if number == 1 else 3
        convolution = {"kind": "conv2d", "filters": filters, "kernel": kernel, "padding": "same"}
        network += [convolution, {"kind": "batch_norm"}, {"kind": "relu", "name": f"relu{number}"}]
        network += [{"kind": "max_pool2d"}]
    network += [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}]
    trainer = Trainer(
        experiment(
            network,
            data={"kind": "shapes", "samples": 1500, "size": 32},
            optimizer={"kind": "adam", "learning_rate": 0.003},
            batch_size=32,
        )
    )
    for _ in range(10 * trainer.steps_per_epoch):
        trainer.step()
    return trainer


@pytest.fixture(scope="module")
def right(trained: Trainer) -> Tensor:
    """The test images that the network classifies correctly, most of them."""
    test = trained.data.test
    found = (trained.predict(test.inputs) == test.targets).nonzero().flatten()
    assert len(found) > 0.9 * len(test)
    return found


def boxes(trained: Trainer, right: Tensor, grown: float) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom in pixels, grown to every side and clipped."""
    known = trained.data.test.boxes
    assert known is not None
    spread = torch.tensor([-grown, -grown, grown, grown])
    return [tuple(box) for box in (known[right] + spread).clamp(0, 32).int().tolist()]


def test_most_of_a_projection_is_on_the_object(trained: Trainer, right: Tensor) -> None:
    with torch.no_grad():
        maps = trained.evaluation_network(trained.data.test.inputs[right])["relu3"]
    strongest = maps.flatten(2).amax(dim=2).argmax(dim=1)
    view = SignalView(trained.evaluation_network, trained.plan)
    energy = (
        project(view, "relu3", trained.data.test.inputs, strongest, images=right).signals.square().sum(dim=1)
    )
    inside = torch.stack(
        [
            picture[top:bottom, left:end].sum() / picture.sum()
            for picture, (left, top, end, bottom) in zip(energy, boxes(trained, right, STRIDE), strict=True)
        ]
    )
    assert (inside >= 0.5).double().mean() >= MOST
    # Not because the box is large: it is a good deal brighter inside than the box's share of the picture.
    area = torch.tensor([(r - x) * (b - y) / 32**2 for x, y, r, b in boxes(trained, right, STRIDE)])
    assert inside.mean() > area.mean() + 0.2


def test_grad_cam_is_greatest_within_a_cell_of_the_object(trained: Trainer, right: Tensor) -> None:
    hits = []
    for image, (left, top, end, bottom) in zip(right.tolist(), boxes(trained, right, STRIDE), strict=True):
        x, target = trained.data.test.inputs[image : image + 1], int(trained.data.test.targets[image])
        cam = Explanation(trained, target, x, node="relu3").signal("grad_cam")[0, 0]
        row, column = divmod(int(cam.argmax()), cam.shape[1])
        hits.append(top <= STRIDE * (row + 0.5) <= bottom and left <= STRIDE * (column + 0.5) <= end)
    assert sum(hits) / len(hits) >= MOST


@pytest.mark.thorough
def test_weights_that_are_forgotten_change_grad_cam_most_and_guided_backprop_least(
    trained: Trainer, right: Tensor
) -> None:
    """What the page of the sanity check says; Adebayo et al. 2018, figure 4, has it of a large network."""
    found = []
    for image in right[:12].tolist():
        study = SanityCheck(input=SampleInput(index=image), seed=image)
        *_, last = study.compute(trained)
        found.append(last.arrays["correlations"][1])  # the answer alone is randomised
    means = dict(zip(METHODS, torch.stack(found).nanmean(dim=0).tolist(), strict=True))
    assert abs(means["grad_cam"]) < 0.3
    assert means["grad_cam"] < means["saliency"] < means["guided"]
    assert means["deconvnet"] < means["guided"]


def test_the_square_hurts_most_on_the_object(trained: Trainer, right: Tensor) -> None:
    squares = OccluderGrid((32, 32), 10, 3)
    hits = []
    for image, (left, top, end, bottom) in zip(right.tolist(), boxes(trained, right, 0), strict=True):
        x, target = trained.data.test.inputs[image : image + 1], int(trained.data.test.targets[image])
        explanation = Explanation(trained, target, x)

        def probability(covered: Tensor, explanation: Explanation = explanation) -> Tensor:
            return explanation.probabilities(explanation.outputs(covered)[0])[:, explanation.target]

        grey = trained.data.transform(torch.full((1, 3, 32, 32), 127.5))
        pieces = occluded(probability, x, grey, squares, numbers=explanation.view.numbers("output"))
        worst = int(torch.cat([piece.seen for piece in pieces]).argmin())
        row, column = (3 * place + 5 for place in divmod(worst, squares.grid[1]))
        hits.append(top <= row <= bottom and left <= column <= end)
    assert sum(hits) / len(hits) >= MOST
