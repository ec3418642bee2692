"""Landscapes with and without shortcuts: the same but for them, and the centre is where training came to."""

from __future__ import annotations

import pytest

from glassnet.engine.studies.shortcut_landscapes import KINDS, ShortcutLandscapes
from glassnet.engine.training.trainer import Trainer


def test_shortcuts_are_all_the_difference_and_train_better() -> None:
    study = ShortcutLandscapes(depth=16, width=8, steps=150, resolution=5, samples=100)
    plain, residual = (Trainer(study._experiment(kind)) for kind in KINDS)
    assert plain.plan.parameters == residual.plan.parameters
    frames = list(study.compute())
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    assert frames[-1].done == pytest.approx(1)
    arrays = frames[-1].arrays
    for kind, trainer in zip(KINDS, (plain, residual), strict=True):
        for _ in range(150):
            trainer.step()
        assert float(arrays[f"{kind}/accuracy"]) == pytest.approx(trainer.evaluate()["test_accuracy"])
        assert arrays[f"{kind}/losses"].shape == (5, 5)
        assert bool(arrays[f"{kind}/known"].all())
        assert int(arrays[f"{kind}/steps"][-1]) == 150
        assert float(arrays[f"{kind}/losses"][2, 2]) < float(arrays[f"{kind}/losses"].max())
    assert residual.evaluate()["train_loss"] < 0.7 * plain.evaluate()["train_loss"]


@pytest.mark.parametrize("depth", [2, 3, 4, 7])
def test_the_networks_are_as_deep_as_said(depth: int) -> None:
    study = ShortcutLandscapes(depth=depth, width=4)
    for kind in KINDS:
        dense = [node for node in Trainer(study._experiment(kind)).plan.nodes if node.kind == "linear"]
        assert len(dense) == depth


def test_it_may_look_before_any_step() -> None:
    arrays = list(ShortcutLandscapes(depth=4, width=4, steps=0, resolution=5, samples=20).compute())[
        -1
    ].arrays
    assert "plain/curve" not in arrays
    assert bool(arrays["shortcuts/known"].all())
