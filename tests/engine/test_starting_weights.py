"""Trainings that start from a state dict, and nodes that training leaves as they are."""

from __future__ import annotations

import hashlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.edits import apply_patch
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.planner import plan
from glassnet.engine.network.starting_weights import check_start
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn
from tests.engine.session_run import Run

START = "/training/start_from"


def stored(folder: Path, state: dict[str, Tensor]) -> tuple[Blobs, str]:
    """The blobs of a folder with a state dict, and its reference."""
    content = safetensors.torch.save(state)
    digest = hashlib.sha256(content).hexdigest()
    place = folder / "blobs" / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return Blobs(folder / "blobs"), f"sha256:{digest}"


def trained() -> dict[str, Tensor]:
    """The state dict of a network after some steps."""
    trainer = Trainer(cnn())
    for _ in range(5):
        trainer.step()
    return {name: tensor.detach().clone() for name, tensor in trainer.network.state_dict().items()}


def starting(reference: str, frozen: tuple[str, ...] = (), **options: Any) -> Experiment:
    return cnn(start_from={"weights": reference, **options}, frozen=list(frozen))


def test_a_training_starts_from_a_state_dict_and_comes_back_to_it(tmp_path: Path) -> None:
    given = trained()
    blobs, reference = stored(tmp_path, given)
    run = Run(tmp_path / "run", starting(reference, without=["output"]), blobs=blobs)

    def at_the_start() -> bool:
        state = run.session.trainer.network.state_dict()
        fresh = Trainer(cnn()).network.state_dict()
        return all(
            torch.equal(state[name], (fresh if name.startswith("output") else given)[name]) for name in state
        )

    assert at_the_start()
    run.step(3)
    assert not at_the_start()
    after = run.session.trainer.state()
    run = run.reopened(blobs=blobs, go_on=True)
    assert all(torch.equal(after[name], tensor) for name, tensor in run.session.trainer.state().items())
    run.tell("reset")
    assert at_the_start()


def test_frozen_nodes_stay_with_the_statistics_of_their_batch_norm() -> None:
    trainer = Trainer(cnn(frozen=["conv*", "norm1"]))
    before = trainer.state()
    for _ in range(3):
        trainer.step()
    after = trainer.state()
    moved = {name for name in after if not torch.equal(after[name], before[name])}
    assert {name for name in moved if name.startswith(("parameters", "buffers"))} == {
        "parameters/output.weight",
        "parameters/output.bias",
    }


def test_the_script_reads_the_weights_beside_it_and_trains_alike(tmp_path: Path) -> None:
    blobs, reference = stored(tmp_path, trained())
    document = starting(reference, ("conv1", "norm1"), without=["output"])
    text, files = script(document, blobs)
    assert "weights.safetensors beside it" in text
    for name, content in {"script.py": text.encode(), **files}.items():
        (tmp_path / name).write_bytes(content)
    found = runpy.run_path(str(tmp_path / "script.py"))
    network, losses = found["train"](steps=3)
    trainer = Trainer(document, blobs=blobs)
    for loss in losses:
        trainer.step()
        assert trainer.take_loss() == pytest.approx(loss, rel=1e-5)
    for name, tensor in trainer.network.state_dict().items():
        torch.testing.assert_close(tensor, network.state_dict()[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message", "mended"),
    [
        (lambda d: d.update({"conv1.weight": torch.ones(8, 3, 3, 3)}), "8×3×3×3; expected 4×1×3×3", True),
        (lambda d: d.pop("conv1.bias"), "'conv1.bias' is missing; expected 4 numbers", True),
        (lambda d: d.update({"head.weight": torch.ones(1)}), "'head.weight' is no tensor of the", False),
        (lambda d: d["conv1.bias"].fill_(float("nan")), "'conv1.bias': it has numbers that are not", False),
    ],
    ids=["shape", "missing", "additional", "not finite"],
)
def test_what_does_not_fit_is_refused_with_its_key_and_a_way_out(
    change: Callable[[dict[str, Tensor]], Any], message: str, mended: bool, tmp_path: Path
) -> None:
    given = trained()
    change(given)
    blobs, reference = stored(tmp_path, given)
    document = starting(reference)
    with pytest.raises(InvalidExperiment) as refused:
        Trainer(document, blobs=blobs)
    problem = refused.value.problems[0]
    assert problem.pointer == START
    assert message in problem.message
    assert (problem.remedy is not None) == mended
    if problem.remedy is not None:
        after = apply_patch(document, list(problem.remedy.patch))
        assert check_start(plan(after), after, blobs).unfit == []


@pytest.mark.parametrize(
    ("training", "pointer", "message"),
    [
        ({"frozen": ["nothing"]}, "/training/frozen/0", "'nothing' matches no node"),
        ({"frozen": ["*"]}, "/training/updates/0/nodes", "frozen nodes alone"),
        ({"start_from": {"weights": f"sha256:{0:064}"}}, f"{START}/weights", "is absent"),
    ],
)
def test_what_names_nothing_is_refused(training: dict[str, Any], pointer: str, message: str) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        Trainer(cnn(**training))
    assert (refused.value.problems[0].pointer, message in refused.value.problems[0].message) == (
        pointer,
        True,
    )


def test_a_blob_that_is_no_state_dict_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    blobs, reference = stored(tmp_path, {"conv1.weight": torch.ones(1)})
    blobs.path(reference).write_bytes((10 << 30).to_bytes(8, "little"))
    with pytest.raises(InvalidExperiment, match="its header claims 10,737,418,240 bytes"):
        Trainer(starting(reference), blobs=blobs)
