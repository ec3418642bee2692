"""Replicas: trainings side by side, each as it would be alone."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import glassnet
from glassnet.engine.catalog import Item, catalog, kind_of
from glassnet.engine.conformance.places import placed
from glassnet.engine.errors import InvalidCommand, InvalidExperiment
from glassnet.engine.experiment.experiment import LARGEST_SEED, Experiment
from glassnet.engine.experiment.recorded import evaluated_metrics, progress_metrics
from glassnet.engine.export import python
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.network import planner
from glassnet.engine.network.limits import Limits
from glassnet.engine.probes.progress import Progress
from glassnet.engine.probes.surface import Surface
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.replicas import passes
from glassnet.engine.training.trainer import Trainer
from tests.catalog.items import TRAINED
from tests.engine.experiments import (
    Document,
    cnn,
    dropout_mlp,
    experiment,
    mlp,
    refused,
    residual,
    same,
)
from tests.engine.session_run import Run, replace

COUNT, SEED = 3, 7


def together(document: Document, replicas: int = COUNT) -> Trainer:
    return Trainer(Experiment.parse(with_replicas(document, replicas)))


def with_replicas(document: Document, replicas: int) -> Document:
    return {**document, "training": {**document["training"], "replicas": replicas}}


def apart(document: Document, replicas: int = COUNT) -> list[Trainer]:
    """The trainings that the replicas are."""
    made = Experiment.parse(document)
    return [Trainer(made.model_copy(update={"seed": made.seed + index})) for index in range(replicas)]


def dense(**training: Any) -> Document:
    return mlp(8, 8, seed=SEED, **training).document()


def farthest(stacked: Trainer, plain: list[Trainer]) -> float:
    """The greatest difference between a row of the state of all and the state of its training alone."""
    rows, far = stacked.state(), 0.0
    for index, trainer in enumerate(plain):
        own = trainer.state()
        assert rows.keys() == own.keys()
        for name, tensor in own.items():
            row = rows[name][index]
            assert (row.shape, row.dtype) == (tensor.shape, tensor.dtype), name
            far = max(far, float((row.double() - tensor.double()).abs().max()))
    return far


def norm(size: int) -> Document:
    nodes: list[Document] = [{"kind": "linear", "units": 8}, {"kind": "batch_norm"}, {"kind": "tanh"}]
    return experiment([*nodes, {"kind": "linear", "units": None}], batch_size=size).document()


EVERY_REGULARIZER: list[Document] = [
    {"kind": "l2", "strength": 0.1},
    {"kind": "l1", "strength": 0.01},
    {"kind": "l1", "strength": 0.1, "form": "kill", "nodes": "linear2"},
    {"kind": "clip_value", "limit": 0.1},
    {"kind": "clip_norm", "limit": 0.2},
    {"kind": "gradient_noise"},
    {"kind": "weight_decay"},
    {"kind": "renormalize", "radius": 0.3},
]

PLATEAU = {"kind": "reduce_on_plateau", "patience": 1}

TRAININGS: dict[str, Document] = {
    **{f"optimizer {kind}": dense(optimizer={"kind": kind}) for kind in catalog(Optimizer)},
    "every regularizer": dense(regularizers=EVERY_REGULARIZER),
    "dropout": dropout_mlp().document(),
    "batch norm": norm(20),
    "convolutions": cnn(batch_norm=False).document(),
    "convolutions and batch norm": cnn().document(),
    "blocks": residual().document(),
    "gradients of three batches": dense(updates=[{"every": 3}]),
    "a metric's schedule": dense(batch_size=50, updates=[{"schedule": PLATEAU}]),
    "augmented pictures": experiment(
        [{"kind": "flatten"}, {"kind": "linear", "units": None}],
        data={"kind": "shapes", "samples": 40, "augmentations": [{"kind": "flip"}, {"kind": "brightness"}]},
        optimizer={"kind": "momentum"},  # Adam makes whole steps of what cancels out but for rounding
    ).document(),
    "masks, moved with their pictures": experiment(
        [{"kind": "conv2d", "filters": None, "name": "output", "padding": "same"}],
        data={"kind": "shape_masks", "samples": 40, "augmentations": [{"kind": "flip"}]},
        task={"kind": "segmentation"},
        optimizer={"kind": "momentum"},
    ).document(),
    "a loss without a batching rule": mlp(
        8, task={"kind": "classification", "losses": [{"kind": "margin"}]}
    ).document(),
    "frozen nodes": dense(frozen=["linear1"]),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_each_replica_is_the_training_of_its_seed(name: str) -> None:
    document = TRAININGS[name]
    stacked, plain = together(document), apart(document)
    assert farthest(stacked, plain) == 0  # starts, samples, orders and generators, bit for bit
    for trainer in (stacked, *plain):
        for _ in range(20):
            trainer.step()
    assert farthest(stacked, plain) < 1e-5
    row, rows = stacked.evaluate(), [trainer.evaluate() for trainer in plain]
    for metric, value in rows[0].items():
        values = [each[metric] for each in rows]
        assert row[metric] == pytest.approx(value, abs=1e-5)
        assert row[f"{metric}.low"] == pytest.approx(min(values), abs=1e-5)
        assert row[f"{metric}.median"] == pytest.approx(statistics.median(values), abs=1e-5)
        assert row[f"{metric}.high"] == pytest.approx(max(values), abs=1e-5)


def test_in_float64_they_differ_by_rounding_alone() -> None:
    document = dense(precision="float64", regularizers=EVERY_REGULARIZER[:2])
    stacked, plain = together(document), apart(document)
    for trainer in (stacked, *plain):
        for _ in range(20):
            trainer.step()
    assert farthest(stacked, plain) < 1e-13


def test_many_replicas_are_computed_at_once_with_batch_norm_too() -> None:
    document = {**norm(20), "training": {**norm(20)["training"], "updates": [{"optimizer": {"kind": "sgd"}}]}}
    stacked, plain = together(document, 20), apart(document, 20)
    for trainer in (stacked, *plain):
        for _ in range(20):
            trainer.step()
    assert farthest(stacked, plain) < 1e-5


def test_one_replica_is_the_plain_training() -> None:
    one, plain = together(dense(), 1), apart(dense(), 1)[0]
    one.step()
    plain.step()
    assert same(one.state(), plain.state())
    assert one.evaluate() == plain.evaluate()


def test_every_row_has_the_spread_beside_the_numbers_of_replica_0() -> None:
    stacked, plain = together(dense()), apart(dense())
    for trainer in (stacked, *plain):
        trainer.step()
    losses = [trainer.take_loss() for trainer in plain]
    row = Progress().row(stacked)
    assert row["batch_loss"] == pytest.approx(losses[0], abs=1e-6)
    assert row["batch_loss.low"] == pytest.approx(min(losses), abs=1e-6)
    assert row["batch_loss.high"] == pytest.approx(max(losses), abs=1e-6)
    assert row["learning_rate"] == row["learning_rate.median"] == 0.01
    made = stacked.experiment
    assert set(row) == set(progress_metrics(made))
    assert set(stacked.evaluate()) == set(evaluated_metrics(made))


def test_a_state_goes_on_bit_for_bit_and_its_rows_are_states_of_plain_trainings() -> None:
    trainer, other = together(dropout_mlp().document()), together(dropout_mlp().document())
    for _ in range(5):
        trainer.step()
    state = trainer.state()
    other.load(state)
    row = apart(dropout_mlp().document())[2]
    row.load({name: tensor[2] for name, tensor in state.items()})
    for _ in range(40):
        for each in (trainer, other, row):
            each.step()
    assert same(trainer.state(), other.state())
    assert (
        float(
            trainer.state()["parameters/output.weight"][2]
            .sub(row.state()["parameters/output.weight"])
            .abs()
            .max()
        )
        < 1e-5
    )


@pytest.mark.parametrize(("before", "after"), [(1, 4), (4, 2), (2, 4), (3, 1)])
def test_an_edit_of_their_number_keeps_those_that_stay(before: int, after: int) -> None:
    trainer = together(dense(), before)
    for _ in range(5):
        trainer.step()
    grown = together(dense(), after)
    fresh = grown.state()
    grown.load_matching(trainer.state())
    kept, state = trainer.state(), grown.state()
    several = [
        each if each["step"].ndim else {n: t[None] for n, t in each.items()} for each in (kept, state, fresh)
    ]
    for name in ("parameters/linear1.weight", "order/permutation", "optimizer/0/adam/mean/output.bias"):
        old, new, started = (each[name] for each in several)
        stay = min(before, after)
        assert torch.equal(new[:stay], old[:stay])
        assert torch.equal(new[stay:], started[stay:])
    assert grown.steps_taken == 5
    grown.step()


def test_a_replica_that_diverges_is_left_out_and_the_run_goes_on() -> None:
    trainer = together(dense())
    trainer.step()
    state = trainer.state()
    state["parameters/output.weight"][1] = torch.nan
    trainer.load(state)
    for _ in range(150):
        trainer.step()
    row = trainer.evaluate()
    assert row["train_loss.low"] <= row["train_loss"] <= row["train_loss.high"] < 10


REFUSED: list[tuple[Document, str, str]] = [
    (
        {"updates": [{"nodes": "linear1"}, {"nodes": "output"}], "replicas": 4},
        "/training/replicas",
        "4 replicas with 2 updates; expected 1, or a single update",
    ),
    ({"replicas": 1025}, "/training/replicas", "1025; expected a whole number from 1 to 1024"),
    ({"replicas": 0}, "/training/replicas", "0; expected a whole number from 1 to 1024"),
    ({"replicas": 2.5}, "/training/replicas", "2.5; expected a whole number from 1 to 1024"),
]


@pytest.mark.parametrize(("training", "pointer", "message"), REFUSED)
def test_what_cannot_be_trained_side_by_side_is_refused_at_its_place(
    training: Document, pointer: str, message: str
) -> None:
    document = mlp(8).document()
    document["training"] |= training

    def planned(document: Document) -> None:
        planner.plan(Experiment.parse(document))

    assert refused(planned, document)[pointer] == message


def test_seeds_beyond_the_largest_and_networks_beyond_the_limits_are_refused() -> None:
    with pytest.raises(InvalidExperiment, match=f"expected at most {LARGEST_SEED - 3}") as caught:
        together({**dense(), "seed": LARGEST_SEED}, 4)
    assert caught.value.problems[0].pointer == "/seed"
    made = Experiment.parse(with_replicas(dense(), 100))
    with pytest.raises(
        InvalidExperiment, match=r"100 replicas of .* parameters are .* expected at most 1,000"
    ):
        Trainer(made, limits=Limits(parameters=1000))


def test_the_memory_of_a_run_counts_its_replicas() -> None:
    one, many = (Experiment.parse(with_replicas(dense(), n)) for n in (1, 100))
    small, large = (estimate(made, planner.plan(made)) for made in (one, many))
    assert large.parameters == 100 * small.parameters
    assert large.data == 100 * small.data
    assert large.activations > small.activations


LOOKS: list[Document] = [
    {"kind": "surface", "resolution": 12},
    {"kind": "metrics"},
    {"kind": "weights"},
    {"kind": "histograms"},
    {"kind": "gradient_flow"},
    {"kind": "samples"},
    {"kind": "sharpness"},
]


@pytest.mark.parametrize("probe", LOOKS, ids=lambda probe: str(probe["kind"]))
def test_a_probe_of_a_replica_shows_what_its_training_alone_shows(probe: Document) -> None:
    document = dense(regularizers=EVERY_REGULARIZER[:3])
    stacked, plain = together(document), apart(document)
    kind, options = str(probe["kind"]), {name: value for name, value in probe.items() if name != "kind"}
    looks = [
        glassnet.open_probe(stacked, kind, **options, replica=2),
        glassnet.open_probe(plain[2], kind, **options),
    ]
    for trainer in (stacked, plain[2]):
        for _ in range(5):
            trainer.step()
    mine, theirs = (look() for look in looks)
    assert mine.keys() == theirs.keys()
    for name, array in theirs.items():
        near = 1 if array.dtype == np.uint8 else 1e-3
        np.testing.assert_allclose(mine[name], array, rtol=1e-3, atol=near, err_msg=name)


def test_a_replica_that_is_not_there_is_refused_and_the_first_keeps_its_key() -> None:
    with pytest.raises(ValueError, match="3 is no replica of this training; expected 0 to 2"):
        glassnet.observe(together(dense()), "surface", replica=3)
    with pytest.raises(InvalidCommand, match="1024; expected a whole number of at least 0 and below 1024"):
        glassnet.observe(together(dense()), "surface", replica=1024)
    first, second = (Surface(replica=index) for index in (0, 1))
    assert first.key == first.digest("hz", "replica") != second.key


def test_an_exported_script_trains_replica_0_and_says_so() -> None:
    text, plain = (python.source(Experiment.parse(with_replicas(dense(), count))) for count in (4, 1))
    said = "Of the experiment's 4 replicas it trains replica 0; set SEED to 8 … 10 for the others."
    assert said in text
    assert text.replace(f"{said}\n", "") == plain


def test_a_run_of_replicas_resumes_bit_for_bit_and_goes_on_with_more_of_them(tmp_path: Path) -> None:
    made = Experiment.parse(with_replicas(dropout_mlp(epochs=4).document(), 3))
    whole, run = (Run(tmp_path / name, made) for name in ("whole", "run"))
    whole.step(30)
    run.step(17)
    resumed = run.reopened(go_on=True)
    resumed.tell("watch", probes=[{"kind": "surface", "resolution": 8, "replica": 2}])
    resumed.step(13)
    assert same(resumed.session.trainer.state(), whole.session.trainer.state())
    low, high = (resumed.outlet.column("progress", f"batch_loss.{end}") for end in ("low", "high"))
    assert all(least < greatest for least, greatest in zip(low, high, strict=True))
    assert resumed.edit(replace("/training/replicas", 5))["applied"] == "rebuilt"
    resumed.step(1)
    assert resumed.session.trainer.steps_taken == 31
    assert resumed.edit(replace("/training/replicas", 1))["applied"] == "rebuilt"
    resumed.step(1)
    assert resumed.state == "paused"
    assert [text["probe"] for text in resumed.outlet.said("unwatched")] == ["surface"]
    refusal = resumed.tell("watch", probes=[{"kind": "surface", "replica": 2}])
    assert refusal["errors"][0]["pointer"] == "/probes/0"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("family", "item"),
    [found for found in TRAINED if found[0] not in ("architectures", "datasets", "optimizers")],
    ids=lambda part: part if isinstance(part, str) else kind_of(part),
)
def test_every_item_is_computed_for_many_replicas_as_for_one(
    family: str, item: type[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "FEW", 0)
    document, _ = placed(family, item)
    update = {"optimizer": {"kind": "sgd"}}
    training = {**document.get("training", {}), "replicas": 2, "precision": "float64"}
    made = Experiment.parse({**document, "training": {"updates": [update], **training}})
    stacked, alone = Trainer(made), Trainer(made.of_replica(1))
    for trainer in (stacked, alone):
        for _ in range(3):
            trainer.step()
    rows, own = stacked.state(), alone.state()
    far = max(float((rows[name][1].double() - own[name].double()).abs().max()) for name in own)
    assert far < 1e-6
