"""The probe `gradient_flow` against torch's own optimizers, step by step in float64."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import clip_grad_norm_

import glassnet.engine.notebook as glassnet
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes.gradient_flow import GradientFlow
from glassnet.engine.probes.history import MOST_ROWS, History
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import losses, mlp, same
from tests.engine.session_run import Run

LAYERS = ("linear1", "linear2", "output")


def norm(tensors: list[torch.Tensor]) -> float:
    return float(torch.cat([tensor.detach().double().flatten() for tensor in tensors]).norm())


def by_hand(trainer: Trainer, step: Any) -> dict[str, list[float]]:
    """Norms of the layers around a step of the trainer, from copies of its parameters and gradients."""
    named = dict(trainer.network.named_parameters())
    before = {name: tensor.detach().clone() for name, tensor in named.items()}
    step()
    gradients = {
        name: gradient
        for group in trainer.groups
        for name, gradient in zip(group.names, group.gradients, strict=True)
    }
    parts = {layer: [name for name in named if name.startswith(f"{layer}.")] for layer in LAYERS}
    return {
        "gradient": [norm([gradients[name] for name in parts[layer]]) for layer in LAYERS],
        "weight": [norm([named[name] for name in parts[layer]]) for layer in LAYERS],
        "update": [norm([named[name] - before[name] for name in parts[layer]]) for layer in LAYERS],
    }


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_norms_are_those_of_what_a_step_changed(optimizer: str) -> None:
    experiment = mlp(6, 5, optimizer={"kind": optimizer, "learning_rate": 0.05}, precision="float64")
    trainer = Trainer(experiment)
    look = glassnet.open_probe(trainer, "gradient_flow")
    rows = [by_hand(trainer, trainer.step)]
    look()
    rows.append(by_hand(trainer, trainer.step))
    arrays = look()
    assert arrays["nodes"].tolist() == [0, 2, 4]
    assert arrays["steps"].tolist() == [1, 2]
    for name in ("gradient", "weight", "update"):
        np.testing.assert_allclose(arrays[name], [row[name] for row in rows], rtol=1e-6, err_msg=name)


def test_the_gradient_is_autograds_for_the_batch() -> None:
    """One batch of all samples: the oracle is plain torch on the same data."""
    trainer = Trainer(mlp(4, precision="float64", batch_size=250, optimizer={"kind": "sgd"}))
    look = glassnet.open_probe(trainer, "gradient_flow")
    names = ("linear1", "output")
    plain = {name: getattr(trainer.network, name) for name in names}
    copied = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    for copy, name in ((copied[0], "linear1"), (copied[2], "output")):
        copy.load_state_dict(plain[name].state_dict())
    inputs, classes = trainer.data.train.inputs[:], trainer.data.train.targets
    loss = torch.nn.functional.cross_entropy(copied(inputs), classes)
    gradients = iter(torch.autograd.grad(loss, list(copied.parameters())))
    trainer.step()
    expected = [norm([next(gradients), next(gradients)]) for _ in names]
    np.testing.assert_allclose(look()["gradient"][-1], expected, rtol=1e-6)


def test_a_clipped_gradient_is_seen_as_the_optimizer_was_given_it() -> None:
    trainer = Trainer(mlp(6, regularizers=[{"kind": "clip_norm", "limit": 0.01}], optimizer={"kind": "sgd"}))
    losses(trainer, 3)
    gradient = glassnet.observe(trainer, "gradient_flow")["gradient"][-1]
    whole = [torch.nn.Parameter(torch.zeros_like(p)) for p in trainer.network.parameters()]
    for parameter, given in zip(whole, (g for group in trainer.groups for g in group.gradients), strict=True):
        parameter.grad = given.clone()
    assert clip_grad_norm_(whole, 0.01) <= 0.01 * (1 + 1e-6)
    np.testing.assert_allclose(np.linalg.norm(gradient), 0.01, rtol=1e-5)


def test_a_gradient_below_what_float32_can_square_is_still_a_number() -> None:
    """Twelve sigmoid layers with small weights: squares of 1e-30 have no float32."""
    experiment = mlp(
        *[4] * 12, activation="sigmoid", precision="float64", optimizer={"kind": "sgd"}
    ).document()
    for node in experiment["network"]:
        if node["kind"] == "linear":
            node["initializer"] = {"kind": "normal", "std": 0.003}
    trainer = Trainer(Experiment.parse(experiment))
    losses(trainer, 1)
    gradient = glassnet.observe(trainer, "gradient_flow")["gradient"][-1]
    assert (gradient > 0).all()
    assert gradient[0] < 1e-23 < 1e-3 < gradient[-1], "it vanishes on the way down"
    assert (np.diff(np.log(gradient)) > 0).sum() >= 11


def test_a_layer_that_no_optimizer_moves_has_no_gradient_and_no_update() -> None:
    experiment = mlp(6, 5).document()
    experiment["training"]["updates"][0]["nodes"] = "output"
    trainer = Trainer(Experiment.parse(experiment))
    look = glassnet.open_probe(trainer, "gradient_flow")
    losses(trainer, 2)
    arrays = look()
    assert np.isnan(arrays["gradient"][-1]).tolist() == [True, True, False]
    assert np.isnan(arrays["update"][-1]).tolist() == [True, True, False]
    assert np.isfinite(arrays["weight"]).all()


def test_nothing_is_said_of_what_has_not_been_computed() -> None:
    trainer = Trainer(mlp(6))
    arrays = glassnet.observe(trainer, "gradient_flow")
    assert np.isnan(arrays["gradient"]).all()
    assert np.isnan(arrays["update"]).all()
    losses(trainer, 2)
    again = Trainer(mlp(6))
    again.load(trainer.state())
    assert np.isnan(glassnet.observe(again, "gradient_flow")["gradient"]).all(), "gradients are no state"


def test_another_look_that_is_opened_ends_nothing() -> None:
    trainer = Trainer(mlp(6))
    look = glassnet.open_probe(trainer, "gradient_flow")
    glassnet.open_probe(trainer, "surface")
    losses(trainer, 2)
    assert np.isfinite(look()["update"][-1]).all()


def test_a_network_without_parameters_is_refused() -> None:
    probe, trainer = GradientFlow(), Trainer(mlp(6))
    trainer.plan.nodes = [placed for placed in trainer.plan.nodes if not placed.own]
    with pytest.raises(ValueError, match="no node of this network has parameters; expected one that learns"):
        probe.prepare(trainer)


def test_only_the_update_of_an_observed_step_is_recorded() -> None:
    trainer, other = Trainer(mlp(6, 5)), Trainer(mlp(6, 5))
    trainer.record_updates(True)
    trainer.step(observed=False)
    assert all(update.isnan().all() for group in trainer.groups for update in group.last_updates)
    other.step()
    before = [parameter.clone() for parameter in other.groups[0].parameters]
    for each in (trainer, other):
        each.step()
    changes = [now - then for now, then in zip(other.groups[0].parameters, before, strict=True)]
    assert all(map(torch.equal, trainer.groups[0].last_updates, changes))
    assert same(trainer.state(), other.state())


def test_the_update_over_several_batches_is_that_of_its_own_step() -> None:
    experiment = mlp(6).document()
    experiment["training"]["updates"][0]["every"] = 2
    trainer = Trainer(Experiment.parse(experiment))
    trainer.record_updates(True)
    for observed in (False, False, True):
        trainer.step(observed=observed)
    assert all(update.isfinite().all() for group in trainer.groups for update in group.last_updates)


@pytest.mark.parametrize("rest", ["pause", "step", "end", "stop", "slow"])
def test_a_run_at_rest_shows_the_update_of_its_last_step(
    rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = [{"kind": "target", "value": 10.0}] if rest == "stop" else []
    run = Run(tmp_path / "run", mlp(6, 5, epochs=3, stops=stops))
    trainer, step, recorded = run.session.trainer, run.session.trainer.step, 0

    def counted(*, observed: bool) -> None:
        nonlocal recorded
        recorded += observed
        step(observed=observed)

    monkeypatch.setattr(trainer, "step", counted)
    run.tell("watch", probes=[{"kind": "gradient_flow", "hz": 30.0}])
    if rest == "slow":
        run.tell("speed", steps_per_second=50)
    if rest == "step":
        run.tell("step", steps=17)
    else:
        run.tell("play")
    for _ in range(5 if rest in ("pause", "slow") else 200):
        run.session.advance()
    run.tell("pause")
    for _ in range(50):
        run.session.advance()
    shown = [arrays for stamp, arrays, _ in run.outlet.frames if stamp["probe"] == "gradient_flow"][-1]
    plain = Trainer(run.session.experiment)
    for _ in range(trainer.steps_taken - 1):
        plain.step()
    expected = by_hand(plain, plain.step)
    assert shown["steps"][-1] == trainer.steps_taken > 0
    np.testing.assert_allclose(shown["update"][-1], expected["update"], rtol=1e-5)
    if rest in ("pause", "end"):
        assert recorded < trainer.steps_taken / 2
    run.session.close()


def test_watching_changes_nothing_and_ends_with_the_last_viewer(tmp_path: Path) -> None:
    run, other = Run(tmp_path / "run", mlp(6)), Run(tmp_path / "other", mlp(6))
    run.tell("watch", probes=[{"kind": "gradient_flow", "hz": 30.0}])
    for each in (run, other):
        each.step(20)
    frames = [arrays for stamp, arrays, _ in run.outlet.frames if stamp["probe"] == "gradient_flow"]
    assert np.isfinite(frames[-1]["update"][-1]).all()
    assert same(run.session.trainer.state(), other.session.trainer.state())
    run.tell("watch", probes=[])
    assert all(update.isnan().all() for group in run.session.trainer.groups for update in group.last_updates)
    run.session.close()
    other.session.close()


def test_it_is_collected_from_the_first_step_on_and_outlasts_the_session(tmp_path: Path) -> None:
    experiment = {**mlp(6, epochs=4).document(), "collect": [{"kind": "gradient_flow", "hz": 30.0}]}
    run = Run(tmp_path / "run", Experiment.parse(experiment))
    for _ in range(4):
        run.step(5)
    again = run.reopened(go_on=True)
    again.step(5)
    again.tell("watch", probes=[{"kind": "gradient_flow"}])
    again.session.advance()
    arrays = next(arrays for stamp, arrays, _ in again.outlet.frames if stamp["probe"] == "gradient_flow")
    assert arrays["steps"][0] == 0
    assert arrays["steps"][-1] == 25
    assert np.isfinite(arrays["update"][1]).all()
    again.session.close()


def test_a_history_is_thinned_evenly_and_always_has_the_newest() -> None:
    history = History()
    for step in range(1000):
        assert history.wants(step)
        history.add(step, {"x": torch.tensor(float(step))})
        assert history.steps[-1] == step
    kept = np.array(history.steps[:-1])
    assert kept[0] == 0
    assert set(np.diff(kept)) == {history.stride}
    assert MOST_ROWS / 2 <= len(history) <= MOST_ROWS + 1
    assert history.arrays()["x"].tolist() == history.steps
    again = History()
    again.load(history.state(), {"x": torch.tensor(0.0)})
    assert again.steps == history.steps
    assert not again.wants(999)
    assert again.wants(5)
    assert not again.steps, "a step back begins anew"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"x": torch.zeros(2)}, "expected"),
        ({"x": torch.zeros(3, 1)}, r"'x' of shape \(3, 1\); expected \(3,\)"),
        ({"steps": torch.tensor([3, 2, 1], dtype=torch.int32)}, "do not rise"),
        ({"stride": torch.tensor([0])}, "do not rise"),
        ({"other": torch.zeros(3)}, "expected"),
    ],
)
def test_a_damaged_history_is_refused(damage: dict[str, torch.Tensor], message: str) -> None:
    history = History()
    for step in range(3):
        history.add(step, {"x": torch.tensor(1.0)})
    with pytest.raises(ValueError, match=message):
        History().load(history.state() | damage, {"x": torch.tensor(0.0)})
