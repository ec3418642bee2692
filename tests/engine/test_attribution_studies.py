"""Attributions of a trainer's network: side by side, occlusion, the sanity check, the first layer."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from glassnet.engine.attribution.applicability import last_maps, layers
from glassnet.engine.attribution.chunks import BatchSizer
from glassnet.engine.attribution.methods import METHODS, Explanation
from glassnet.engine.attribution.occlusion import OccluderGrid, drops
from glassnet.engine.attribution.spectrum import beyond_nyquist
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.data.inputs.values import ValuesInput
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes.attribution import Attribution
from glassnet.engine.probes.features import Features
from glassnet.engine.probes.occlusion import Occlusion as LiveOcclusion
from glassnet.engine.probes.occlusion import scattered
from glassnet.engine.studies.first_layer import FirstLayer
from glassnet.engine.studies.look import Look
from glassnet.engine.studies.occlusion import Occlusion
from glassnet.engine.studies.sanity_check import SanityCheck
from glassnet.engine.training.trainer import Trainer
from tests.engine.attributions import picture_network
from tests.engine.experiments import Document, cnn, experiment, losses, mlp, same


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    trainer = Trainer(picture_network())
    losses(trainer, 12)
    return trainer


def dense(activation: str = "relu") -> Experiment:
    """A network of the digits without a convolution."""
    network: list[Document] = [
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "linear1", "units": 5},
        {"kind": activation, "name": f"{activation}1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    return experiment(network, data={"kind": "digits"})


def values(arrays: dict[str, Tensor], name: str) -> Tensor:
    """Levels as the numbers they stand for."""
    low, high = arrays[f"{name}.range"].double().unbind(-1)
    levels = arrays[name].double()
    ahead = (..., *[None] * (levels.ndim - low.ndim))
    return low[ahead] + (high - low)[ahead] * levels / 255


def test_each_method_is_there_with_its_own_scale(trainer: Trainer) -> None:
    arrays = Attribution(input=SampleInput(index=2), target=4).prepare(trainer)()
    explanation = Explanation(trainer, 4, trainer.data.test.inputs[2:3])
    shown = values(arrays, "maps")
    for index, method in enumerate(METHODS):
        expected = explanation.picture(method)
        assert (shown[index] - expected).abs().max() <= float(expected.abs().max()) / 127 / 2 + 1e-6
    assert (int(arrays["target"]), int(arrays["truth"])) == (4, int(trainer.data.test.targets[2]))
    assert float(arrays["shares"].sum()) == pytest.approx(1)
    assert torch.equal(arrays["input"], trainer.data.test.raw[2])
    total, difference = arrays["completeness"].tolist()
    assert total == pytest.approx(difference, rel=0.01)
    assert float(arrays["completeness.error"]) == pytest.approx(abs(total / difference - 1), abs=1e-4)
    assert (int(arrays["completeness.steps"]), int(arrays["completeness.holds"])) == (
        explanation.integrated.steps,
        1,
    )


def test_so_many_steps_are_taken_as_are_asked_for_and_more_until_they_add_up(trainer: Trainer) -> None:
    for steps in (1, 3, 1000):
        arrays = Attribution(methods=["integrated_gradients"], steps=steps).prepare(trainer)()
        taken = int(arrays["completeness.steps"])
        assert taken == 1000 or (taken / steps).is_integer()
        assert int(arrays["completeness.holds"])


def test_of_a_network_too_large_for_more_steps_it_is_said_that_they_do_not_add_up(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.engine.attribution.methods.MOST_MACS", trainer.plan.macs)
    arrays = Attribution(methods=["integrated_gradients"], steps=1).prepare(trainer)()
    assert (int(arrays["completeness.steps"]), int(arrays["completeness.holds"])) == (1, 0)
    total, difference = arrays["completeness"].tolist()
    assert float(arrays["completeness.error"]) == pytest.approx(abs(total / difference - 1), rel=1e-3)
    assert float(arrays["completeness.error"]) > 0.01


def test_the_class_that_the_network_says_is_asked_about_unless_another_is_named(trainer: Trainer) -> None:
    said = int(trainer.predict(trainer.data.test.inputs[:1])[0])
    assert int(Attribution(methods=["saliency"]).prepare(trainer)()["target"]) == said


def test_one_output_for_two_classes_speaks_for_the_second_and_against_the_first() -> None:
    nodes: list[Document] = [
        {"kind": "linear", "units": 4},
        {"kind": "linear", "name": "output", "units": None},
    ]
    trainer = Trainer(experiment(nodes, task={"kind": "classification", "losses": [{"kind": "mse"}]}))
    x = trainer.data.test.inputs[:3]
    first, second = (Explanation(trainer, target, x).score(x) for target in (0, 1))
    assert torch.equal(first, -second)
    assert torch.equal(second, trainer.evaluation_network(x)["output"][:, 0])


def test_methods_that_need_no_image_take_what_is_drawn(trainer: Trainer) -> None:
    drawn = [float(number % 255) for number in range(3 * 28 * 28)]
    arrays = Attribution(input=ValuesInput(values=drawn)).prepare(trainer)()
    assert int(arrays["truth"]) == -1
    assert arrays["maps"].shape == (6, 28, 28)


@pytest.mark.parametrize(
    ("tried", "options", "words"),
    [
        (mlp(3), {}, "the samples are 2, numbers without places"),
        (cnn(), {"target": 10}, "class 10 of 10; expected one of 0 to 9"),
        (
            dense(),
            {"methods": ["saliency", "grad_cam"]},
            (
                "no feature maps of more than one place; expected a convolution on the way to the answer, or "
                "'methods' of saliency, deconvnet, guided, integrated_gradients, smooth_grad$"
            ),
        ),
        (
            experiment(
                [
                    {"kind": "conv2d"},
                    {"kind": "flatten"},
                    {"kind": "linear", "name": "output", "units": None},
                ],
                data={"kind": "digits"},
            ),
            {"methods": ["guided"]},
            (
                "no ReLU is on the way to 'output', so guided backprop would be the plain gradient; expected "
                "a network with ReLUs, or 'methods' of saliency, grad_cam, integrated_gradients, smooth_grad$"
            ),
        ),
        (
            cnn(),
            {"node": "output"},
            "node 'output' gives a vector; expected one with feature maps: conv1, norm1, relu1, pool1",
        ),
        (dense(), {"node": "output"}, "no node has feature maps for Grad-CAM: leave 'node' out"),
        (
            dense(),
            {"node": "conv1"},
            "'conv1' names no node; expected one of flatten1, linear1, relu1",
        ),
        (cnn(), {"input": SampleInput(index=10**6)}, "sample 1000000 of the test set; expected one of 0 to"),
        (cnn(), {"input": ValuesInput(values=[0.0] * 3)}, "3 numbers for a sample of 'digits'; expected 64"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(tried: Any, options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Attribution(**options).prepare(Trainer(tried))


@pytest.mark.parametrize(
    ("tried", "possible"),
    [
        (picture_network(), list(METHODS)),
        (picture_network(relu="gelu"), ["saliency", "grad_cam", "integrated_gradients", "smooth_grad"]),
        (picture_network(relu="tanh"), ["saliency", "grad_cam", "integrated_gradients", "smooth_grad"]),
        (dense(), ["saliency", "deconvnet", "guided", "integrated_gradients", "smooth_grad"]),
        (dense("tanh"), ["saliency", "integrated_gradients", "smooth_grad"]),
    ],
)
def test_left_out_the_methods_are_those_that_the_network_allows(
    tried: Experiment, possible: list[str]
) -> None:
    trainer = Trainer(tried)
    (frame,) = Look(probe=Attribution()).compute(trainer)
    SanityCheck().check(trainer.plan)
    *_, forgotten = SanityCheck().compute(trainer)
    for arrays in (frame.arrays, forgotten.arrays):
        assert [METHODS[place] for place in arrays["methods"]] == possible
    assert frame.arrays["maps"].shape[0] == forgotten.arrays["maps"].shape[1] == len(possible)


def test_a_method_that_is_not_possible_is_refused_before_a_worker_is_bothered() -> None:
    plan = Trainer(picture_network(relu="gelu")).plan
    with pytest.raises(ValueError, match=r"GELU.*or 'methods' of saliency, grad_cam, integrated_gradients"):
        SanityCheck(methods=["saliency", "guided"]).check(plan)


def test_the_layers_of_a_network_are_its_convolutions_with_what_follows() -> None:
    plan = Trainer(picture_network()).plan
    assert layers(plan) == ["relu1", "relu2"]
    assert last_maps(plan) == "relu2"
    assert layers(Trainer(cnn()).plan) == ["relu1"]
    assert layers(Trainer(dense()).plan) == ["relu1", "output"]


def test_a_look_is_the_probe_on_a_snapshot(trainer: Trainer) -> None:
    probe = Attribution(methods=["guided", "grad_cam"])
    (frame,) = Look(probe=probe).compute(trainer)
    arrays = probe.prepare(trainer)()
    assert frame.done == 1
    assert same(frame.arrays, arrays)


def test_a_look_goes_on_until_all_is_seen(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.probes.features.SEARCH", 1)  # four images at a time
    frames = list(Look(probe=Features(node="relu2", images=10)).compute(trainer))
    assert [frame.arrays["seen"].tolist() for frame in frames][-1] == [10, 10]
    assert len(frames) >= 3
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    assert frames[-1].done == 1


# Occlusion -----------------------------------------------------------------------------------------------


def test_both_scorings_are_of_the_covered_image(trainer: Trainer) -> None:
    study = Occlusion(input=SampleInput(index=1), size=9, stride=5, grey=0.25, target=2)
    *_, last = study.compute(trainer)
    raw, x = trainer.data.test.raw[1:2].float(), trainer.data.test.inputs[1:2]
    assert last.arrays["probability"].shape == (5, 5)
    maps = trainer.evaluation_network(x)["relu2"][0].flatten(1).sum(dim=1)
    assert int(last.arrays["channel"]) == int(maps.argmax())
    for row, column in ((0, 0), (1, 3), (4, 4)):
        covered = raw.clone()
        covered[..., 5 * row : 5 * row + 9, 5 * column : 5 * column + 9] = 255 * 0.25
        with torch.no_grad():
            seen = trainer.evaluation_network(trainer.data.transform(covered).double())
        shares = seen["output"].softmax(dim=1)[0]
        assert float(last.arrays["probability"][row, column]) == pytest.approx(float(shares[2]))
        assert int(last.arrays["class"][row, column]) == int(shares.argmax())
        strongest = seen["relu2"][0, int(maps.argmax())].sum()
        assert float(last.arrays["activation"][row, column]) == pytest.approx(float(strongest))
    grey = trainer.data.transform(torch.full_like(raw, 255 * 0.25)).double()
    score = Explanation(trainer, 2, x).score
    expected = drops(score, x, grey, OccluderGrid((28, 28), 9, 5)).float()
    torch.testing.assert_close(last.arrays["drop"], expected)


def test_occlusion_shows_how_far_it_has_come(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.engine.studies.occlusion.AT_ONCE", 10 * trainer.plan.macs)
    frames = list(Occlusion(size=7, stride=5).compute(trainer))
    assert [round(frame.done * 36) for frame in frames] == [10, 20, 30, 36]
    assert int(frames[0].arrays["probability"].isnan().sum()) == 26
    assert int((frames[0].arrays["class"] == -1).sum()) == 26
    assert not frames[-1].arrays["probability"].isnan().any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 29}, "a square of 29 covers an image of 28×28; expected a size of at most 28"),
        (
            {"node": "output"},
            "node 'output' gives a vector; expected one with feature maps: conv1, relu1, pool1, conv2, relu2",
        ),
        ({"node": "conv9"}, "'conv9' names no node; expected one with feature maps: conv1, relu1, pool1"),
    ],
)
def test_squares_that_cannot_slide_are_refused(trainer: Trainer, options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Occlusion(**options).check(trainer.plan)


# Occlusion, live -----------------------------------------------------------------------------------------


def test_looked_at_while_paused_the_square_comes_to_all_places_as_the_study_has_them(
    trainer: Trainer,
) -> None:
    options: Any = {"input": SampleInput(index=1), "size": 9, "stride": 5, "target": 2}
    look: Any = LiveOcclusion(**options, places=10).prepare(trainer)
    assert int((look()["steps"] >= 0).sum()) == 10
    looks = 1
    while look.more:
        arrays = look()
        looks += 1
    assert looks == 3  # 25 places, ten at a time
    *_, last = Occlusion(**options).compute(trainer)
    assert arrays.keys() == last.arrays.keys()
    for name, expected in last.arrays.items():
        torch.testing.assert_close(arrays[name], expected, msg=name)


def test_while_training_each_place_is_as_it_was_at_its_step_and_training_is_as_if_unwatched() -> None:
    slow = picture_network().document()
    # So that the strongest map stays the strongest; another would begin the map anew.
    slow["training"]["updates"][0]["optimizer"]["learning_rate"] = 1e-3
    trainer, alone = (Trainer(Experiment.parse(slow)) for _ in range(2))
    losses(trainer, 6)
    losses(alone, 6)
    look: Any = LiveOcclusion(input=SampleInput(index=1), size=9, stride=5, target=2, places=8).prepare(
        trainer
    )
    snapshots = {}
    for _ in range(7):
        trainer.step()
        alone.step()
        snapshots[trainer.steps_taken] = copy.deepcopy(trainer.evaluation_network)
        arrays = look()
    assert same(trainer.state(), alone.state())
    steps = arrays["steps"]
    assert set(steps.unique().tolist()) == {10, 11, 12, 13}  # 25 places take four looks of eight
    raw = trainer.data.test.raw[1:2].float()
    low, high = arrays["input.range"].tolist()
    x, fallen = trainer.data.test.inputs[1:2], torch.zeros(5, 5, dtype=torch.float64)
    for row in range(5):
        for column in range(5):
            network = snapshots[int(steps[row, column])]
            covered = raw.clone()
            covered[..., 5 * row : 5 * row + 9, 5 * column : 5 * column + 9] = low + 0.5 * (high - low)
            with torch.no_grad():
                before = network(x)["output"][0]
                after = network(trainer.data.transform(covered).to(x))["output"][0]
            assert float(arrays["probability"][row, column]) == pytest.approx(
                float(after.softmax(0)[2]), abs=1e-6
            )
            fallen[row, column] = before[2] - after[2]
    for pixel in ((0, 0), (6, 6), (13, 20)):  # of so many squares that cover it
        over = [[5 * place <= at < 5 * place + 9 for place in range(5)] for at in pixel]
        mean = fallen[torch.tensor(over[0])][:, torch.tensor(over[1])].mean()
        assert float(arrays["drop"][pixel]) == pytest.approx(float(mean), abs=1e-5)


def test_another_class_that_the_network_comes_to_say_begins_the_map_anew() -> None:
    trainer = Trainer(picture_network())
    look: Any = LiveOcclusion(size=9, stride=5, places=25).prepare(trainer)
    said = int(look()["target"])
    bias = trainer.network.get_parameter("output.bias")
    with torch.no_grad():
        bias[(said + 1) % len(bias)] += 100
    trainer.step()
    look._fixed = 3
    arrays = look()
    assert int(arrays["target"]) == (said + 1) % len(bias)
    assert int((arrays["steps"] >= 0).sum()) == 3


def test_a_pace_settles_at_what_the_time_allows() -> None:
    sizer = BatchSizer(1, seconds=0.03)
    for _ in range(10):
        sizer.record(sizer.at_once, 0.002 * sizer.at_once)
    assert sizer.at_once == 15
    sizer.record(15, 3.0)
    assert sizer.at_once == 7  # a moment in which the machine was busy is not believed at once
    for _ in range(10):
        sizer.record(sizer.at_once, 1.0 * sizer.at_once)
    assert sizer.at_once == 1


@pytest.mark.parametrize("count", [1, 2, 3, 7, 25, 36, 169, 1000])
def test_places_are_taken_once_each_and_spread(count: int) -> None:
    order = scattered(count)
    assert sorted(order.tolist()) == list(range(count))
    if count >= 25:
        part = sorted(order[: count // 4].tolist())
        gaps = [after - before for before, after in pairwise(part)]
        assert max(gaps) <= 12  # a quarter of the places: four apart on average


# The sanity check ----------------------------------------------------------------------------------------


def test_the_network_forgets_from_the_answer_down_and_the_run_forgets_nothing(trainer: Trainer) -> None:
    before = trainer.state()
    frames = list(SanityCheck(methods=["saliency", "guided"], seed=3).compute(trainer))
    last = frames[-1].arrays
    nodes = [trainer.plan.nodes[place].name if place >= 0 else None for place in last["nodes"].tolist()]
    assert nodes == [None, "output", "conv2", "conv1"]
    assert last["correlations"][0].tolist() == pytest.approx([1, 1])
    assert (last["correlations"][1:] < 0.999).all()
    assert same(trainer.state(), before)
    assert frames[0].arrays["correlations"].isnan().sum() == 7
    # The last stage is a network that was never trained: that of another seed.
    document = trainer.experiment.document()
    fresh = Trainer(type(trainer.experiment).parse({**document, "seed": document["seed"] + 4}))
    x = trainer.data.test.inputs[:1]
    explanation = Explanation(trainer, int(last["target"]), x, network=fresh.evaluation_network)
    expected = explanation.picture("saliency")
    found = values({name: array[-1, 0] for name, array in last.items() if name.startswith("maps")}, "maps")
    assert (found - expected).abs().max() <= float(expected.max()) / 127


def test_batch_norm_forgets_its_statistics_too() -> None:
    trainer = Trainer(cnn())
    losses(trainer, 3)
    *_, last = SanityCheck(methods=["saliency"]).compute(trainer)
    names = [trainer.plan.nodes[place].name for place in last.arrays["nodes"][1:]]
    assert names == ["output", "norm1", "conv1"]


# The first layer -----------------------------------------------------------------------------------------


def test_dead_filters_and_aliasing_are_counted() -> None:
    trainer = Trainer(picture_network())
    module = trainer.network.get_submodule("conv1")
    assert isinstance(module, nn.Conv2d)
    assert module.bias is not None
    column = torch.arange(5, dtype=torch.float64)
    with torch.no_grad():
        module.bias.zero_()
        module.weight[0], module.bias[0] = 0, -1.0  # dead
        module.weight[1] = 1 / 25  # smooth: low frequencies
        module.weight[2] = (-1) ** column  # as fine as can be
    *_, last = FirstLayer(set="test").compute(trainer)
    found = last.arrays
    assert (int(found["stride"]), int(found["kernel"])) == (2, 5)
    assert [float(found["strongest"][0]), float(found["alive"][0])] == [0, 0]
    assert float(found["fine"][1]) < 0.2 < 0.9 < float(found["fine"][2])
    assert float(found["aliased"][1]) < float(found["aliased"][2])
    with torch.no_grad():
        maps = trainer.evaluation_network(trainer.data.test.inputs[:])["relu1"]
    torch.testing.assert_close(found["strongest"], maps.amax(dim=(0, 2, 3)).float())
    torch.testing.assert_close(found["alive"], (maps.amax(dim=(2, 3)) > 0).double().mean(dim=0).float())


@pytest.mark.parametrize(
    "options", [{"kernel": 3, "dilation": 2, "stride": 2}, {"kernel": 11, "padding": "full", "stride": 3}]
)
def test_the_response_is_that_of_the_layer_with_its_borders_and_gaps(options: dict[str, Any]) -> None:
    network = [
        {"kind": "conv2d", "filters": 4, **options},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    trainer = Trainer(experiment(network, data={"kind": "digits"}))
    module = trainer.network.get_submodule("conv2d1")
    assert isinstance(module, nn.Conv2d)
    *_, last = FirstLayer(set="test", images=20).compute(trainer)
    dense = copy.deepcopy(module)
    dense.stride = (1, 1)
    with torch.no_grad():
        response = dense(trainer.data.test.inputs[:20])
    response = response - response.mean(dim=(2, 3), keepdim=True)
    power = torch.fft.fft2(response).abs().square().sum(dim=0)
    expected = beyond_nyquist(power, options["stride"], centred=False)
    torch.testing.assert_close(last.arrays["aliased"], expected.float())


def test_without_a_stride_nothing_aliases() -> None:
    *_, last = FirstLayer(images=40).compute(Trainer(cnn()))
    assert float(last.arrays["fine"].abs().max()) == 0
    assert float(last.arrays["aliased"].abs().max()) == 0
    with pytest.raises(ValueError, match="expected a network whose first layer is one"):
        FirstLayer().check(
            Trainer(
                experiment(
                    [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}],
                    data={"kind": "digits"},
                )
            ).plan
        )
