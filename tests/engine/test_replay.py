"""Replay runs the same kernels on the same storage: the same bits, or it is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.training.replay import Replay, capture
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    cnn,
    dropout_mlp,
    experiment,
    losses,
    mlp,
    residual,
    residual_cnn,
    same,
)

VALUES = {"kind": "regression_gauss", "samples": 100}


def made(losses: list[dict[str, Any]], **training: Any) -> Experiment:
    return mlp(6, 6, task={"kind": "classification", "losses": losses}, **training)


CASES: dict[str, Experiment] = {
    **{kind: mlp(6, 6, activation=kind) for kind in catalog(Activation)},
    **{kind: made([{"kind": kind}]) for kind in ("mse", "hinge", "binary_cross_entropy", "cross_entropy")},
    "regression": mlp(6, data=VALUES, task={"kind": "regression", "losses": [{"kind": "mse"}]}),
    "dropout": dropout_mlp(),
    "cnn with batch norm": cnn(epochs=2),
    "residual": residual(),
    "residual cnn": residual_cnn(epochs=2),
    "several losses": made([{"kind": "mse", "weight": 0.5}, {"kind": "hinge", "weight": 2}]),
    "regularizers": mlp(
        6,
        regularizers=[
            {"kind": "l1"},
            {"kind": "l1", "form": "kill"},
            {"kind": "l2"},
            {"kind": "clip_norm", "limit": 0.1},
        ],
    ),
    "float64": mlp(6, precision="float64"),
    "uneven batches": mlp(6, batch_size=7),
    "tied": experiment(
        [
            {"kind": "linear", "name": "a", "units": 2},
            {"kind": "tanh", "name": "t"},
            {"kind": "linear", "name": "b", "units": 2, "weights": "a"},
            {"kind": "concatenate", "name": "both", "inputs": ["b", "t"]},
            {"kind": "linear", "name": "output", "units": None},
        ]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_replayed_training_is_the_training_bit_for_bit(name: str) -> None:
    replayed, eager = Trainer(CASES[name]), Trainer(CASES[name], replay=False)
    assert replayed.replays
    assert not eager.replays
    assert losses(replayed, 30) == losses(eager, 30)
    assert replayed.evaluate() == eager.evaluate()
    assert same(replayed.state(), eager.state())


def replay(compute: Callable[[], Sequence[Tensor]]) -> Callable[[], Sequence[Tensor]]:
    """A way to compute again that is known to be a replay."""
    again = capture(compute)[1]
    assert isinstance(again, Replay)
    return again


def test_new_values_in_the_same_storage_are_seen() -> None:
    x = torch.tensor([1.0, 2.0])
    again = replay(lambda: [(x.exp() + 1).sum()])
    x.copy_(torch.tensor([0.0, 0.0]))
    assert again()[0] == 4


def test_the_first_results_are_kept_when_the_replay_overwrites_its_own() -> None:
    x = torch.ones(2)
    first, again = capture(lambda: [x.tanh()])
    x.zero_()
    again()
    assert torch.equal(first[0], torch.ones(2).tanh())


def test_each_replay_draws_anew() -> None:
    generator = torch.Generator().manual_seed(0)
    again = replay(lambda: [torch.rand(3, generator=generator)])
    reference = torch.Generator().manual_seed(0)
    drawn = [torch.rand(3, generator=reference) for _ in range(4)]
    assert [torch.equal(again()[0], expected) for expected in drawn[1:]] == [True] * 3


def test_what_changes_in_place_changes_each_time() -> None:
    count = torch.zeros(1)

    def compute() -> Sequence[Tensor]:
        count.add_(1)
        return [count * 2]

    again = replay(compute)
    assert [float(again()[0]) for _ in range(3)] == [4, 6, 8]
    assert count == 4


def test_views_cost_nothing() -> None:
    x = torch.randn(4, 6)
    again = replay(lambda: [x.t()[1:3].detach().unsqueeze(0)])
    assert isinstance(again, Replay)
    assert len(again) == 0
    x.fill_(7)
    assert torch.equal(again()[0], torch.full((1, 2, 4), 7.0))


def test_gradients_are_replayed_too() -> None:
    weight = nn.Parameter(torch.tensor([2.0, 3.0]))
    x = torch.tensor([1.0, 1.0])

    def compute() -> Sequence[Tensor]:
        return torch.autograd.grad((weight * x).square().sum(), [weight])

    again = replay(compute)
    x.copy_(torch.tensor([2.0, 10.0]))
    assert again()[0].tolist() == [16, 600]


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x * float(x.sum()),
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x * 2 if torch.equal(x, x.abs()) else -x,
        lambda x: x[x > 0].sum(),
        lambda x: torch.masked_select(x, x > 0).exp().sum(),
        lambda x: x[x.nonzero()[:, 0]].tanh(),
        lambda x: torch.unique(x) + 1,
    ],
    ids=["item", "branch", "equal", "mask", "masked_select", "nonzero", "unique"],
)
def test_what_depends_on_values_is_run_as_it_is(compute: Callable[[Tensor], Tensor]) -> None:
    x = torch.tensor([1.0, 2.0, 3.0])
    again = capture(lambda: [compute(x)])[1]
    assert not isinstance(again, Replay)
    for values in ([-1.0, 2.0, -3.0], [4.0, 0.0, 4.0], [-1.0, -2.0, -3.0]):
        x.copy_(torch.tensor(values))
        assert torch.equal(again()[0], compute(x))


def test_an_alias_that_the_capture_did_not_see_made_is_refused() -> None:
    x = torch.ones(4)

    def compute() -> Sequence[Tensor]:
        y = x + 1
        alias = torch.utils.dlpack.from_dlpack(y)  # no operator that a dispatcher sees
        return [alias * 2]

    again = capture(compute)[1]
    x.copy_(torch.full((4,), 5.0))
    assert again()[0].tolist() == [12.0] * 4


def test_what_is_drawn_is_laid_out_unit_by_unit_and_hardly_differs() -> None:
    x = torch.randn(50, 3)
    layer = nn.Linear(3, 8)
    with torch.no_grad():
        again = capture(lambda: [torch.tanh(layer(x))], drawn=True)[1]
        (result,) = again()
        assert result.t().is_contiguous()
        torch.testing.assert_close(result, torch.tanh(layer(x)), atol=2e-6, rtol=0)


class Flipping(nn.Module):
    """Reads a value: its replay would not be the computation."""

    def forward(self, x: Tensor) -> Tensor:
        return x if float(x.detach().sum()) > 0 else -x


def test_training_falls_back_where_a_module_reads_values(monkeypatch: pytest.MonkeyPatch) -> None:
    replayed, eager = Trainer(mlp(4)), Trainer(mlp(4), replay=False)
    for trainer in (replayed, eager):
        monkeypatch.setitem(trainer.network.__dict__["_nodes"], "tanh1", Flipping())
    assert losses(replayed, 20) == losses(eager, 20)
    assert same(replayed.state(), eager.state())
