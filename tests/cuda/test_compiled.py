"""Compiled steps on the card: captured as graphs, close to eager ones; without Triton, none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.compiler import why_not_compiled
from glassnet.engine.training.graphed_steps import GraphedSteps
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, same


@pytest.mark.parametrize("make", [dropout_mlp, cnn])
def test_compiled_steps_become_graphs_and_go_on_exactly(make: Callable[..., Experiment]) -> None:
    if reason := why_not_compiled("cuda", "float32"):
        pytest.skip(reason)
    trainers = [Trainer(make(compile=True, epochs=100), device="cuda") for _ in range(2)]
    known = Trainer(make(epochs=100), device="cuda")
    found = []
    for trainer in trainers:
        trainer.step()
        compilation = trainer._stepper._compilation
        assert compilation is not None
        assert compilation.thread is not None
        compilation.thread.join()
        found.append(losses(trainer, 40))
        assert (trainer.tier.name, trainer.tier.detail) == ("compiled", None)
    expected = losses(known, 41)[1:]
    np.testing.assert_allclose(found[0][1:], expected[1:], atol=0.02)
    step = trainers[0]._stepper._step
    assert isinstance(step, GraphedSteps)
    assert step.graphs
    assert None not in step.graphs.values()
    one, other = trainers
    other.load(one.state())
    assert losses(one, 20) == losses(other, 20)
    assert same(one.state(), other.state())


def test_without_a_compiler_training_goes_on(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    trainer, known = (Trainer(dropout_mlp(compile=asked), device=device) for asked in (True, False))
    assert losses(trainer, 12) == losses(known, 12)
    assert trainer.tier.detail is not None
    assert trainer.tier.detail.startswith("not compiled: this machine has no")
