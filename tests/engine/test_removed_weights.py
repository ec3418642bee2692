"""The attic keeps the newest tensor of each name and shape, and no more than it has room for."""

from __future__ import annotations

import pytest
import torch

from glassnet.engine.run.removed_weights import Attic


def test_each_name_and_shape_is_kept_in_its_newest_form_until_it_is_taken() -> None:
    attic = Attic()
    attic.put({"a": torch.zeros(2), "b": torch.zeros(1)})
    attic.put({"a": torch.ones(3)})
    attic.put({"a": torch.full((2,), 5.0)})
    assert attic.take({"a": torch.empty(2, dtype=torch.float64), "b": torch.empty(9)}) == {}
    assert attic.take({"a": torch.empty(2), "b": torch.empty(9)})["a"].tolist() == [5, 5]
    assert attic.take({"a": torch.empty(3)})["a"].tolist() == [1, 1, 1]
    assert attic.take({"a": torch.empty(3), "b": torch.empty(9), "c": torch.empty(1)}) == {}


def test_a_part_of_a_large_tensor_is_kept_without_the_rest() -> None:
    attic, large = Attic(), torch.zeros(1000)
    attic.put({"a": large[:2]})
    assert attic.take({"a": torch.empty(2)})["a"].untyped_storage().nbytes() == 8


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.run.removed_weights.MOST_BYTES", 40)
    attic = Attic()
    attic.put({"old": torch.zeros(4)})
    attic.put({"kept": torch.zeros(6)})
    attic.put({"new": torch.zeros(3), "old": torch.zeros(1), "too large": torch.zeros(11)})
    wanted = {"kept": torch.zeros(6), "new": torch.zeros(3), "old": torch.zeros(4)}
    assert attic.take({**wanted, "too large": torch.zeros(11)}).keys() == {"kept", "new"}


def test_weights_outlast_what_an_optimizer_kept_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.run.removed_weights.MOST_BYTES", 16)
    attic = Attic()
    state = {"parameters/a": torch.zeros(4), "optimizer/0/adam/mean/a": torch.zeros(4)}
    attic.put(state)
    assert attic.take(state).keys() == {"parameters/a"}
