"""The attic keeps the newest tensor of each name and shape, and no more than it has room for."""

from __future__ import annotations

import pytest
import torch

from engine.attic import Attic


def test_each_name_and_shape_is_kept_in_its_newest_form() -> None:
    attic = Attic()
    attic.put({"a": torch.zeros(2), "b": torch.zeros(1)})
    attic.put({"a": torch.ones(3)})
    attic.put({"a": torch.full((2,), 5.0)})
    assert attic.fitting({"a": torch.empty(2), "b": torch.empty(9)})["a"].tolist() == [5, 5]
    assert attic.fitting({"a": torch.empty(3)})["a"].tolist() == [1, 1, 1]
    assert attic.fitting({"b": torch.empty(9), "c": torch.empty(1)}) == {}


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.attic.MOST_NUMBERS", 10)
    attic = Attic()
    attic.put({"old": torch.zeros(4)})
    attic.put({"kept": torch.zeros(6)})
    assert attic.fitting({"old": torch.zeros(4)}).keys() == {"old"}
    attic.put({"new": torch.zeros(3), "old": torch.zeros(1)})
    wanted = {"kept": torch.zeros(6), "new": torch.zeros(3), "old": torch.zeros(4)}
    assert attic.fitting(wanted).keys() == {"kept", "new"}
