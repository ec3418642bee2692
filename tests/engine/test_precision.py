"""What a training step computes with: bfloat16 and float64 against torch's own ways to the same."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from glassnet.engine.experiment.precision import computing, emulated, exact_float32
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, experiment, mlp

PRECISIONS = ["float32", "tf32", "bfloat16", "float64"]


def test_a_processor_that_emulates_bfloat16_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    assert "no instructions" in (emulated("bfloat16", "cpu") or "")
    assert emulated("float32", "cpu") is emulated("bfloat16", "cuda") is None
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert emulated("bfloat16", "cpu") is None


def test_bfloat16_is_torchs_autocast_with_float32_weights() -> None:
    trainer = Trainer(cnn(precision="bfloat16", optimizer={"kind": "sgd", "learning_rate": 0.1}))
    network, order = copy.deepcopy(trainer.network), Trainer(trainer.experiment).order
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    inputs, targets = trainer.data.train.inputs, trainer.data.train.targets
    judged = trainer.plan.loss_nodes[0]
    for _ in range(5):
        batch = order.next()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = cross_entropy(network(inputs[batch])[judged], targets[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        trainer.step()
        assert trainer.take_loss() == pytest.approx(loss.item(), rel=1e-5)
    for own, theirs in zip(trainer.network.parameters(), network.parameters(), strict=True):
        assert own.dtype is torch.float32
        torch.testing.assert_close(own, theirs, rtol=1e-4, atol=1e-6)


def test_torchs_older_flags_of_tf32_agree_with_the_newer() -> None:
    # torch.export reads the older flags, and raises where the two disagree.
    def flags() -> tuple[bool, bool, str]:
        backends = torch.backends
        return (
            backends.cudnn.allow_tf32,
            backends.cuda.matmul.allow_tf32,
            torch.get_float32_matmul_precision(),
        )

    exact_float32()
    assert flags() == (False, False, "highest")
    with computing("tf32", "cuda"):
        assert flags() == (True, True, "high")
    assert flags() == (False, False, "highest")


def test_bfloat16_rounds_and_float32_does_not() -> None:
    losses = {}
    for precision in PRECISIONS:
        trainer = Trainer(mlp(16, 16, precision=precision))
        trainer.step()
        losses[precision] = trainer.take_loss()
    assert losses["float32"] == losses["tf32"]
    assert 1e-6 < abs(losses["bfloat16"] / losses["float64"] - 1) < 0.02
    assert abs(losses["float32"] / losses["float64"] - 1) < 1e-5


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_is_looked_at_is_as_exact_as_the_weights(precision: str) -> None:
    trainer = Trainer(mlp(8, precision=precision))
    kept = torch.float64 if precision == "float64" else torch.float32
    outputs = trainer.evaluation_network(trainer.data.test.inputs[:])
    assert {output.dtype for output in outputs.values()} == {kept}
    assert {t.dtype for t in trainer.tensors().values() if t.is_floating_point()} <= {kept, torch.float64}


def test_a_weight_of_a_loss_counts_in_bfloat16_too() -> None:
    both = [{"kind": "hinge"}, {"kind": "mse", "weight": 0.5}]
    task = {"kind": "classification", "losses": both}
    nodes: list[dict[str, Any]] = [
        {"kind": "linear", "units": 8},
        {"kind": "tanh"},
        {"kind": "linear", "units": None},
    ]
    found = []
    for precision in ("float32", "bfloat16"):
        trainer = Trainer(experiment(nodes, task=task, precision=precision))
        trainer.step()
        found.append(trainer.take_loss())
    assert found[1] == pytest.approx(found[0], rel=0.02)
