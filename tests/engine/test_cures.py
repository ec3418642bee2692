"""The study of cures: the same start for all, the unchanged run bit for bit, ranked by what they do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.diagnosis.cures import KINDS
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies import StudyFrame, parse_study
from glassnet.engine.studies.cures import MEASURES, Cures
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.forks import DIVERGED
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp, same

SIGMOIDS = mlp(8, 8, 8, 8, activation="sigmoid", optimizer={"kind": "sgd", "learning_rate": 0.1})


def tried(experiment: Experiment, history: History = NO_HISTORY, **options: Any) -> dict[str, Tensor]:
    """The last arrays of a trial of cures."""
    study = parse_study({"kind": "cures", **options})
    assert isinstance(study, Cures)
    study.check_experiment(experiment)
    frames = list(study.compute(Trainer(experiment), history))
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    return frames[-1].arrays


def of_training(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state without the mean loss, which is of what has been read."""
    return {name: tensor for name, tensor in state.items() if not name.startswith("loss/")}


def test_the_unchanged_run_repeats_the_plain_one_bit_for_bit(tmp_path: Path) -> None:
    arrays = tried(SIGMOIDS, History(results=tmp_path), trouble="vanishing", steps=45, seeds=2)
    plain = Trainer(SIGMOIDS)
    for _ in range(45):
        plain.step()
    assert same(of_training(checkpoint.read(tmp_path, "race-1")[1]), of_training(plain.state()))
    assert float(arrays["train_loss"][0, 0, -1]) == np.float32(plain.evaluate()["train_loss"])
    assert arrays["steps"].tolist()[0] == 0
    assert arrays["steps"].tolist()[-1] == 45
    cures = [KINDS[index] for index in arrays["cures"].tolist()]
    assert cures == ["relu", "residual", "batch_norm", "initializer"]
    assert checkpoint.names(tmp_path)[0] == "race-1"
    assert len(checkpoint.names(tmp_path)) == 2 * 5


def test_cures_begin_with_the_weights_that_they_do_not_start_otherwise() -> None:
    """Batch norm adds nodes; the layers begin as those of the unchanged run, for each seed."""
    study = Cures(trouble="vanishing", cures=["batch_norm"], seeds=2)
    trainer = Trainer(SIGMOIDS)
    trials = study._trials(trainer, study.chosen(SIGMOIDS), None)
    first, other, normed, normed_other = (trial.trainer.state() for trial in trials)
    weights = [name for name in first if name.startswith("parameters/linear")]
    assert all(torch.equal(first[name], trainer.state()[name]) for name in weights)
    assert all(torch.equal(first[name], normed[name]) for name in weights)
    assert all(torch.equal(other[name], normed_other[name]) for name in weights)
    assert not all(torch.equal(first[name], other[name]) for name in weights)


def test_what_has_learned_before_goes_on_from_its_best_state(tmp_path: Path) -> None:
    trainer = Trainer(mlp(8, activation="relu"))
    for _ in range(40):
        trainer.step()
    best = CheckpointInfo("best", 40, 2.0, 0, 0.0, trainer.evaluate())
    checkpoint.save(tmp_path, best, trainer.state())
    arrays = tried(
        trainer.experiment,
        History(checkpoints=tmp_path),
        trouble="overfitting",
        cures=["l2", "dropout"],
        steps=20,
        seeds=1,
    )
    assert int(arrays["start"]) == 40
    assert float(arrays["train_loss"][0, 0, 0]) == np.float32(best.metrics["train_loss"])
    assert len(set(arrays["train_loss"][:, 0, 0].tolist())) == 1
    for _ in range(20):
        trainer.step()
    assert float(arrays["train_loss"][0, 0, -1]) == np.float32(trainer.evaluate()["train_loss"])


def test_the_rank_is_of_medians_and_what_diverged_comes_last() -> None:
    wild = mlp(
        4,
        data={"kind": "regression_plane"},
        task={"kind": "regression", "losses": [{"kind": "mse"}]},
        activation="identity",
        optimizer={"kind": "sgd", "learning_rate": 20},
    )
    arrays = tried(wild, trouble="exploding", cures=["smaller_rate", "clip_norm"], steps=60, seeds=2)
    assert arrays["states"][0].tolist() == [DIVERGED, DIVERGED]
    assert arrays["effect"][0].isinf().all()
    order = arrays["rank"].argsort().tolist()
    assert order[-1] == 0 or arrays["median"][order[-1]].isinf()
    finite = [float(arrays["median"][index]) for index in order if arrays["median"][index].isfinite()]
    assert finite == sorted(finite)
    assert bool((arrays["low"] <= arrays["median"]).all() & (arrays["median"] <= arrays["high"]).all())


def test_early_stopping_stays_at_its_best_reading_and_new_samples_judge_overfitting() -> None:
    few = mlp(
        24,
        activation="relu",
        data={"kind": "gauss", "samples": 60, "noise": 0.5, "test_share": 0.5},
        optimizer={"kind": "adam", "learning_rate": 0.03},
    )
    arrays = tried(few, trouble="overfitting", cures=["early_stopping"], seeds=1, steps=120)
    assert MEASURES[int(arrays["measure"])] == "test_loss"
    losses = arrays["validation_loss"][1, 0]
    assert losses[-1] == losses[losses.isfinite()].min()
    assert losses[-1] == losses[-2]


@pytest.mark.parametrize(
    ("study", "pointer", "message"),
    [
        ({"trouble": "exploding", "cures": ["dropout"]}, "/study/cures/0", "expected one of smaller_rate"),
        ({"trouble": "bad luck"}, "/study/trouble", "expected"),
        ({"cures": ["prayer"]}, "/study/cures/0", "expected"),
        ({"seeds": 0}, "/study/seeds", "from 1 to 10"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(study: dict[str, Any], pointer: str, message: str) -> None:
    def ask() -> None:
        parsed = parse_study({"kind": "cures", **study})
        assert isinstance(parsed, Cures)
        parsed.check_experiment(mlp(8))

    with pytest.raises(InvalidCommand) as caught:
        ask()
    (problem,) = [each for each in caught.value.problems if each.pointer == pointer]
    assert message in problem.message


def test_a_run_without_a_finite_state_is_refused_in_clear_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "evaluate", lambda self: {"train_loss": float("nan")})
    with pytest.raises(ValueError, match=r"no finite state to start from.*expected finite data and weights"):
        list(Cures(trouble="exploding").compute(Trainer(mlp(4))))


def test_a_trial_that_is_cancelled_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    trainer = Trainer(SIGMOIDS)
    before = trainer.state()
    with closing(
        cast(
            "Generator[StudyFrame]",
            Cures(trouble="vanishing", steps=400).compute(trainer, History(results=tmp_path)),
        )
    ) as frames:
        next(frames)
    assert same(trainer.state(), before)
    assert not any(module._forward_hooks for module in trainer.network.modules())
