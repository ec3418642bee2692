"""On a GPU the layout of images is measured once, and stays with the state."""

from __future__ import annotations

import pytest
import torch

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import memory_layout
from glassnet.engine.training import forks, image_layout
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, losses, mlp

LAST, CONTIGUOUS = torch.channels_last, torch.contiguous_format


def images(**training: object) -> Experiment:
    return cnn(batch_norm=False, **training)


@pytest.fixture(autouse=True)
def measured(contiguous: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let layouts be measured, afresh in each test."""
    monkeypatch.setattr(
        "glassnet.engine.training.single.may_be_channels_last", memory_layout.may_be_channels_last
    )
    monkeypatch.setattr(image_layout, "_MEASURED", {})


def quicker(monkeypatch: pytest.MonkeyPatch, form: torch.memory_format) -> None:
    """Let this layout be the quicker one from now on."""

    def seconds(run: object, batch: torch.Tensor) -> float:
        is_last = batch.shape[1] > 1 and batch.is_contiguous(memory_format=LAST)
        is_last = is_last or batch.stride(1) == 1
        return 1.0 if is_last == (form is LAST) else 2.0

    monkeypatch.setattr(image_layout, "_seconds", seconds)
    monkeypatch.setattr(image_layout, "_MEASURED", {})


def form(trainer: Trainer) -> torch.memory_format:
    return trainer._single.memory_format


def test_the_quicker_layout_is_taken_and_measuring_leaves_no_trace(device: str) -> None:
    trainer = Trainer(images(), device=device)
    before = trainer.state()
    assert before["layout/images"] == 0
    chosen = form(trainer)
    assert chosen in (LAST, CONTIGUOUS)
    after = trainer.state()
    assert image_layout.FORMATS[int(after.pop("layout/images"))] is chosen
    assert [name for name, tensor in after.items() if not torch.equal(tensor, before[name])] == []


@pytest.mark.parametrize("quick", [LAST, CONTIGUOUS])
def test_steps_are_the_same_in_either_layout(
    quick: torch.memory_format, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, quick)
    trainer, eager = Trainer(images(), device=device), Trainer(images(), device=device, replay=False)
    assert losses(trainer, 12) == losses(eager, 12)
    assert form(trainer) is form(eager) is quick
    assert losses(Trainer(images()), 12) == pytest.approx(
        losses(Trainer(images(), device=device), 12), abs=1e-4
    )


def test_a_state_goes_on_in_its_own_layout_wherever_it_is_loaded(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, LAST)
    trainer = Trainer(images(), device=device)
    losses(trainer, 9)
    kept = trainer.state()
    rest = losses(trainer, 9)
    quicker(monkeypatch, CONTIGUOUS)
    used = Trainer(images(), device=device)
    losses(used, 3)
    assert form(used) is CONTIGUOUS
    for again in (Trainer(images(), device=device), used):
        again.load(kept)
        assert form(again) is LAST
        assert losses(again, 9) == rest
    fork = forks.forked(used, used.experiment, 0, fresh=False, state=kept)
    assert losses(fork, 9) == rest
    host = Trainer(images())
    host.load_matching(kept)
    back = Trainer(images(), device=device)
    back.load_matching(host.state())
    assert form(back) is LAST


def test_a_state_that_is_older_than_measuring_is_measured(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, LAST)
    trainer = Trainer(images(), device=device)
    kept = trainer.state()
    del kept["layout/images"]
    trainer.load(kept)
    assert form(trainer) is LAST
    trainer.load({**kept, "layout/images": torch.tensor(9)})
    assert form(trainer) is LAST


def test_what_has_no_choice_measures_nothing(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker(monkeypatch, LAST)
    for experiment in (mlp(4), images(precision="float64"), images(deterministic=True)):
        assert form(Trainer(experiment, device=device)) is CONTIGUOUS
    torch.use_deterministic_algorithms(False)
    assert "layout/images" not in Trainer(mlp(4), device=device).state()


def test_without_memory_for_measuring_images_stay_contiguous(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(image_layout, "_seconds", full)
    assert form(Trainer(images(), device=device)) is CONTIGUOUS
