"""Which device a run trains on: the experiment's wish, its host's setting, and the cards of a machine."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.training.device import VISIBLE, DeviceUse, asked_for, device_for, device_use, use_card
from tests.engine.experiments import dropout_mlp, mlp
from tests.engine.session_run import Run, replace


def test_an_experiment_may_ask_for_the_cpu_of_a_host_with_a_card() -> None:
    wanted = [asked_for(mlp(4), device) for device in ("auto", "cpu", "cuda")]
    assert [device_for(experiment, "cuda") for experiment in wanted] == ["cuda", "cpu", "cuda"]
    assert [device_for(experiment, "cpu") for experiment in wanted] == ["cpu", "cpu", "cpu"]
    assert Snapshot(wanted[2]).trainer(device="cpu").device == "cpu"


def test_a_move_to_a_card_that_is_not_there_is_refused_and_nothing_has_changed(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", mlp(4))
    run.step(3)
    error = run.edit(replace("/training/device", "cuda"))
    assert error["errors"] == [
        {
            "pointer": "/training/device",
            "message": "'cuda': this run's host trains on the CPU; expected auto or cpu",
        }
    ]
    assert (run.session.revision, run.session.trainer.device) == (0, "cpu")


def test_a_document_that_asks_for_a_card_trains_where_it_can(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", asked_for(mlp(4), "cuda"))
    run.step(3)
    assert run.edit(replace("/title", "Mine"))["type"] == "ack"
    assert run.outlet.said("status")[-1]["device"] == "cpu"


def test_a_run_that_stays_where_it_is_goes_on_bit_for_bit(tmp_path: Path) -> None:
    run, straight = (Run(tmp_path / name, dropout_mlp()) for name in ("edited", "straight"))
    for which in (run, straight):
        which.step(5)
    assert run.edit(replace("/training/device", "cpu"))["applied"] == "rebuilt"
    for which in (run, straight):
        which.step(5)
    one, other = (which.session.trainer.state() for which in (run, straight))
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_a_card_that_cannot_be_asked_for_its_memory_is_of_unknown_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost() -> tuple[int, int]:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "mem_get_info", lost)
    assert device_use("cuda") is None
    assert device_use("cpu") is None


def test_a_card_is_asked_for_its_memory_four_times_a_second_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path / "run", mlp(4))
    asked: list[float] = []

    def use(_: str) -> DeviceUse:
        asked.append(run.clock.now)
        return DeviceUse("a card", 1, 2, 3 << 20)

    monkeypatch.setattr("glassnet.engine.run.replies.device_use", use)
    for _ in range(40):
        run.clock.now += 0.02
        run.tell("speed", steps_per_second=None)
    assert 2 < len(asked) < 9
    assert min(later - sooner for sooner, later in pairwise(asked)) >= 0.24
    assert run.outlet.said("status")[-1]["device_use"]["total"] == 3 << 20


def test_workers_take_the_cards_of_a_machine_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    for slot in range(5):
        use_card(slot)
    assert taken == [0, 1, 2, 0, 1]
    for count in (0, 1):
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        use_card(7)
    assert len(taken) == 5


def test_of_the_instances_of_a_card_each_worker_sees_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for slot, expected in enumerate(("MIG-1", "MIG-2", "MIG-1")):
        monkeypatch.setenv(VISIBLE, "MIG-1,MIG-2")
        use_card(slot)
        assert os.environ[VISIBLE] == expected
