"""Data sets against TensorFlow Playground's definitions, rewritten point by point, and scikit-learn's."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedShuffleSplit
from torch import Tensor

from glassnet.engine.catalog import Item, catalog
from glassnet.engine.data.load import load
from glassnet.engine.data.splitting import stratified
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.points import Points
from glassnet.engine.items.datasets.tables import Table
from glassnet.engine.notebook.own_tensors import own_data
from glassnet.engine.random_streams import stream

POINTS = ["circle", "xor", "gauss", "spiral", "regression_plane", "regression_gauss"]


def dataset(kind: str, **options: Any) -> Any:
    classes = catalog(Dataset)[kind].classes
    task = {"kind": "classification"} if classes else {"kind": "regression", "losses": [{"kind": "mse"}]}
    return Experiment.parse({"data": {"kind": kind, **options}, "task": task}).data


def drawn(kind: str, seed: int = 0, **options: Any) -> tuple[Tensor, Tensor]:
    inputs, targets = dataset(kind, **options).generate().build(generator=torch.Generator().manual_seed(seed))
    return inputs, targets


# TensorFlow Playground, from the formulas of its dataset.ts ---------------------------------------------

Point = tuple[float, float, float]


class Numbers:
    """The uniform numbers that a set draws, handed out again one by one."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, *shape: int) -> list[Any]:
        numbers: list[Any] = torch.rand(shape, generator=self.generator).tolist()
        return numbers

    def normal(self, *shape: int) -> list[Any]:
        numbers: list[Any] = torch.randn(shape, generator=self.generator).tolist()
        return numbers


def between(low: float, high: float, share: float) -> float:
    return share * (high - low) + low


def their_circle(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    half = samples // 2
    inner, outer = numbers.uniform(half), numbers.uniform(half)
    angles, strays = numbers.uniform(2 * half), numbers.uniform(2 * half, 2)
    for i in range(2 * half):
        r = between(0, 2.5, inner[i]) if i < half else between(3.5, 5, outer[i - half])
        x, y = (f(between(0, 2 * math.pi, angles[i])) * r for f in (math.sin, math.cos))
        nx, ny = (between(-5, 5, share) * noise for share in strays[i])
        yield x, y, 1 if math.hypot(x + nx, y + ny) < 2.5 else -1


def their_xor(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    places, strays = numbers.uniform(samples, 2), numbers.uniform(samples, 2)
    for i in range(samples):
        x, y = (between(-5, 5, share) for share in places[i])
        x += 0.3 if x > 0 else -0.3
        y += 0.3 if y > 0 else -0.3
        nx, ny = (between(-5, 5, share) * noise for share in strays[i])
        yield x, y, 1 if (x + nx) * (y + ny) >= 0 else -1


def their_gauss(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    normal = numbers.normal(samples, 2)
    variance = 0.5 + (noise - 0) / 0.5 * (4 - 0.5)
    for i in range(samples):
        centre, label = (2, 1) if i < samples // 2 else (-2, -1)
        x, y = (centre + math.sqrt(variance) * z for z in normal[i])
        yield x, y, label


def their_spiral(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    n = samples // 2
    strays = numbers.uniform(samples, 2)
    for arm, (start, label) in enumerate([(0.0, 1), (math.pi, -1)]):
        for i in range(n):
            r = i / n * 5
            t = 1.75 * i / n * 2 * math.pi + start
            nx, ny = (between(-1, 1, share) * noise for share in strays[arm * n + i])
            yield r * math.sin(t) + nx, r * math.cos(t) + ny, label


def their_plane(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    places, strays = numbers.uniform(samples, 2), numbers.uniform(samples, 2)
    for i in range(samples):
        x, y = (between(-6, 6, share) for share in places[i])
        nx, ny = (between(-6, 6, share) * noise for share in strays[i])
        yield x, y, (x + nx + y + ny + 10) / 20 * 2 - 1


def their_hills(numbers: Numbers, samples: int, noise: float) -> Iterator[Point]:
    places, strays = numbers.uniform(samples, 2), numbers.uniform(samples, 2)
    hills = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    for i in range(samples):
        x, y = (between(-6, 6, share) for share in places[i])
        nx, ny = (between(-6, 6, share) * noise for share in strays[i])
        label = 0.0
        for cx, cy, sign in hills:
            height = sign * min(max(1 - math.hypot(x + nx - cx, y + ny - cy) / 2, 0), 1)
            if abs(height) > abs(label):
                label = height
        yield x, y, label


THEIRS = {
    "circle": their_circle,
    "xor": their_xor,
    "gauss": their_gauss,
    "spiral": their_spiral,
    "regression_plane": their_plane,
    "regression_gauss": their_hills,
}


def test_every_plane_set_has_its_definition_here() -> None:
    """Those of points.py are said to be TensorFlow Playground's; plane sets of other files are not."""
    sets = {kind: item for kind, item in catalog(Dataset).items() if issubclass(item, Points)}
    assert {kind for kind, item in sets.items() if item.__module__ == Points.__module__} == set(THEIRS)
    assert set(THEIRS) == set(POINTS)


@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
def test_points_are_tensorflow_playgrounds_given_the_same_random_numbers(kind: str, noise: float) -> None:
    inputs, targets = drawn(kind, seed=3, samples=300, noise=noise)
    expected = np.array(list(THEIRS[kind](Numbers(3), 300, noise)))
    np.testing.assert_allclose(inputs.numpy(), expected[:, :2], atol=2e-5)
    labels = 2.0 * targets.numpy() - 1 if targets.ndim == 1 else targets.numpy()[:, 0]
    # A point on the very edge may round to either side.
    assert (np.abs(labels - expected[:, 2]) < 1e-5).mean() >= 0.99


@pytest.mark.parametrize("kind", POINTS)
def test_points_come_as_float32_with_int64_classes_or_float32_values(kind: str) -> None:
    inputs, targets = drawn(kind, samples=100)
    assert (inputs.dtype, inputs.shape) == (torch.float32, (100, 2))
    if dataset(kind).classes:
        assert (targets.dtype, targets.shape) == (torch.int64, (100,))
        assert set(targets.tolist()) == {0, 1}
    else:
        assert (targets.dtype, targets.shape) == (torch.float32, (100, 1))


@pytest.mark.parametrize("kind", ["regression_plane", "regression_gauss", "diabetes"])
def test_values_that_are_said_to_lie_on_both_sides_of_0_do(kind: str) -> None:
    found = dataset(kind)
    targets = load(found, 0).train.targets
    assert found.two_sided
    assert targets.min() < 0 < targets.max()


def test_the_domain_is_the_square_of_six() -> None:
    for kind in POINTS:
        assert dataset(kind).plane == 6
    for kind in ("regression_plane", "regression_gauss"):
        inputs, _ = drawn(kind, samples=4000, noise=0.5)
        assert inputs.abs().max() <= 6
        # Evenly: the variance of U(−6, 6) is 12.
        assert inputs.var(dim=0).tolist() == pytest.approx([12, 12], rel=0.08)
    assert drawn("xor", samples=4000, noise=0.5)[0].abs().max() <= 5.3
    assert drawn("xor", samples=4000)[0].abs().min() >= 0.3
    radius = drawn("circle", samples=4000, noise=0.5)[0].norm(dim=1)
    assert ((radius <= 2.5) | ((radius >= 3.5) & (radius <= 5))).all()
    spiral = drawn("spiral", samples=4000)[0].norm(dim=1)
    assert spiral.max() < 5
    assert drawn("spiral", samples=4000, noise=0.5)[0].norm(dim=1).max() < 5 + 0.5 * math.sqrt(2)


@pytest.mark.parametrize("noise", [0.0, 0.25, 0.5])
def test_the_clouds_have_the_centres_and_variance_that_noise_asks_for(noise: float) -> None:
    inputs, targets = drawn("gauss", samples=20_000, noise=noise)
    for label, centre in ((1, 2.0), (0, -2.0)):
        cloud = inputs[targets == label]
        assert cloud.mean(dim=0).tolist() == pytest.approx([centre, centre], abs=0.08)
        assert cloud.var(dim=0).tolist() == pytest.approx([0.5 + 7 * noise] * 2, rel=0.05)


def test_noise_moves_labels_but_never_the_points_of_circle_and_xor() -> None:
    for kind in ("circle", "xor"):
        (points, labels), (same, noisy) = drawn(kind, samples=500), drawn(kind, samples=500, noise=0.3)
        assert torch.equal(points, same)
        assert 0.01 < float((labels != noisy).float().mean()) < 0.4


# Features, splitting, normalising -----------------------------------------------------------------------


def test_features_are_those_of_the_playground() -> None:
    features = ["x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"]
    item = dataset("gauss", features=features)
    points, _ = drawn("gauss", samples=50)
    x, y = points.double().numpy().T
    expected = np.stack([x, y, x**2, y**2, x * y, np.sin(x), np.sin(y)], axis=1)
    np.testing.assert_allclose(item.select().build(inputs=points).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert (item.shape, item.inputs, item.raw_inputs) == ((7,), tuple(features), ("x1", "x2"))


@given(st.sampled_from(POINTS), st.integers(10, 300), st.floats(0.01, 0.99), st.integers(0, 2**53 - 1))
def test_the_sets_are_split_without_loss_or_overlap(kind: str, samples: int, share: float, seed: int) -> None:
    item = dataset(kind, samples=samples, test_share=share)
    data = load(item, seed)
    assert (
        len(data.train) + len(data.test)
        == item.count
        == (samples if kind in ("xor", "regression_plane", "regression_gauss") else samples // 2 * 2)
    )
    assert len(data.test) == item.held_out == min(max(round(item.count * share), 1), item.count - 1)
    points = item.generate().build(generator=stream(seed, "data"))[0]
    together = torch.cat([data.train.raw, data.test.raw])
    assert sorted(together.tolist()) == sorted(points.tolist())
    again = load(item, seed)
    assert torch.equal(again.train.inputs[:], data.train.inputs[:])
    assert torch.equal(again.test.targets, data.test.targets)


@pytest.mark.parametrize("kind", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("seed", range(3))
def test_every_class_has_its_share_in_each_set(kind: str, seed: int) -> None:
    item = dataset(kind, validation_share=0.2)
    data = load(item, seed)
    assert data.validation is not None
    every = torch.cat([data.train.targets, data.validation.targets, data.test.targets])
    sizes = every.bincount().double()
    exact = sizes * len(data.test) / len(every)
    assert (data.test.targets.bincount() - exact).abs().max() < 1
    # As many of each class as scikit-learn's splitter takes, where it has no ties to break.
    (_, theirs), *_ = StratifiedShuffleSplit(1, test_size=len(data.test)).split(every, every)
    assert (every[theirs].bincount() - data.test.targets.bincount()).abs().max() <= 1
    left = sizes - data.test.targets.bincount()
    assert (data.validation.targets.bincount() - left * len(data.validation) / left.sum()).abs().max() < 1


@pytest.mark.parametrize("kind", ["spiral", "iris", "shapes"])
def test_label_noise_replaces_its_share_of_the_training_labels_and_nothing_else(kind: str) -> None:
    options: dict[str, Any] = {"validation_share": 0.2, **({} if kind == "iris" else {"samples": 200})}
    true = load(dataset(kind, **options), 3)
    noisy = load(dataset(kind, **options, label_noise=0.25), 3)
    again = load(dataset(kind, **options, label_noise=0.25), 3)
    wrong = true.train.targets != noisy.train.targets
    assert int(wrong.sum()) == round(0.25 * len(wrong))
    assert int(noisy.train.targets.max()) < len(true.dataset.classes or ())
    assert torch.equal(noisy.train.targets, again.train.targets)
    for name, samples in true.sets().items():
        assert torch.equal(samples.inputs[:], noisy.sets()[name].inputs[:])
        assert name == "train" or torch.equal(samples.targets, noisy.sets()[name].targets)


def test_wrong_labels_are_any_of_the_other_classes_and_are_drawn_by_the_seed() -> None:
    true, one, other = (
        load(dataset("digits", label_noise=share), seed).train
        for share, seed in ((0.0, 0), (1.0, 0), (1.0, 1))
    )
    away = (one.targets - true.targets) % 10
    counts = away.bincount(minlength=10)
    assert counts[0] == 0
    assert counts[1:].min() > 100  # of 1,438, each of nine is expected 160 times
    assert not torch.equal(other.targets, one.targets)


def test_values_have_no_labels_that_could_be_wrong() -> None:
    with pytest.raises(InvalidExperiment, match="/data/label_noise"):
        dataset("diabetes", label_noise=0.1)
    with pytest.raises(InvalidExperiment, match=r"/data/label_noise: 1\.5; expected a number from 0 to 1"):
        dataset("iris", label_noise=1.5)
    own = own_data([[0.0], [1.0], [2.0]], [0.5, 1.5, 2.5])
    document = {**own.model_dump(), "label_noise": 0.5}
    with pytest.raises(InvalidExperiment, match=r"/data/label_noise: 0\.5: the targets are values"):
        Experiment.parse({"data": document, "task": {"kind": "regression", "losses": [{"kind": "mse"}]}})


def test_own_tensors_keep_their_labels_when_some_are_trained_on_wrong() -> None:
    given = torch.arange(40) % 2
    data = own_data(torch.randn(40, 2), given, label_noise=1.0)
    first, second = load(data, 0), load(data, 0)
    assert torch.equal(first.train.targets, second.train.targets)
    assert torch.equal(data.read(Blobs())[1], given)


def test_a_split_at_random_takes_whatever_comes_up() -> None:
    counts = {
        tuple(load(dataset("iris", split="random"), seed).test.targets.bincount().tolist())
        for seed in range(5)
    }
    assert len(counts) > 1
    assert load(dataset("iris"), 0).test.targets.bincount().tolist() == [10, 10, 10]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.data())
def test_a_stratified_mask_has_the_count_and_takes_the_first_of_each_class(
    classes: list[int], data: Any
) -> None:
    count = data.draw(st.integers(0, len(classes)))
    given_classes = torch.tensor(classes)
    mask = stratified(given_classes, count)
    assert int(mask.sum()) == count
    for kind in set(classes):
        own = mask[given_classes == kind]
        assert abs(int(own.sum()) - len(own) * count / len(classes)) < 1
        assert own.tolist() == sorted(own.tolist(), reverse=True)


def test_another_seed_draws_other_points_and_another_split() -> None:
    one, other = load(dataset("circle"), 0), load(dataset("circle"), 1)
    assert not torch.equal(one.train.raw, other.train.raw)
    first, second = load(dataset("iris"), 0), load(dataset("iris"), 1)
    assert not torch.equal(first.train.raw, second.train.raw)


# scikit-learn's tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["iris", "wine", "breast_cancer", "diabetes", "digits"])
def test_tables_are_scikit_learns(kind: str) -> None:
    options = {"scaled": False} if kind == "diabetes" else {}
    bunch = getattr(sklearn.datasets, f"load_{kind}")(**options)
    item = dataset(kind)
    inputs, targets = item.read(Blobs())
    np.testing.assert_array_equal(inputs.numpy().reshape(len(bunch.data), -1), bunch.data.astype(np.float32))
    np.testing.assert_array_equal(targets.numpy().reshape(-1), bunch.target)
    assert inputs.shape == (item.count, *item.shape)
    if item.classes:
        assert len(item.classes) == len(bunch.target_names) == int(targets.max()) + 1


@pytest.mark.parametrize("kind", catalog(Dataset))
def test_an_option_has_the_default_of_the_nearest_class_that_states_it(kind: str) -> None:
    """Of several bases, pydantic takes all options of the first, those that it inherits as well."""
    item = catalog(Dataset)[kind]
    for name, field in item.model_fields.items():
        bases = [base for base in item.__mro__ if issubclass(base, Item)]
        stating = next(base for base in bases if name in inspect.get_annotations(base))
        assert field.default == stating.model_fields[name].default, name


def test_every_table_is_tested() -> None:
    tables = {kind for kind, item in catalog(Dataset).items() if issubclass(item, Table)}
    assert tables == {"iris", "wine", "breast_cancer", "diabetes", "digits"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [("iris", "feature_names"), ("breast_cancer", "feature_names"), ("wine", "feature_names")],
)
def test_columns_are_named_in_scikit_learns_order(kind: str, names: str) -> None:
    theirs = getattr(sklearn.datasets, f"load_{kind}")()[names]
    for ours, their in zip(dataset(kind).columns, theirs, strict=True):
        words = set(ours.replace("error of ", "").replace("/", " ").split()) - {"mean", "worst"}
        their_words = their.replace("_", " ").replace("/", " ").replace("(cm)", "").replace("error", "")
        assert words <= set(their_words.split()) | {"of"}
        for statistic, sign in (("mean", "mean"), ("error of", "error"), ("worst", "worst")):
            assert ours.startswith(statistic) == (sign in their)


def test_classes_are_named_in_scikit_learns_order() -> None:
    assert dataset("iris").classes == tuple(sklearn.datasets.load_iris().target_names)
    assert dataset("breast_cancer").classes == tuple(sklearn.datasets.load_breast_cancer().target_names)


def test_digits_are_pictures_of_one_channel() -> None:
    inputs, _ = dataset("digits").read(Blobs())
    np.testing.assert_array_equal(inputs[:, 0].numpy(), sklearn.datasets.load_digits().images)
