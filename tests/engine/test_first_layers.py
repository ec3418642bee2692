"""AlexNet's first layer beside ZFNet's, trained side by side."""

from __future__ import annotations

import json
from fnmatch import fnmatch

import numpy as np
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.studies.first_layer import FirstLayer
from glassnet.engine.studies.first_layers import NETWORKS, FirstLayers
from glassnet.engine.training.trainer import Trainer

SMALL = FirstLayers(steps=3, samples=100, width=0.06)


def test_both_train_as_their_experiments_do_and_are_looked_at_in_the_end() -> None:
    frames = list(SMALL.compute())
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    last = frames[-1].arrays
    for network in NETWORKS:
        alone = Trainer(SMALL.experiment(network))
        for _ in range(3):
            alone.step()
        assert float(last[f"{network}/accuracy"]) == torch.tensor(alone.evaluate()["test_accuracy"])
        assert int(last[f"{network}/steps"][-1]) == 3
        assert int(last[f"{network}/diverged"]) == -1
        *_, seen = FirstLayer().compute(alone)
        for name, expected in seen.arrays.items():
            torch.testing.assert_close(last[f"{network}/{name}"], expected, msg=f"{network}/{name}")
    assert [int(last[f"{network}/stride"]) for network in NETWORKS] == [4, 2]
    assert [int(last[f"{network}/kernel"]) for network in NETWORKS] == [11, 7]


def test_what_trains_comes_as_a_document_with_all_that_was_asked() -> None:
    study = SMALL.model_copy(update={"normalize": "center", "std": 0.02, "weight_decay": 0.0, "radius": 0.1})
    first = next(iter(study.compute())).arrays
    for network in NETWORKS:
        document = json.loads(bytes(first[f"{network}/experiment"].tolist()))
        assert Experiment.parse(document) == study.experiment(network)
        assert document["data"]["normalize"] == {"kind": "center"}
        assert document["network"][0]["first_initializer"] == {"kind": "normal", "std": 0.02}
        (only,) = document["training"]["regularizers"]
        assert (only["kind"], only["radius"], only["nodes"]) == ("renormalize", 0.1, "*conv*")
        # The pattern reaches every convolution, and no dense layer.
        plan = planner.plan(study.experiment(network))
        reached = [placed.kind for placed in plan.nodes if fnmatch(placed.name, only["nodes"])]
        assert reached == ["conv2d"] * 5


def test_strength_is_that_of_the_weights_and_the_faint_are_under_a_fifth_of_the_strongest() -> None:
    trainer = Trainer(SMALL.experiment("zfnet"))
    weight = next(p for p in trainer.network.parameters() if p.ndim == 4)
    with torch.no_grad():
        weight.copy_(torch.linspace(0.02, 1, len(weight)).view(-1, 1, 1, 1) * weight.sign())
    *_, seen = FirstLayer(images=10).compute(trainer)
    expected = np.linspace(0.02, 1, len(weight), dtype=np.float32)
    np.testing.assert_allclose(seen.arrays["rms"].numpy(), expected, rtol=1e-5)
    assert seen.arrays["faint"].tolist() == (expected < 0.2).astype(int).tolist()


def test_of_pixels_as_they_are_more_of_the_larger_filters_die() -> None:
    """The paper's argument: 11×11 filters, which add up 2.5 times as many pixels, die where 7×7 live."""
    *_, last = FirstLayers(steps=60, samples=600, width=0.1, learning_rate=0.002).compute()
    dead = {network: int((last.arrays[f"{network}/strongest"] <= 0).sum()) for network in NETWORKS}
    assert dead["alexnet"] >= 2 * max(1, dead["zfnet"])


def test_before_the_first_step_both_can_be_seen() -> None:
    first = next(iter(FirstLayers(steps=0, samples=100, width=0.06).compute()))
    assert first.arrays["alexnet/filters"].shape[2:] == (11, 11)


def test_one_that_diverges_says_when_and_has_no_accuracy() -> None:
    *_, last = FirstLayers(steps=30, samples=100, width=0.06, learning_rate=10.0).compute()
    diverged = {network: int(last.arrays[f"{network}/diverged"]) for network in NETWORKS}
    assert max(diverged.values()) > 0
    for network, step in diverged.items():
        assert (f"{network}/accuracy" in last.arrays) == (step < 0)
        if step < 0:
            assert int(last.arrays[f"{network}/steps"][-1]) == 30
        assert last.arrays[f"{network}/filters"].shape[0] > 0


def test_of_white_filters_a_stride_folds_all_but_its_share_of_the_plane() -> None:
    """Before training weights are white: of all frequencies, those beyond ±1/(2s) along an axis alias."""
    *_, last = FirstLayers(steps=0, samples=100, width=0.4).compute()
    fine = {network: float(last.arrays[f"{network}/fine"].mean()) for network in NETWORKS}
    # A grid of 32 frequencies has its own share at the very edge: 1/(2s) belongs to what is carried.
    assert abs(fine["alexnet"] - (1 - (9 / 32) ** 2)) < 0.02
    assert abs(fine["zfnet"] - (1 - (17 / 32) ** 2)) < 0.02
