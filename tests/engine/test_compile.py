"""Compiled code computes a training's steps from the step on before which it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.experiment.edits import trains_alike
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.training import compiled_network
from glassnet.engine.training.compiler import why_not_compiled
from glassnet.engine.training.cuda_graph import no_captures
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, dropout_mlp, losses, mlp, residual_cnn, same
from tests.engine.session_run import Run, replace

#: Of the last batch, with fewer samples, there is code too.
UNEVEN = {"batch_size": 30, "epochs": 100}


@pytest.fixture(autouse=True)
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is compiled be run by torch's own kernels, which takes no C++ compiler."""
    monkeypatch.setattr(compiled_network, "BACKEND", "eager")
    monkeypatch.setattr("glassnet.engine.training.compilation.why_not_compiled", lambda *_: None)


@pytest.fixture
def inductor(monkeypatch: pytest.MonkeyPatch) -> None:
    if why_not_compiled("cpu", "float32"):
        pytest.skip("there is no C++ compiler here")
    monkeypatch.setattr(compiled_network, "BACKEND", "inductor")


def compiled(experiment: Experiment) -> Trainer:
    """A trainer after its first step, whose next one is computed by compiled code."""
    trainer = Trainer(experiment)
    trainer.step()
    join(trainer)
    return trainer


def tier(trainer: Trainer) -> tuple[str, str | None]:
    return trainer.tier.name, trainer.tier.detail


def join(trainer: Trainer) -> None:
    compilation = trainer._stepper._compilation
    assert compilation is not None
    assert compilation.thread is not None
    compilation.thread.join()


def test_it_takes_over_between_two_steps_and_draws_what_would_have_been_drawn() -> None:
    trainer, known = Trainer(dropout_mlp(compile=True, **UNEVEN)), Trainer(dropout_mlp(**UNEVEN))
    assert tier(trainer) == ("replay", "compiling in the background")
    assert tier(known) == ("replay", None)
    found, expected = losses(trainer, 1), losses(known, 1)
    join(trainer)
    assert tier(trainer) == ("replay", None)
    found, expected = found + losses(trainer, 20), expected + losses(known, 20)
    assert tier(trainer) == ("compiled", None)
    assert found == expected
    assert same(trainer.state(), known.state())
    assert trainer.evaluate() == known.evaluate()


def test_code_that_arrives_within_a_step_waits_for_the_next() -> None:
    trainer = Trainer(mlp(4, compile=True), replay=False)  # each pass calls the network anew
    trainer.step()
    join(trainer)
    compilation = trainer._stepper._compilation
    assert compilation is not None
    assert not trainer._stepper._is_compiled
    nodes = [placed.name for placed in trainer.plan.nodes]
    inputs = trainer.loader.unchanged(4)
    assert set(nodes) <= compilation(inputs).keys(), "the network gives the outputs of all nodes"
    trainer.step()
    assert trainer.tier.name == "compiled"
    assert list(compilation(trainer.loader.unchanged(trainer.order.batch_size))) == nodes[-1:]


def test_where_there_is_no_compiler_training_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.training.compilation.why_not_compiled", why_not_compiled)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CXX", "icpx")
    trainer, known = Trainer(mlp(4, compile=True)), Trainer(mlp(4))
    assert losses(trainer, 5) == losses(known, 5)
    assert tier(trainer) == ("replay", "not compiled: this machine has no C++ compiler (icpx)")
    assert why_not_compiled("cuda", "tf32") == "tf32 cannot be compiled; expected another precision"
    assert "GPU" in (why_not_compiled("cuda", "float32") or "GPU")


def test_a_compiler_that_fails_is_told_of_and_training_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("No space left on device\nand more")

    monkeypatch.setattr(compiled_network, "BACKEND", broken)
    trainer, known = compiled(mlp(4, compile=True)), Trainer(mlp(4))
    assert losses(trainer, 5)[1:] == losses(known, 6)[2:]
    name, detail = trainer.tier
    assert name == "replay"
    assert not trainer._stepper.is_outdated, "the step that follows was made after it"
    assert detail == "not compiled: No space left on device"


def test_code_that_fits_no_more_is_left_within_a_step() -> None:
    """The settings that code was made for are the process's, and others may change them."""
    trainer, known = compiled(mlp(4, compile=True)), Trainer(mlp(4))
    found = losses(trainer, 3)
    assert trainer.tier.name == "compiled"
    torch.use_deterministic_algorithms(True)
    try:
        found += losses(trainer, 3)
    finally:
        torch.use_deterministic_algorithms(False)
    assert found[1:] == losses(known, 7)[2:]
    assert tier(trainer) == ("replay", "not compiled: the code was made for other tensors or settings")


def test_an_edit_turns_it_on_and_off_while_training_goes_on(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", dropout_mlp(epochs=100))
    run.step(3)
    assert run.outlet.said("status")[-1]["tier"] == "replay"
    with no_captures():  # another compilation is under way, and this one waits
        assert run.edit(replace("/training/compile", True))["applied"] == "live"
        run.step(1)
        assert run.outlet.said("status")[-1]["tier_detail"] == "compiling in the background"
    join(run.session.trainer)
    run.step(2)
    status = run.outlet.said("status")[-1]
    assert (status["tier"], status["tier_detail"]) == ("compiled", None)
    assert run.edit(replace("/training/compile", False))["applied"] == "live"
    run.step(2)
    straight = Trainer(dropout_mlp(epochs=100))
    losses(straight, 8)
    for name, tensor in straight.state().items():
        if name.startswith(("parameters/", "generator/")):
            assert torch.equal(run.session.trainer.state()[name], tensor), name
    assert run.outlet.said("status")[-1]["tier"] == "replay"
    run.session.close()


def test_a_dropout_that_is_edited_is_compiled_anew() -> None:
    trainer, known = compiled(dropout_mlp(compile=True)), Trainer(dropout_mlp())
    losses(trainer, 2)
    losses(known, 3)
    for each in (trainer, known):
        document = each.experiment.document()
        document["network"][2]["p"] = 0.6
        each.apply_live_edit(Experiment.parse(document))
    found = losses(trainer, 1)
    assert tier(trainer) == ("replay", "compiling in the background")
    join(trainer)
    assert found + losses(trainer, 5) == losses(known, 6)
    assert trainer.tier.name == "compiled"


def test_an_edit_abandons_what_waits_to_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def counted(graph: torch.fx.GraphModule, _: object) -> Callable[..., Any]:
        begun.append(1)
        return graph.forward

    monkeypatch.setattr(compiled_network, "BACKEND", counted)
    trainer = Trainer(dropout_mlp(compile=True))
    with no_captures():  # another compilation is under way
        for p in (0.2, 0.3, 0.4):
            document = trainer.experiment.document()
            document["network"][2]["p"] = p
            trainer.apply_live_edit(Experiment.parse(document))
            trainer.step()
    threads = [each for each in threading.enumerate() if each.name == "compilation"]
    for thread in threads:
        thread.join()
    assert trainer._stepper._compilation is not None
    join(trainer)
    assert len(begun) == 1


def test_a_divergence_is_traced_by_what_computed_its_steps() -> None:
    trainer = compiled(mlp(4, compile=True))
    losses(trainer, 3)
    assert trainer.recovery._copied_at == 1, "a copy of the step before which the code took over"


def test_replicas_are_not_compiled() -> None:
    trainer = Trainer(mlp(4, compile=True, replicas=2))
    trainer.step()
    assert tier(trainer)[1] == "not compiled: replicas are computed together"


def test_studies_exports_and_stops_know_nothing_of_it() -> None:
    plain, asked = mlp(4), mlp(4, compile=True)
    trainer = Trainer(asked)
    losses(trainer, 1)
    join(trainer)
    assert Snapshot.of(trainer, "r", 0, 0).trainer(device="cpu").tier.detail is None
    assert script(asked) == script(plain)
    assert trains_alike(asked, plain)


@pytest.mark.thorough
@pytest.mark.filterwarnings("default:`torch.jit")
@pytest.mark.parametrize("precision", ["float64", "bfloat16"])
@pytest.mark.parametrize("make", [dropout_mlp, cnn, residual_cnn])
def test_losses_are_those_of_the_eager_steps_and_a_state_goes_on_exactly(
    make: Any, precision: str, inductor: None
) -> None:
    trainer, known = compiled(make(compile=True, precision=precision)), Trainer(make(precision=precision))
    found, expected = losses(trainer, 40), losses(known, 41)[1:]
    assert tier(trainer) == ("compiled", None)
    assert found[1:] == pytest.approx(expected[1:], abs=1e-9 if precision == "float64" else 0.1)
    kept = trainer.state()
    rest = losses(trainer, 20)
    again = compiled(make(compile=True, precision=precision))
    again.step()
    again.load(kept)
    assert losses(again, 20) == rest
    assert same(again.state(), trainer.state())
