"""Stops: what ends a training early, against loops written by hand."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import source
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp

Document = dict[str, Any]

#: Few samples and many weights: it overfits within some epochs.
FEW: Document = {"kind": "gauss", "samples": 160, "noise": 0.5, "validation_share": 0.4}
EARLY: Document = {"kind": "early_stopping", "patience": 4}


class Told:
    """An outlet that keeps what it is told."""

    def __init__(self) -> None:
        self.texts: list[Document] = []

    def text(self, message: Document) -> None:
        self.texts.append(message)

    def frame(self, key: str, data: bytes, scalar: bool) -> None: ...

    @property
    def status(self) -> Document:
        return [text for text in self.texts if text["type"] == "status"][-1]


def overfitting(*stops: Document, **options: Any) -> Experiment:
    asked: Document = {"data": FEW, "optimizer": {"kind": "adam", "learning_rate": 0.02}, "epochs": 60}
    return mlp(16, activation="relu", stops=list(stops), **{**asked, **options})


def session_of(path: Path, experiment: Experiment, **options: Any) -> Session:
    directory = RunDirectory.create(path, experiment, run=path.name)
    return Session(directory, Told(), **options)


def played(session: Session) -> Session:
    session.handle({"type": "play"})
    while session.state == "training":
        session.advance()
    return session


def status_of(session: Session) -> Document:
    assert isinstance(session.outlet, Told)
    return session.outlet.status


def parameters(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in state.items() if name.startswith("parameters/")}


def choice_by_hand(
    experiment: Experiment, metric: str, patience: int, *, least: float = 0.0, better: float = -1.0
) -> tuple[int, int, dict[str, Tensor]]:
    """The step of the end, that of the best reading and its weights, by the loop of every textbook."""
    trainer = Trainer(experiment.model_copy(update={"training": without_stops(experiment)}))
    weights: dict[str, Tensor] = {}
    best, best_step, waited = -math.inf, -1, 0
    while trainer.steps_taken < trainer.steps:
        for _ in range(trainer.steps_per_epoch):
            trainer.step()
        score = better * trainer.evaluate()[metric]
        if score > best + least:
            best, best_step, waited = score, trainer.steps_taken, 0
            weights = copy.deepcopy(dict(trainer.network.named_parameters()))
        else:
            waited += 1
            if waited == patience:
                break
    return trainer.steps_taken, best_step, weights


def without_stops(experiment: Experiment) -> Any:
    return experiment.training.model_copy(update={"stops": []})


@pytest.mark.parametrize(
    ("options", "better"),
    [
        ({"patience": 4}, -1.0),
        ({"patience": 2, "least_change": 0.01}, -1.0),
        ({"patience": 5, "metric": "validation_accuracy"}, 1.0),
        ({"patience": 3, "metric": "train_loss", "least_change": 0.01}, -1.0),
    ],
    ids=["loss", "least change", "accuracy", "training loss"],
)
def test_it_ends_and_goes_back_where_a_loop_by_hand_does(
    options: Document, better: float, tmp_path: Path
) -> None:
    experiment = overfitting({"kind": "early_stopping", **options})
    metric = options.get("metric", "validation_loss")
    end, best, weights = choice_by_hand(
        experiment, metric, options["patience"], least=options.get("least_change", 0.0), better=better
    )
    session = played(session_of(tmp_path / "run", experiment))
    assert end < session.trainer.steps
    assert session.reason is not None
    assert (session.state, session.reason["step"], session.reason["restored"]) == ("finished", end, best)
    assert session.reason["stop"] == "early_stopping"
    assert status_of(session)["reason"] == session.reason
    assert session.trainer.steps_taken == best
    for name, parameter in session.trainer.network.named_parameters():
        assert torch.equal(parameter, weights[name])
    session.close()


def test_the_state_that_is_restored_trains_on_as_it_did(tmp_path: Path) -> None:
    session = played(session_of(tmp_path / "run", overfitting(EARLY)))
    best = session.trainer.steps_taken
    plain = Trainer(overfitting())
    for _ in range(best):
        plain.step()
    for trainer in (plain, session.trainer):
        for _ in range(5):
            trainer.step()
    ours, theirs = session.trainer.state(), plain.state()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs if not name.startswith("loss/"))
    session.close()


@pytest.mark.parametrize(
    "stops",
    [
        [EARLY],
        [{"kind": "target", "metric": "train_accuracy", "op": "≥", "value": 0.9}],
        [{"kind": "target", "metric": "validation_loss", "op": "<", "value": 0.2, "at": "within 40"}, EARLY],
        [{"kind": "target", "metric": "batch_loss", "op": "<", "value": 0.2, "check": "step"}],
        [{"kind": "early_stopping", "metric": "train_loss", "patience": 2, "restore_best": False}],
        [{"kind": "time", "seconds": 1e6}, {"kind": "early_stopping", "metric": "validation_accuracy"}],
    ],
    ids=["early", "target", "within", "batch", "weights of the end", "accuracy"],
)
def test_the_exported_script_ends_with_the_same_weights(stops: list[Document], tmp_path: Path) -> None:
    experiment = overfitting(*stops, evaluate_every=4)
    session = played(session_of(tmp_path / "run", experiment))
    module: Document = {"__name__": "script"}
    exec(source(experiment), module)  # noqa: S102 it is our own
    network, losses = module["train"]()
    assert len(losses) < session.trainer.steps
    assert session.reason is not None
    assert session.reason["step"] == len(losses)
    for name, parameter in session.trainer.network.named_parameters():
        torch.testing.assert_close(parameter, network.get_parameter(name), rtol=1e-5, atol=1e-6)
    session.close()
