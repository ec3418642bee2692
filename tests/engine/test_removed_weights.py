"""The attic keeps the newest tensor of each name and shape, and no more than it has room for."""

from __future__ import annotations

import pytest
import torch

from glassnet.engine.run.removed_weights import RemovedWeights


def test_each_name_and_shape_is_kept_in_its_newest_form_until_it_is_taken() -> None:
    removed_weights = RemovedWeights()
    removed_weights.put({"a": torch.zeros(2), "b": torch.zeros(1)})
    removed_weights.put({"a": torch.ones(3)})
    removed_weights.put({"a": torch.full((2,), 5.0)})
    assert removed_weights.take({"a": torch.empty(2, dtype=torch.float64), "b": torch.empty(9)}) == {}
    assert removed_weights.take({"a": torch.empty(2), "b": torch.empty(9)})["a"].tolist() == [5, 5]
    assert removed_weights.take({"a": torch.empty(3)})["a"].tolist() == [1, 1, 1]
    assert removed_weights.take({"a": torch.empty(3), "b": torch.empty(9), "c": torch.empty(1)}) == {}


def test_a_part_of_a_large_tensor_is_kept_without_the_rest() -> None:
    removed_weights, large = RemovedWeights(), torch.zeros(1000)
    removed_weights.put({"a": large[:2]})
    assert removed_weights.take({"a": torch.empty(2)})["a"].untyped_storage().nbytes() == 8


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.run.removed_weights.MOST_BYTES", 40)
    removed_weights = RemovedWeights()
    removed_weights.put({"old": torch.zeros(4)})
    removed_weights.put({"kept": torch.zeros(6)})
    removed_weights.put({"new": torch.zeros(3), "old": torch.zeros(1), "too large": torch.zeros(11)})
    wanted = {"kept": torch.zeros(6), "new": torch.zeros(3), "old": torch.zeros(4)}
    assert removed_weights.take({**wanted, "too large": torch.zeros(11)}).keys() == {"kept", "new"}


def test_weights_outlast_what_an_optimizer_kept_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.run.removed_weights.MOST_BYTES", 16)
    removed_weights = RemovedWeights()
    state = {"parameters/a": torch.zeros(4), "optimizer/0/adam/mean/a": torch.zeros(4)}
    removed_weights.put(state)
    assert removed_weights.take(state).keys() == {"parameters/a"}
