"""A race of variants: forked at this step, bit-identical where nothing is changed, kept as checkpoints."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.attribution.applicability import last_maps
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.studies import parse_study
from glassnet.engine.studies.history import History
from glassnet.engine.studies.variants import Variants
from glassnet.engine.training import checkpoint, forks
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.forks import ARRIVED, DIVERGED, DROPPED, SELECTION_SETS, SelectionSet
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, experiment, mlp, residual, same

OPTIMIZER = "/training/updates/0/optimizer"
SGD = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "sgd", "learning_rate": 0.1}}
WILD = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "sgd", "learning_rate": 100.0}}
BATCH = {"op": "replace", "path": "/training/batch_size", "value": 25}
START = {"op": "replace", "path": "/network/0/initializer", "value": {"kind": "uniform"}}


def at(steps: int, document: Experiment) -> Trainer:
    trainer = Trainer(document)
    for _ in range(steps):
        trainer.step()
    return trainer


def raced(
    trainer: Trainer, *variants: dict[str, Any], checkpoints: Path | None = None, **options: Any
) -> dict[str, Tensor]:
    """The last arrays of a race."""
    study = parse_study({"kind": "variants", "variants": list(variants), **options})
    assert isinstance(study, Variants)
    study.check(trainer.plan)
    study.check_experiment(trainer.experiment)
    frames = list(study.compute(trainer, History(checkpoints=checkpoints, results=checkpoints)))
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    assert frames[-1].done == 1
    return frames[-1].arrays


def state_of(checkpoints: Path, name: str) -> dict[str, Tensor]:
    return checkpoint.read(checkpoints, name)[1]


@pytest.mark.parametrize("make", [lambda: mlp(8), dropout_mlp, cnn, residual])
def test_a_variant_that_changes_nothing_stays_bit_identical_to_its_parent(
    make: Callable[[], Experiment], tmp_path: Path
) -> None:
    """In the middle of an epoch, beside others, with dropout and batch norm."""
    trainer, parent = at(17, make()), at(17, make())
    arrays = raced(trainer, {}, {"name": "sgd", "patch": [SGD]}, steps=40, rows=4, checkpoints=tmp_path)
    for _ in range(40):
        parent.step()
    state, theirs = state_of(tmp_path, "race-1"), parent.state()
    assert same(
        {name: tensor for name, tensor in state.items() if not name.startswith("loss/")},
        {name: tensor for name, tensor in theirs.items() if not name.startswith("loss/")},
    )
    assert float(arrays["test_loss"][0, 0, -1]) == np.float32(parent.evaluate()["test_loss"])
    assert not torch.equal(arrays["test_loss"][0, 0, 1:], arrays["test_loss"][1, 0, 1:])


def test_all_begin_with_the_same_weights() -> None:
    trainer = at(30, mlp(8))
    before = trainer.evaluate()
    variants: list[dict[str, Any]] = [{}, {"patch": [SGD]}, {"patch": [BATCH]}, {"patch": [START]}]
    arrays = raced(trainer, *variants, steps=10, rows=2)
    assert arrays["steps"].tolist() == [0, 5, 10]
    assert arrays["starts"].flatten().tolist() == [30] * 4
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        assert arrays[name].shape == (4, 1, 3)
        np.testing.assert_allclose(arrays[name][:, 0, 0], np.float32(before[name]))
    assert arrays["taken"].flatten().tolist() == [40] * 4
    assert arrays["states"].flatten().tolist() == [ARRIVED] * 4
    assert arrays["surface/3"].dtype == torch.uint8
    assert arrays["surface/3"].shape == (40, 40)


def test_one_may_start_afresh_and_another_from_a_checkpoint(tmp_path: Path) -> None:
    trainer = at(30, mlp(8))
    fresh = {"name": "other start", "patch": [START], "start": "fresh"}
    arrays = raced(trainer, {}, fresh, steps=20, rows=2, checkpoints=tmp_path)
    document = trainer.experiment.document()
    document["network"][0]["initializer"] = START["value"]
    alone = Trainer(Experiment.parse(document))
    np.testing.assert_allclose(float(arrays["test_loss"][1, 0, 0]), alone.evaluate()["test_loss"], rtol=1e-6)
    assert arrays["taken"].flatten().tolist() == [50, 20]
    assert arrays["starts"].flatten().tolist() == [30, 0]
    # The race goes on with one of them, as if it had not been interrupted.
    arrays = raced(trainer, {"patch": [START], "start": "race-2"}, steps=15, rows=1, checkpoints=tmp_path)
    for _ in range(35):
        alone.step()
    assert float(arrays["train_loss"][0, 0, -1]) == np.float32(alone.evaluate()["train_loss"])


def test_a_checkpoint_of_another_variant_gives_what_fits(tmp_path: Path) -> None:
    """As an edit of a running experiment does: weights by name and shape, the rest anew."""
    trainer = at(5, mlp(8))
    adam = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "adam", "learning_rate": 0.01}}
    raced(trainer, {"patch": [SGD]}, {"patch": [adam]}, steps=10, checkpoints=tmp_path / "checkpoints")
    for name in ("race-1", "race-2"):
        raced(trainer, {"start": name}, steps=1, rows=1, race="raced", checkpoints=tmp_path / "checkpoints")
        before, after = (state_of(tmp_path / "checkpoints", each) for each in (name, "raced-1"))
        assert int(after["step"]) == 16
        for key, value in before.items():
            if key.startswith("parameters/"):
                assert 0 < (after[key] - value).abs().max() < 0.1


def test_seeds_make_a_band_and_the_first_is_the_parents() -> None:
    trainer, parent = at(20, mlp(8)), at(20, mlp(8))
    arrays = raced(trainer, {}, steps=60, rows=3, seeds=3)
    for _ in range(60):
        parent.step()
    losses = arrays["train_loss"][0]
    np.testing.assert_allclose(losses[:, 0], losses[0, 0])  # the same weights
    assert len(set(losses[:, -1].tolist())) == 3
    assert float(losses[0, -1]) == np.float32(parent.evaluate()["train_loss"])
    again = raced(at(20, mlp(8)), {}, steps=60, rows=3, seeds=3)
    assert torch.equal(again["train_loss"], arrays["train_loss"])
    anew = raced(at(20, mlp(8)), {"start": "fresh"}, steps=5, rows=1, seeds=2)
    assert len(set(anew["train_loss"][0, :, 0].tolist())) == 2  # weights of their own


def test_one_that_diverges_ends_alone() -> None:
    trainer = at(5, mlp(8, activation="relu"))
    arrays = raced(trainer, {"name": "wild", "patch": [WILD]}, {}, steps=300, rows=10)
    states = arrays["states"].flatten().tolist()
    assert states[1] == ARRIVED
    if states[0] == DIVERGED:
        assert bool(arrays["test_loss"][0, 0, -1].isnan())
    assert bool(arrays["test_loss"][1, 0].isfinite().all())
    assert states[0] == DIVERGED


def test_losers_are_dropped_where_asked() -> None:
    trainer = at(5, mlp(8))
    slow = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "sgd", "learning_rate": 1e-6}}
    variants = [{}, {"patch": [slow]}, {"patch": [slow]}, {"patch": [SGD]}]
    arrays = raced(trainer, *variants, steps=200, rows=8, drop_losers=True)
    states = arrays["states"].flatten().tolist()
    assert states[1] == states[2] == DROPPED
    assert sorted(states) == [ARRIVED, DROPPED, DROPPED, DROPPED]
    taken = arrays["taken"].flatten().tolist()
    assert taken[1] == taken[2] == 55
    assert sorted(taken)[2:] == [105, 205]


@pytest.mark.parametrize(
    ("share", "selection"),
    [(0.0, "train"), (0.2, "validation")],
    ids=["without validation", "with validation"],
)
def test_the_test_set_has_no_say_in_who_is_dropped(
    share: float, selection: SelectionSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it, and the set that is not asked, say the contrary of what decides."""
    evaluate = Trainer.evaluate

    def contrary(self: Trainer) -> dict[str, float]:
        row = evaluate(self)
        return {name: value if name.startswith(selection) else -value for name, value in row.items()}

    monkeypatch.setattr(Trainer, "evaluate", contrary)
    slow = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "sgd", "learning_rate": 1e-6}}
    trainer = at(0, mlp(8, data={"kind": "circle", "samples": 200, "validation_share": share}))
    arrays = raced(trainer, {}, {"patch": [slow]}, steps=200, rows=4, drop_losers=True)
    assert arrays["states"].flatten().tolist() == [ARRIVED, DROPPED]
    assert SELECTION_SETS[int(arrays["judge"])] == selection


def test_of_variants_of_which_one_keeps_no_validation_the_training_loss_decides() -> None:
    share = {"op": "replace", "path": "/data/validation_share", "value": 0}
    trainer = at(0, mlp(4, data={"kind": "spiral", "samples": 200, "validation_share": 0.2}))
    arrays = raced(trainer, {}, {"patch": [share]}, steps=4, rows=1)
    assert SELECTION_SETS[int(arrays["judge"])] == "train"


def test_nobody_is_dropped_before_the_first_step() -> None:
    arrays = raced(at(0, mlp(4)), {}, {"patch": [SGD]}, steps=2, rows=1, drop_losers=True)
    assert arrays["states"].flatten().tolist() == [ARRIVED] * 2


def test_what_was_raced_is_kept_even_where_the_race_is_ended(tmp_path: Path) -> None:
    trainer = at(10, mlp(8))
    study = Variants.model_validate(
        {"kind": "variants", "variants": [{}, {"patch": [SGD]}], "steps": 100_000}
    )
    frames = study.compute(trainer, History(results=tmp_path))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert sorted(checkpoint.names(tmp_path)) == ["race-1", "race-2"]
    raced(trainer, {}, {}, steps=1, rows=1, race="racex", seeds=2, checkpoints=tmp_path)
    names = {"race-1", "race-2", "racex-1", "racex-1-2", "racex-2", "racex-2-2"}
    assert set(checkpoint.names(tmp_path)) == names
    info, state = checkpoint.read(tmp_path, "race-2")
    assert info.revision == -1  # of another experiment than the run's
    document = trainer.experiment.document()
    document["training"]["updates"][0]["optimizer"] = SGD["value"]
    Trainer(Experiment.parse(document)).load(state)


def refused(document: dict[str, Any], experiment: Experiment) -> dict[str, str]:
    def ask() -> None:
        study = parse_study({"kind": "variants", **document})
        assert isinstance(study, Variants)
        study.check_experiment(experiment)

    with pytest.raises(InvalidCommand) as caught:
        ask()
    return {problem.pointer: problem.message for problem in caught.value.problems}


def test_bad_variants_are_refused_at_their_pointers() -> None:
    experiment = mlp(8)
    assert "/study/variants" in refused({"variants": [{}] * 10_000}, experiment)
    assert "/study/seeds" in refused({"variants": [{}] * 10, "seeds": 8}, experiment)
    unknown = {"op": "replace", "path": OPTIMIZER, "value": {"kind": "magic"}}
    nowhere = {"op": "replace", "path": "/training/speed", "value": 1}
    problems = refused(
        {"variants": [{}, {"name": "magic", "patch": [unknown]}, {"patch": [nowhere]}]}, experiment
    )
    assert any(pointer.startswith("/study/variants/1/patch") for pointer in problems)
    assert any(pointer.startswith("/study/variants/2/patch/0") for pointer in problems)
    assert any("variant 'magic'" in words for words in problems.values())
    wide = {"op": "replace", "path": "/network/0/units", "value": 20_000_000}
    for variants, network in (([{}] * 16, mlp(1500, 1500)), ([{}, {"patch": [wide]}], mlp(8, 8))):
        (words,) = refused({"variants": variants, "seeds": 3}, network).values()
        assert re.search("networks of .* parameters in all; expected at most 100,000,000", words)


def test_samples_are_shared_where_they_are_the_same() -> None:
    parent = Trainer(mlp(4))
    assert Trainer(mlp(8), share_data_with=parent).data is parent.data
    assert Trainer(mlp(8, seed=1), share_data_with=parent).data is not parent.data
    assert Trainer(mlp(8, precision="float64"), share_data_with=parent).data is not parent.data


def test_a_run_that_was_deleted_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    trainer = at(0, mlp(4))
    raced(trainer, {}, steps=1, rows=1, checkpoints=tmp_path / "deleted" / "checkpoints")
    assert not (tmp_path / "deleted").exists()


def test_of_many_races_the_newest_checkpoints_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.training.forks.MOST_KEPT", 3)
    trainer = at(0, mlp(4))
    for name in ("racea", "raceb"):
        raced(trainer, {}, {}, steps=1, rows=1, race=name, checkpoints=tmp_path)
    forks.prune(tmp_path)
    assert len(checkpoint.names(tmp_path)) == 3
    assert {"raceb-1", "raceb-2"} < set(checkpoint.names(tmp_path))


def test_what_a_race_has_left_is_taken_in_by_the_run(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run", mlp(8), run="run")
    trainer = at(4, mlp(8))
    directory.save_checkpoint(CheckpointInfo("race-1", 4, 0.4, 0, 0.0, {}), trainer.state())
    results = directory.results("results-1")
    results.parent.mkdir()
    study = Variants.model_validate({"kind": "variants", "variants": [{}, {"patch": [SGD]}], "steps": 3})
    before = trainer.state()
    list(study.compute(trainer, History(checkpoints=directory.path / "checkpoints", results=results)))
    assert same(directory.load_checkpoint("race-1")[1], before), "a study writes nothing of the run's"
    left = state_of(results, "race-1")
    directory.keep_races("results-1")
    assert {info.name for info in directory.checkpoints()} == {"race-1", "race-2"}
    assert same(directory.load_checkpoint("race-1")[1], left)
    assert not results.exists()
    directory.close()


def test_of_pictures_each_variant_shows_its_last_maps_and_of_tables_none() -> None:
    trainer = at(3, cnn())
    arrays = raced(trainer, {}, {"patch": [SGD]}, steps=4)
    alone = at(3, cnn())
    for _ in range(4):
        alone.step()
    node = last_maps(alone.plan)
    with torch.no_grad():
        maps = alone.evaluation_network(alone.data.test.inputs[:1])[node][0, :9]
    low, high = arrays["maps/0.range"].unbind(1)
    shown = low[:, None, None] + (high - low)[:, None, None] * arrays["maps/0"].float() / 255
    torch.testing.assert_close(shown, maps.float(), rtol=0, atol=float((high - low).max()) / 255)
    assert not torch.equal(arrays["maps/0"], arrays["maps/1"])
    assert not [name for name in arrays if name.startswith("surface/")]
    table = raced(at(1, experiment([{"kind": "linear", "units": None}], data={"kind": "iris"})), {}, steps=2)
    assert not [name for name in table if name.startswith(("maps/", "surface/"))]


def test_networks_of_several_kinds_race_from_their_own_starts_and_answer_the_same_pictures() -> None:
    def network(kernel: int) -> list[dict[str, Any]]:
        return [{"kind": "conv2d", "name": "output", "filters": None, "kernel": kernel, "padding": "same"}]

    masks: dict[str, Any] = {
        "data": {"kind": "shape_masks", "samples": 20, "size": 16},
        "task": {"kind": "segmentation"},
        "network": network(1),
    }
    other = [{"op": "replace", "path": "/network", "value": network(3)}]
    variants: list[dict[str, Any]] = [{"start": "fresh"}, {"start": "fresh", "patch": other}]
    arrays = raced(Trainer(Experiment.parse(masks)), *variants, steps=3, rows=1)
    for number, kernel in enumerate((1, 3)):
        alone = at(3, Experiment.parse(masks | {"network": network(kernel)}))
        with torch.no_grad():
            said = alone.evaluation_network(alone.data.test.inputs[:4])["output"].argmax(dim=1)
        assert torch.equal(arrays[f"mask/{number}"].long(), said)
        assert arrays["test_mean_iou"][number, 0, -1] == np.float32(alone.evaluate()["test_mean_iou"])
    assert torch.equal(arrays["truth/0"], alone.data.test.targets[:4])
    assert "truth/1" not in arrays
