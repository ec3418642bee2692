"""Generated pictures: what is known of them is so; kept as whole numbers, they train as floats would."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from glassnet.engine.data.load import Pixels, load
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.random_streams import stream
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment, losses, refused, same


def data(kind: str, **options: Any) -> Any:
    return Experiment.parse({"data": {"kind": kind, **options}}).data


def drawn(kind: str, seed: int = 0, **options: Any) -> tuple[Tensor, Tensor]:
    call = data(kind, **options).generate()
    inputs, targets = call.build(generator=torch.Generator().manual_seed(seed))
    return inputs, targets


def boxes(seed: int = 0, **options: Any) -> Tensor:
    found: Tensor = data("shapes", **options).truth().build(generator=torch.Generator().manual_seed(seed))
    return found


PLAIN: Document = {"samples": 120, "size": 48, "noise": 0.0, "colours": "white"}


def test_shapes_are_in_balance_and_in_range() -> None:
    pictures, targets = drawn("shapes", samples=600, size=28, colours="any", ground="blotches", noise=0.3)
    assert pictures.dtype == torch.uint8
    assert pictures.shape == (600, 3, 28, 28)
    assert torch.bincount(targets).tolist() == [100] * 6


def test_a_box_is_the_smallest_around_what_scipy_finds_in_the_picture() -> None:
    pictures, _ = drawn("shapes", **PLAIN)
    for picture, box in zip(pictures, boxes(**PLAIN), strict=True):
        (rows, columns), *others = ndimage.find_objects((picture[0].numpy() >= 128).astype(int))
        assert not others
        assert box.tolist() == [columns.start, rows.start, columns.stop, rows.stop]


@pytest.mark.parametrize("ground", ["plain", "gradient", "blotches"])
@pytest.mark.parametrize("colours", ["light", "any"])
def test_boxes_do_not_depend_on_what_is_around_the_shape(ground: str, colours: str) -> None:
    options = {**PLAIN, "ground": ground, "colours": colours, "noise": 0.5}
    assert torch.equal(boxes(**options), boxes(**PLAIN))


def test_areas_are_those_of_geometry() -> None:
    """Unturned and of one size: covered pixels against the formulas for the area."""
    options = {**PLAIN, "smallest": 0.8, "largest": 0.8, "size": 64, "turned": False, "placement": "centre"}
    pictures, targets = drawn("shapes", **options)
    radius = 0.4 * 64
    notch = 0.42
    expected = [
        math.pi * 0.81,
        2.0,
        3 * math.sqrt(3) / 4,
        2 * 1.9 * 0.6 - 0.36,
        math.pi * (0.95**2 - 0.5**2),
        5 * notch * math.sin(math.pi / 5),
    ]
    for number, area in enumerate(expected):
        covered = float(pictures[targets == number][0, 0].double().sum()) / 255
        assert covered == pytest.approx(area * radius**2, rel=0.02), number


def test_a_turned_shape_is_the_unturned_one_turned() -> None:
    options: Document = {**PLAIN, "size": 64, "placement": "centre", "smallest": 0.8, "largest": 0.8}
    straight, _ = drawn("shapes", turned=False, **options)
    turned, targets = drawn("shapes", **options)
    generator = torch.Generator().manual_seed(0)
    torch.rand(120, generator=generator)
    torch.rand(120, 2, generator=generator)
    angles = 360 * torch.rand(120, generator=generator)
    for index in range(12):
        expected = ndimage.rotate(
            straight[index, 0].double().numpy(), -float(angles[index]), reshape=False, order=1
        )
        difference = np.abs(expected - turned[index, 0].double().numpy())
        assert difference.mean() < 4, (index, int(targets[index]))


@pytest.mark.parametrize("stripes", [1, 9])
def test_the_strongest_wave_of_a_grating_has_the_angle_of_its_class(stripes: int) -> None:
    options: Document = {"samples": 96, "size": 64, "noise": 0.05, "stripes": stripes}
    pictures, targets = drawn("gratings", **options)
    names = data("gratings", **options).classes
    assert names == ("0°", "22.5°", "45°", "67.5°", "90°", "112.5°", "135°", "157.5°")
    for picture, target in zip(pictures[:, 0].double().numpy(), targets.tolist(), strict=True):
        window = np.hanning(64)[:, None] * np.hanning(64)
        power = np.abs(np.fft.fftshift(np.fft.fft2((picture - picture.mean()) * window, (256, 256))))
        down, across = np.unravel_index(power.argmax(), power.shape)
        angle = math.degrees(math.atan2(down - 128, across - 128)) % 180
        wrong = abs((angle - float(names[target][:-1]) + 90) % 180 - 90)
        assert wrong < 6


def test_pixels_are_normalised_by_channel_as_their_floats_would_be() -> None:
    made = load(data("shapes", samples=300, size=28), seed=1)
    inputs = made.train.inputs
    assert isinstance(inputs, Pixels)
    raw = made.train.raw.double()
    expected = (raw - raw.mean(dim=(0, 2, 3), keepdim=True)) / raw.std(
        dim=(0, 2, 3), correction=0, keepdim=True
    )
    torch.testing.assert_close(inputs[:].double(), expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(made.transform(made.test.raw), made.test.inputs[:])
    places = torch.tensor([5, 0, 7])
    assert torch.equal(inputs[places], inputs[:][places])


CONVOLUTION: list[Document] = [
    {"kind": "conv2d", "filters": 4, "padding": "same"},
    {"kind": "relu"},
    {"kind": "max_pool2d"},
    {"kind": "flatten"},
    {"kind": "linear", "name": "output", "units": None},
]


def pictured(augmentations: list[Document] | None = None, **training: Any) -> Experiment:
    options: Document = {"kind": "shapes", "samples": 200, "size": 28, "augmentations": augmentations or []}
    return experiment(CONVOLUTION, data=options, **{"batch_size": 16, **training})


def test_training_on_pixels_is_training_on_their_floats() -> None:
    """The same batches by hand, from floats, through torch's own loss and optimizer."""
    trainer = Trainer(pictured(optimizer={"kind": "sgd", "learning_rate": 0.01}))
    twin = Trainer(pictured(optimizer={"kind": "sgd", "learning_rate": 0.01}), replay=False)
    inputs, targets = twin.data.train.inputs[:], twin.data.train.targets
    optimizer = torch.optim.SGD(twin.network.parameters(), lr=0.01)
    for loss in losses(trainer, 12):
        batch = twin.order.next()
        expected = torch.nn.functional.cross_entropy(twin.network(inputs[batch])["output"], targets[batch])
        optimizer.zero_grad()
        expected.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-5)


def test_boxes_belong_to_their_samples_through_the_split() -> None:
    made = load(data("shapes", **PLAIN, validation_share=0.25), seed=3)
    assert made.validation is not None
    for samples in made.sets().values():
        assert samples.boxes is not None
        for picture, box in zip(samples.raw, samples.boxes.int(), strict=True):
            lit = (picture[0] >= 128).nonzero()
            assert [*lit.amin(0).flip(0).tolist(), *(lit.amax(0).flip(0) + 1).tolist()] == box.tolist()
    assert load(data("gratings"), seed=0).train.boxes is None


# The split -----------------------------------------------------------------------------------------------


def test_a_validation_share_is_taken_from_what_is_not_tested() -> None:
    whole = load(data("shapes", samples=100), seed=0)
    made = load(data("shapes", samples=100, validation_share=0.3), seed=0)
    assert [len(samples) for samples in made.sets().values()] == [56, 24, 20]
    assert torch.equal(made.test.raw, whole.test.raw)
    assert made.validation is not None
    kept = torch.cat([made.validation.raw, made.train.raw])
    assert torch.equal(kept, whole.train.raw)


def test_evaluations_tell_of_validation_where_there_is_some() -> None:
    document = pictured().document()
    document["data"]["validation_share"] = 0.2
    trainer = Trainer(Experiment.parse(document))
    found = trainer.evaluate()
    assert list(found) == [f"{s}_{m}" for s in ("train", "validation", "test") for m in ("loss", "accuracy")]
    assert trainer.data.validation is not None
    samples = trainer.data.validation
    output = trainer.evaluation_network(samples.inputs[:])["output"]
    expected = torch.nn.functional.cross_entropy(output, samples.targets)
    assert found["validation_loss"] == pytest.approx(expected.item(), rel=1e-5)


# Augmentations in training ---------------------------------------------------------------------------------

CHANGES: list[Document] = [{"kind": "flip"}, {"kind": "rotate", "angle": 20.0}, {"kind": "pixel_noise"}]


def test_augmented_training_goes_on_bit_for_bit_from_its_state() -> None:
    whole, part = Trainer(pictured(CHANGES)), Trainer(pictured(CHANGES))
    losses(part, 7)
    state = part.state()
    expected = losses(whole, 15)
    again = Trainer(pictured(CHANGES))
    again.load(state)
    assert losses(again, 8) == expected[7:]
    assert same(again.state(), whole.state())


def test_augmentations_change_training_batches_and_nothing_else() -> None:
    plain, changed = Trainer(pictured()), Trainer(pictured(CHANGES))
    assert plain.evaluate() == changed.evaluate()
    assert torch.equal(plain.order.permutation, changed.order.permutation)
    batch = torch.arange(8)
    assert torch.equal(plain.loader(batch), plain.data.train.inputs[:8])
    first, second = changed.loader(batch), changed.loader(batch)
    assert not torch.equal(first, second)
    assert torch.equal(
        changed.evaluation_network(plain.data.test.inputs[:4])["output"],
        plain.evaluation_network(plain.data.test.inputs[:4])["output"],
    )


def test_turning_an_augmentation_on_keeps_what_was_learned() -> None:
    trainer = Trainer(pictured())
    losses(trainer, 5)
    changed = Trainer(pictured(CHANGES))
    changed.load_matching(trainer.state())
    assert changed.steps_taken == 5
    assert all(
        torch.equal(a, b)
        for a, b in zip(trainer.network.parameters(), changed.network.parameters(), strict=True)
    )


def test_colours_are_not_asked_of_grey_pictures() -> None:
    document = pictured().document()
    document["data"] = {"kind": "gratings", "augmentations": [{"kind": "flip"}, {"kind": "greyscale"}]}
    problems = refused(lambda d: Trainer(Experiment.parse(d)), document)
    assert list(problems) == ["/data/augmentations/1"]
    with pytest.raises(InvalidExperiment, match="expected 3: red, green and blue"):
        Trainer(Experiment.parse(document))


def test_a_small_network_tells_the_shapes_apart() -> None:
    """Eight seconds on one thread."""
    network: list[Document] = []
    for filters in (8, 16, 32):
        network += [{"kind": "conv2d", "filters": filters, "padding": "same"}, {"kind": "relu"}]
        network += [{"kind": "max_pool2d"}]
    network += CONVOLUTION[3:]
    made = experiment(
        network,
        data={"kind": "shapes"},
        optimizer={"kind": "adam", "learning_rate": 0.003},
        batch_size=32,
        epochs=7,
    )
    trainer = Trainer(made)
    for _ in range(trainer.steps):
        trainer.step()
    assert trainer.evaluate()["test_accuracy"] >= 0.95


def test_generators_are_streams_of_the_seed() -> None:
    trainer = Trainer(pictured(CHANGES, batch_size=8))
    assert trainer.loader.generator is not None
    assert torch.equal(trainer.loader.generator.get_state(), stream(0, "augmentation").get_state())
