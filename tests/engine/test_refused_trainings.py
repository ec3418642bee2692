"""What cannot be trained: refused at its place before anything is built."""

from __future__ import annotations

import pytest

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.network.limits import Limits
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import (
    Document,
    mlp,
    refused,
    train,
)


def dense(units: int | None) -> Document:
    return {"kind": "linear", "units": units}


@pytest.mark.parametrize(
    ("parts", "pointer", "words"),
    [
        ({"network": [dense(10**9), dense(None)]}, "/network/0", "3,000,000,000 parameters"),
        (
            {"network": [dense(10**6), dense(10**6), dense(None)]},
            "/network/1",
            "expected at most 200,000,000 in all",
        ),
        (
            {
                "network": [dense(10**6), dense(None)],
                "data": {"kind": "spiral", "samples": 2000},
                "training": {"batch_size": 1000},
            },
            "/training/batch_size",
            "expected at most 500,000,000",
        ),
        (
            {"training": {"updates": [{}, {"nodes": "output"}]}},
            "/training/updates/1/nodes",
            "update 0 moves already",
        ),
        (
            {"network": [{"kind": "tanh"}, dense(None)], "training": {"updates": [{"nodes": "tanh*"}]}},
            "/training/updates/0/nodes",
            "no node with parameters",
        ),
        ({"network": [{"kind": "tanh"}]}, "/training/updates/0/nodes", "no node with parameters"),
        (
            {"training": {"regularizers": [{"kind": "l2"}, {"kind": "l2", "nodes": "conv*"}]}},
            "/training/regularizers/1/nodes",
            "no node that is trained",
        ),
        (
            {
                "network": [{"kind": "batch_norm", "name": "n"}, dense(None)],
                "training": {"regularizers": [{"kind": "clip_norm"}, {"kind": "l2", "nodes": "n"}]},
            },
            "/training/regularizers/1/nodes",
            "biases and scales alone",
        ),
        (
            {
                "data": {"kind": "regression_plane", "features": ["x1"]},
                "task": {"kind": "regression", "losses": [{"kind": "mse", "node": "t"}]},
                "network": [{"kind": "tanh", "name": "t"}, {"kind": "linear", "name": "side"}],
            },
            "/training/updates/0/nodes",
            "reaches no loss",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_built(
    parts: Document, pointer: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"data": {"kind": "spiral"}, "network": [{**dense(None), "name": "output"}], **parts}
    if "000" in words:
        monkeypatch.setattr("glassnet.engine.training.trainer.loaded_or_shared", None)
        monkeypatch.setattr("glassnet.engine.training.single.started_network", None)
    assert words in refused(train, document)[pointer]


def test_limits_are_the_hosts_choice() -> None:
    made = mlp(100)
    with pytest.raises(InvalidExperiment, match="expected at most 100 in all"):
        Trainer(made, limits=Limits(parameters=100))
    with pytest.raises(InvalidExperiment, match="expected at most 1,000"):
        Trainer(made, limits=Limits(activations=1000))
