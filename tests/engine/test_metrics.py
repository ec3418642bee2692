"""Metrics against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn
from sklearn.datasets import load_diabetes
from torch import Tensor

from glassnet.engine.experiment.experiment import parse_probes
from glassnet.engine.probes import Arrays, Picture
from glassnet.engine.training import metrics
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, mlp

SETS = ("train", "test")
TOLERANCE = 1e-6


def drawn(samples: int, classes: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randint(classes, (samples,), generator=generator),
        torch.randint(classes, (samples,), generator=generator),
    )


def look(trainer: Trainer, **options: Any) -> Arrays:
    (probe,) = parse_probes([options])
    assert isinstance(probe, Picture)
    return probe.prepare(trainer)()


def trained(steps: int = 60, **options: Any) -> Trainer:
    trainer = Trainer(cnn(), **options)
    for _ in range(steps):
        trainer.step()
    return trainer


def answers(trainer: Trainer, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets, predictions and probabilities of a set, straight from the network."""
    samples = trainer.data.train if name == "train" else trainer.data.test
    with torch.no_grad():
        logits = trainer.evaluation_network(samples.inputs[: len(samples)])[trainer.plan.loss_nodes[0]]
    shares = torch.softmax(logits.double(), 1) if logits.shape[1] > 1 else torch.sigmoid(logits.double())
    said = logits.argmax(1) if logits.shape[1] > 1 else (logits[:, 0] > 0).long()
    return samples.targets.numpy(), said.numpy(), shares.numpy()


# The functions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "classes"), [(1, 2), (40, 3), (500, 10)])
def test_scores_of_each_class_are_scikit_learns(samples: int, classes: int) -> None:
    targets, predictions = drawn(samples, classes, seed=samples)
    matrix = metrics.confusion(targets, predictions, classes)
    labels = list(range(classes))
    assert matrix.tolist() == sklearn.confusion_matrix(targets, predictions, labels=labels).tolist()
    expected = sklearn.precision_recall_fscore_support(targets, predictions, labels=labels, zero_division=0)
    for found, wanted in zip(metrics.class_scores(matrix), expected, strict=True):
        np.testing.assert_allclose(found.numpy(), wanted, atol=TOLERANCE)


@pytest.mark.parametrize("levels", [2, 7, 10**6], ids=["few scores", "ties", "no ties"])
def test_curves_and_their_areas_are_scikit_learns(levels: int) -> None:
    positive, _ = drawn(300, 2, seed=levels)
    generator = torch.Generator().manual_seed(levels)
    scores = torch.randint(levels, (300,), generator=generator).double() + 0.4 * levels * positive
    roc, curve = metrics.roc(scores, positive == 1), metrics.precision_recall(scores, positive == 1)
    x, y, _ = sklearn.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(roc.x.numpy(), x, atol=TOLERANCE)
    np.testing.assert_allclose(roc.y.numpy(), y, atol=TOLERANCE)
    assert roc.area == pytest.approx(sklearn.roc_auc_score(positive, scores), abs=TOLERANCE)
    precision, recall, _ = sklearn.precision_recall_curve(positive, scores)
    np.testing.assert_allclose(curve.x.numpy(), recall[::-1], atol=TOLERANCE)
    np.testing.assert_allclose(curve.y.numpy(), precision[::-1], atol=TOLERANCE)
    assert curve.area == pytest.approx(sklearn.average_precision_score(positive, scores), abs=TOLERANCE)


def test_a_thinned_curve_keeps_its_ends_and_its_area() -> None:
    curve = metrics.roc(
        torch.rand(1000, generator=torch.Generator().manual_seed(0)), torch.arange(1000) % 2 == 0
    )
    few = metrics.thinned(curve, 50)
    assert len(few.x) == len(few.y) == 50
    assert [float(end) for end in (few.x[0], few.y[0], few.x[-1], few.y[-1])] == [0, 0, 1, 1]
    assert few.area == curve.area


def test_calibration_is_the_mean_of_each_bin_and_its_error_their_weighted_gap() -> None:
    generator = torch.Generator().manual_seed(1)
    sure = torch.rand(400, generator=generator).double()
    right = torch.rand(400, generator=generator) < sure**2
    found = metrics.calibration(sure, right, 10)
    truth, said = sklearn_bins(right.numpy(), sure.numpy(), 10)
    np.testing.assert_allclose(found.accuracy.numpy(), truth, atol=TOLERANCE)
    np.testing.assert_allclose(found.confidence.numpy(), said, atol=TOLERANCE)
    error = float((np.abs(truth - said) * found.counts.numpy()).sum() / 400)
    assert found.error == pytest.approx(error, abs=TOLERANCE)


def sklearn_bins(right: np.ndarray, sure: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.calibration import calibration_curve

    truth, said = calibration_curve(right, sure, n_bins=bins)
    return truth, said


def test_calibration_at_the_edges_and_in_empty_bins() -> None:
    found = metrics.calibration(torch.tensor([0.0, 1.0, 0.25]), torch.tensor([False, True, True]), 4)
    assert found.counts.tolist() == [2, 0, 0, 1]
    assert found.accuracy[1].isnan()
    assert found.confidence[1].isnan()
    assert found.error == pytest.approx((2 * abs(0.125 - 0.5) + 0) / 3)


@pytest.mark.parametrize("width", [1, 3])
def test_errors_of_values_are_scikit_learns(width: int) -> None:
    generator = torch.Generator().manual_seed(width)
    wanted = torch.randn(200, width, generator=generator)
    said = wanted + 0.3 * torch.randn(200, width, generator=generator)
    found = metrics.regression(said, wanted)
    assert found["mse"] == pytest.approx(sklearn.mean_squared_error(wanted, said), abs=TOLERANCE)
    assert found["mae"] == pytest.approx(sklearn.mean_absolute_error(wanted, said), abs=TOLERANCE)
    assert found["r2"] == pytest.approx(sklearn.r2_score(wanted, said), abs=TOLERANCE)


def test_r2_of_targets_that_are_all_the_same_is_scikit_learns() -> None:
    same = torch.full((5, 1), 2.0)
    for said in (same, same + 1):
        assert metrics.regression(said, same)["r2"] == sklearn.r2_score(same, said)


# Shares ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "width", "expected"),
    [
        ("cross_entropy", 3, lambda z: torch.softmax(z, 1)),
        ("binary_cross_entropy", 1, lambda z: torch.cat([torch.sigmoid(-z), torch.sigmoid(z)], 1)),
        ("binary_cross_entropy", 3, lambda z: torch.sigmoid(z) / torch.sigmoid(z).sum(1, keepdim=True)),
        ("hinge", 1, lambda z: torch.cat([1 - z, 1 + z], 1) / 2),
    ],
)
def test_shares_are_probabilities_that_agree_with_the_answer(loss: str, width: int, expected: Any) -> None:
    task = mlp(3, task={"kind": "classification", "losses": [{"kind": loss}]}).task
    # Between −1 and 1, where scores need no clamping.
    output = 2 * torch.rand(50, width, generator=torch.Generator().manual_seed(width)) - 1
    shares = task.probabilities(task.losses[0], output)
    torch.testing.assert_close(shares, expected(output))
    torch.testing.assert_close(shares.sum(1), torch.ones(50))
    assert torch.equal(shares.argmax(1), task.predictions(task.losses[0], output))


def test_where_every_class_is_ruled_out_all_are_as_likely() -> None:
    task = mlp(3, task={"kind": "classification", "losses": [{"kind": "hinge"}]}).task
    shares = task.probabilities(task.losses[0], torch.full((2, 4), -3.0))
    assert torch.equal(shares, torch.full((2, 4), 0.25))


# The probe ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("replay", [True, False])
def test_the_probe_says_of_each_set_what_scikit_learn_says(name: str, replay: bool) -> None:
    trainer = trained(replay=replay)
    arrays = look(trainer, kind="metrics", set=name)
    targets, said, _ = answers(trainer, name)
    assert int(arrays["samples"]) == len(targets)
    assert float(arrays["accuracy"]) == pytest.approx(sklearn.accuracy_score(targets, said), abs=TOLERANCE)
    assert arrays["confusion"].tolist() == sklearn.confusion_matrix(targets, said).tolist()
    each = sklearn.precision_recall_fscore_support(targets, said, zero_division=0)
    for score, wanted in zip(("precision", "recall", "f1", "support"), each, strict=True):
        np.testing.assert_allclose(arrays[score].numpy(), wanted, atol=TOLERANCE)
    macro = sklearn.precision_recall_fscore_support(targets, said, average="macro", zero_division=0)[:3]
    np.testing.assert_allclose(arrays["macro"].numpy(), macro, atol=TOLERANCE)
    assert int(arrays["calibration/count"].sum()) == len(targets)
    right = (targets == said).mean()
    weighted = np.nansum(arrays["calibration/accuracy"].numpy() * arrays["calibration/count"].numpy())
    assert weighted / len(targets) == pytest.approx(right, abs=TOLERANCE)
    assert "roc/area" not in arrays


def test_a_validation_set_is_judged_where_one_is_kept() -> None:
    whole = Trainer(mlp(4, data={"kind": "iris", "validation_share": 0.25}))
    assert int(look(whole, kind="metrics", set="validation")["samples"]) == 30
    with pytest.raises(ValueError, match="no sample is kept for validation; expected one of train, test"):
        look(Trainer(cnn()), kind="metrics", set="validation")


TWO_CLASSES: list[dict[str, Any]] = [
    {"kind": "gauss", "noise": 0.5},
    {"kind": "circle", "noise": 0.3},
    {"kind": "xor", "noise": 0.3},
    {"kind": "spiral"},
    {"kind": "breast_cancer"},
]


@pytest.mark.parametrize("data", TWO_CLASSES, ids=lambda data: str(data["kind"]))
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "hinge", "mse"])
def test_areas_of_two_classes_are_scikit_learns_of_what_the_network_says(
    loss: str, data: dict[str, Any]
) -> None:
    # A rate at which outputs go far beyond ±1, where shares are all alike.
    updates = [{"optimizer": {"kind": "adam", "learning_rate": 0.05}}]
    task = {"kind": "classification", "losses": [{"kind": loss}]}
    trainer = Trainer(mlp(8, data=data, task=task, updates=updates, batch_size=32))
    for _ in range(60):
        trainer.step()
    arrays = look(trainer, kind="metrics", set="train", points=5000)
    samples = trainer.data.train
    with torch.no_grad():
        output = trainer.evaluation_network(samples.inputs)[trainer.plan.loss_nodes[0]]
    score = output[:, 0] if output.shape[1] == 1 else output[:, 1] - output[:, 0]
    area = sklearn.roc_auc_score(samples.targets, score)
    assert float(arrays["roc/area"]) == pytest.approx(area, abs=1e-6)
    precise = sklearn.average_precision_score(samples.targets, score)
    assert float(arrays["recall_precision/area"]) == pytest.approx(precise, abs=1e-6)
    assert arrays["roc/x"][-1] == 1


@given(st.integers(2, 6), st.integers(0, 2**31))
def test_scores_of_a_softmax_are_its_log_odds_and_do_not_tie(classes: int, seed: int) -> None:
    task = mlp(3, task={"kind": "classification", "losses": [{"kind": "cross_entropy"}]}).task
    output = 10 * torch.randn(20, classes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    others = [[other for other in range(classes) if other != own] for own in range(classes)]
    odds = output - torch.stack([torch.logsumexp(output[:, rest], dim=1) for rest in others], dim=1)
    torch.testing.assert_close(task.scores(task.losses[0], output), odds, rtol=1e-9, atol=1e-9)
    far = torch.tensor([[0.0, 40.0], [0.0, 41.0], [-41.0, 0.0], [0.0, 200.0]])
    assert task.scores(task.losses[0], far)[:, 1].tolist() == [40.0, 41.0, 41.0, 200.0]


def test_values_have_errors_and_no_classes() -> None:
    trainer = Trainer(mlp(4, data={"kind": "regression_plane"}, task={"kind": "regression"}))
    for _ in range(30):
        trainer.step()
    arrays = look(trainer, kind="metrics")
    said = trainer.predict(trainer.data.test.inputs[: len(trainer.data.test)])
    wanted = trainer.data.test.targets
    assert float(arrays["mse"]) == pytest.approx(sklearn.mean_squared_error(wanted, said), abs=TOLERANCE)
    assert float(arrays["mae"]) == pytest.approx(sklearn.mean_absolute_error(wanted, said), abs=TOLERANCE)
    assert float(arrays["r2"]) == pytest.approx(sklearn.r2_score(wanted, said), abs=1e-5)
    assert "confusion" not in arrays


def test_errors_of_standardised_values_are_given_in_their_own_units_too() -> None:
    """As scikit-learn has them, of the targets as the data set has them."""
    trainer = Trainer(mlp(4, data={"kind": "diabetes", "validation_share": 0.2}, task={"kind": "regression"}))
    for _ in range(60):
        trainer.step()
    bunch = load_diabetes(scaled=False)
    scaling = trainer.data.value_scaling
    row = trainer.evaluate()
    for name, samples in trainer.data.sets().items():
        arrays = look(trainer, kind="metrics", set=name)
        places = [int(np.abs(bunch.data - raw.numpy()).sum(axis=1).argmin()) for raw in samples.raw]
        wanted = bunch.target[places]
        said = scaling.inverse(trainer.predict(samples.inputs)).numpy()[:, 0]
        absolute, squared = (
            sklearn.mean_absolute_error(wanted, said),
            sklearn.mean_squared_error(wanted, said),
        )
        assert absolute > 10
        assert float(arrays["mae.original"]) == pytest.approx(absolute, rel=1e-5)
        assert float(arrays["mse.original"]) == pytest.approx(squared, rel=1e-5)
        assert float(arrays["rmse.original"]) == pytest.approx(squared**0.5, rel=1e-5)
        assert float(arrays["r2"]) == pytest.approx(sklearn.r2_score(wanted, said), abs=1e-5)
        assert row[f"{name}_absolute_error_original"] == pytest.approx(absolute, rel=1e-5)
        # As trained on, an error of 1 is one standard deviation of the training set's targets.
        unit = float(arrays["unit"])
        assert float(arrays["mae"]) * unit == pytest.approx(absolute, rel=1e-5)
        assert row[f"{name}_absolute_error"] * unit == pytest.approx(absolute, rel=1e-5)
        worst = look(trainer, kind="examples", set=name, most=1)
        assert float(worst["error.original"]) == pytest.approx(sklearn.max_error(wanted, said), rel=1e-5)
        assert round(float(worst["target.original"]), 3) in wanted
        apart = float(worst["prediction.original"]) - float(worst["target.original"])
        assert abs(apart) == pytest.approx(float(worst["error.original"]), rel=1e-5)


def test_values_that_are_trained_on_as_they_are_have_one_unit() -> None:
    trainer = Trainer(mlp(4, data={"kind": "regression_plane"}, task={"kind": "regression"}))
    arrays = look(trainer, kind="metrics")
    for name in ("mse", "rmse", "mae"):
        assert torch.equal(arrays[name], arrays[f"{name}.original"])
    assert float(arrays["unit"]) == 1
    assert "test_absolute_error" in trainer.evaluate()
    assert not [name for name in trainer.evaluate() if name.endswith("_original")]


# Examples -------------------------------------------------------------------------------------------------


def test_a_cell_of_the_matrix_opens_its_examples_the_most_confident_first() -> None:
    trainer = trained(20)
    targets, said, shares = answers(trainer, "test")
    matrix = sklearn.confusion_matrix(targets, said, labels=range(10))
    np.fill_diagonal(matrix, 0)
    truth, taken = map(int, np.unravel_index(matrix.argmax(), matrix.shape))
    arrays = look(trainer, kind="examples", truth=truth, predicted=taken, most=500)
    places = np.flatnonzero((targets == truth) & (said == taken))
    assert int(arrays["count"]) == len(places) > 1
    assert sorted(arrays["index"].tolist()) == places.tolist()
    np.testing.assert_allclose(
        arrays["confidence"].numpy(), np.sort(shares[places, taken])[::-1], atol=TOLERANCE
    )
    assert arrays["inputs"].shape == (len(places), 1, 8, 8)
    low, high = arrays["inputs.range"].tolist()
    pictures = low + arrays["inputs"].numpy() / 255 * (high - low)
    raw = trainer.data.test.raw.numpy()[arrays["index"].numpy()]
    np.testing.assert_allclose(pictures, raw, atol=(high - low) / 510 + 1e-6)


def test_mistakes_are_all_wrong_and_the_surest_come_first() -> None:
    trainer = trained(20)
    targets, said, shares = answers(trainer, "test")
    arrays = look(trainer, kind="examples", most=5)
    wrong = np.flatnonzero(targets != said)
    assert int(arrays["count"]) == len(wrong)
    assert len(arrays["index"]) == 5
    order = wrong[np.argsort(-shares[wrong, said[wrong]], kind="stable")][:5]
    np.testing.assert_allclose(arrays["confidence"].numpy(), shares[order, said[order]], atol=TOLERANCE)
    assert (arrays["target"] != arrays["prediction"]).all()


def test_a_column_or_a_row_of_the_matrix_can_be_asked_for_alone() -> None:
    trainer = trained(20)
    targets, said, _ = answers(trainer, "test")
    row = look(trainer, kind="examples", truth=3, most=500)
    assert int(row["count"]) == (targets == 3).sum()
    column = look(trainer, kind="examples", predicted=3, most=500)
    assert int(column["count"]) == ((said == 3) & (targets != 3)).sum()


def test_an_empty_cell_is_empty() -> None:
    trainer = trained(0)
    _, said, _ = answers(trainer, "test")
    never = next(c for c in range(10) if c not in said)
    arrays = look(trainer, kind="examples", truth=0, predicted=never)
    assert int(arrays["count"]) == 0
    assert arrays["inputs"].shape == (0, 1, 8, 8)


def test_values_show_their_largest_errors() -> None:
    trainer = Trainer(mlp(4, data={"kind": "regression_plane"}, task={"kind": "regression"}))
    arrays = look(trainer, kind="examples", most=3)
    said = trainer.predict(trainer.data.test.inputs[: len(trainer.data.test)])
    errors = (said - trainer.data.test.targets).abs()[:, 0]
    np.testing.assert_allclose(arrays["confidence"], errors.sort(descending=True).values[:3], atol=TOLERANCE)


@pytest.mark.parametrize(("option", "words"), [({"truth": 10}, "0 to 9"), ({"predicted": 11}, "0 to 9")])
def test_examples_of_a_class_that_is_none_are_refused(option: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        look(Trainer(cnn()), kind="examples", **option)
