"""What excites feature maps most: leaderboards, boxes, projections, and the probe that shows them."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from glassnet.engine.attribution.chunks import in_chunks
from glassnet.engine.attribution.input_regions import boxes, crops
from glassnet.engine.attribution.projection import Projected, project
from glassnet.engine.attribution.rules import Rule, backproject
from glassnet.engine.attribution.top_activations import NO_IMAGE, Scan, TopActivations
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import decode
from glassnet.engine.probes import IncrementalLook
from glassnet.engine.probes.features import Features
from glassnet.engine.probes.projection import Projection
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.studies.feature_atlas import FeatureAtlas
from glassnet.engine.training.trainer import Trainer
from tests.engine.attributions import picture_network
from tests.engine.experiments import cnn, experiment, losses, mlp, same


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    trainer = Trainer(picture_network())
    losses(trainer, 8)
    return trainer


def view(trainer: Trainer) -> SignalView:
    return SignalView(trainer.evaluation_network, trainer.plan)


def brute_force(trainer: Trainer, node: str, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Values, images and places of the strongest activations, one of an image, by sorting everything."""
    with torch.no_grad():
        maps = trainer.evaluation_network(trainer.data.test.inputs[:])[node].flatten(2)
    values, places = maps.max(dim=2)
    order = values.argsort(dim=0, descending=True, stable=True)[:count].t()  # (maps, count)
    columns = torch.arange(maps.shape[1])[:, None]
    return values[order, columns], order, places[order, columns]


@pytest.mark.parametrize("node", ["relu1", "pool1", "conv2", "relu2", "output"])
def test_a_whole_scan_equals_brute_force(trainer: Trainer, node: str) -> None:
    maps = trainer.plan[node].shape[0]
    board = TopActivations(maps, 5, dtype=torch.float64)
    scan = Scan(view(trainer), node, trainer.data.test.inputs, board)
    assert list(scan.scan_all(step=8))[-1] == 1
    if node == "output":  # units of a dense layer are maps of one number
        with torch.no_grad():
            values = trainer.evaluation_network(trainer.data.test.inputs[:])[node]
        assert torch.equal(board.images, values.argsort(dim=0, descending=True, stable=True)[:5].t())
        return
    values, images, places = brute_force(trainer, node, 5)
    torch.testing.assert_close(board.values, values)
    alive = values > 0
    assert torch.equal(board.images[alive], images[alive])
    assert torch.equal(board.positions[alive], places[alive])
    assert bool((board.steps == 8).all())


def test_a_scan_piece_by_piece_ends_where_a_whole_one_does(trainer: Trainer) -> None:
    inputs = trainer.data.test.inputs
    whole, bit = (TopActivations(5, 4, dtype=torch.float64) for _ in range(2))
    for _ in Scan(view(trainer), "conv2", inputs, whole).scan_all(0):
        pass
    scan = Scan(view(trainer), "conv2", inputs, bit, at_once=5)
    seen = []
    while scan.seen < len(inputs):
        scan.scan_next(step=0)
        seen.append(scan.seen)
    assert seen == [5, 10, 12]
    assert torch.equal(bit.images, whole.images)
    torch.testing.assert_close(bit.values, whole.values)


def test_an_image_that_is_seen_again_competes_anew_and_is_there_once() -> None:
    board = TopActivations(1, 3)
    board.offer(torch.tensor([[5.0], [4.0], [3.0], [2.0]])[..., None], first=0, step=1)
    assert board.images.tolist() == [[0, 1, 2]]
    board.offer(torch.tensor([[1.0], [9.0]])[..., None], first=0, step=2)
    assert board.images.tolist() == [[1, 2, 0]]
    assert board.values.tolist() == [[9, 3, 1]]
    assert board.steps.tolist() == [[2, 1, 2]]
    assert TopActivations(1, 2).images.tolist() == [[NO_IMAGE, NO_IMAGE]]


def test_an_entry_that_is_found_weaker_makes_room_for_the_next() -> None:
    board = TopActivations(2, 4)
    board.offer(torch.tensor([[5.0, 1.0], [4.0, 2.0], [3.0, 3.0]])[..., None], first=0, step=1)
    board.correct(torch.tensor([0]), torch.tensor([[0.5, 4.5]]), torch.tensor([[7, 8]]), step=6)
    assert board.images.tolist() == [[1, 2, 0, NO_IMAGE], [2, 1, 0, NO_IMAGE]]
    assert board.values[0, :3].tolist() == [4.5, 3, 0.5]
    assert board.steps[0, :3].tolist() == [6, 1, 6]
    assert board.positions[0, :3].tolist() == [8, 0, 7]


@pytest.mark.parametrize("node", ["conv1", "relu1", "pool1", "relu2"])
def test_a_box_is_where_the_input_matters(trainer: Trainer, node: str) -> None:
    """The gradient of every place reaches its receptive field, to the edge, and nothing beyond.

    At the borders it may end sooner: where a layer between sees padding instead of the image.
    """
    shape = trainer.plan[node].shape
    linear = Experiment.parse(_without_relus(trainer.experiment.document()))
    plain = Trainer(linear)
    for parameter in plain.network.parameters():
        parameter.data.uniform_(0.5, 1)  # nothing cancels
    generator = torch.Generator().manual_seed(0)
    for place in (0, shape[2] - 1, shape[2] + 2, shape[1] * shape[2] - 1):
        reached = torch.zeros(28, 28, dtype=torch.bool)
        for _ in range(40):  # each time, other places hold the maxima of the pool
            x = torch.rand(1, 3, 28, 28, dtype=torch.float64, generator=generator).requires_grad_()
            plain.evaluation_network(x, until=node)[node].flatten(2)[0, 0, place].backward()
            assert x.grad is not None
            reached |= (x.grad[0] != 0).any(dim=0)
        rows, columns = reached.any(dim=1).nonzero(), reached.any(dim=0).nonzero()
        found = [int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1]
        (box,) = boxes(trainer.plan, node, torch.tensor([place])).tolist()
        if box[0] > 0 and box[1] > 0 and box[2] < 28 and box[3] < 28:
            assert box == found
        assert box[0] <= found[0]
        assert box[1] <= found[1]
        assert box[2] >= found[2]
        assert box[3] >= found[3]
        assert max(abs(one - other) for one, other in zip(box, found, strict=True)) <= 1


def _without_relus(document: dict[str, Any]) -> dict[str, Any]:
    nodes = [
        {"kind": "identity", "name": n["name"]} if n["kind"] == "relu" else n for n in document["network"]
    ]
    return {**document, "network": nodes}


def test_crops_begin_top_left_and_end_with_the_box() -> None:
    image = torch.arange(16.0).view(1, 1, 4, 4)
    (tile,) = crops(image, torch.tensor([[2, 1, 4, 4]]), (3, 3))
    assert tile.tolist() == [[[9, 10, 11], [13, 14, 15], [0, 0, 0]]]


@pytest.mark.parametrize("rule", ["gradient", "deconvnet", "guided"])
@pytest.mark.parametrize("seed", ["strongest", "map"])
def test_many_projections_at_once_equal_one_after_the_other(trainer: Trainer, rule: Rule, seed: Any) -> None:
    inputs, channels = trainer.data.test.inputs[:6], torch.tensor([0, 1, 2, 3, 4, 0])
    together = project(view(trainer), "relu2", inputs, channels, rule=rule, seed=seed)
    for pair, channel in enumerate(channels):
        source = inputs[pair : pair + 1].clone().requires_grad_()
        target = trainer.evaluation_network(source)["relu2"]
        plain = target.detach()[0, channel].flatten()
        wanted = torch.zeros_like(target)
        if seed == "map":
            wanted[0, channel] = target.detach()[0, channel]
        else:
            wanted[0, channel].view(-1)[plain.argmax()] = plain.max()
        expected = backproject(target, wanted, source, rule)[0]
        torch.testing.assert_close(together.signals[pair], expected)
        assert together.values[pair] == pytest.approx(float(plain.max()))


def test_the_value_of_the_seed_is_only_a_scale(trainer: Trainer) -> None:
    inputs, channels = trainer.data.test.inputs[:3], torch.tensor([0, 1, 2])
    as_is = project(view(trainer), "relu2", inputs, channels)
    one = project(view(trainer), "relu2", inputs, channels, value="one")
    torch.testing.assert_close(as_is.signals, one.signals * as_is.values[:, None, None, None])


def test_memory_decides_how_many_go_down_at_once_and_nothing_else(trainer: Trainer) -> None:
    inputs, channels = trainer.data.test.inputs[:7], torch.arange(7) % 5
    results = [project(view(trainer), "relu2", inputs, channels, most=most) for most in (1, 30_000, 10**9)]
    for found in results[1:]:
        torch.testing.assert_close(found.signals, results[0].signals)


def test_pieces_are_halved_where_memory_runs_out() -> None:
    tried = []

    def compute(start: int, stop: int) -> int:
        tried.append(stop - start)
        if stop - start > 3:
            raise MemoryError
        return stop - start

    assert [found for _, _, found in in_chunks(10, 1, compute)] == [2] * 5
    assert tried[:3] == [10, 5, 2]
    with pytest.raises(MemoryError):
        list(in_chunks(1, 1, lambda start, stop: compute(0, 9)))


def test_local_normalisations_are_passed_by_unless_their_gradient_is_wanted() -> None:
    document = picture_network().document()
    norm = {"kind": "local_response_norm", "name": "norm1", "alpha": 0.5}
    document["network"].insert(2, norm)
    trainer = Trainer(Experiment.parse(document))
    x, channels = trainer.data.test.inputs[:2], torch.tensor([0, 1])
    found: dict[Any, Projected] = {
        way: project(SignalView(trainer.evaluation_network, trainer.plan, way), "norm1", x, channels)
        for way in ("identity", "gradient")
    }
    values = trainer.evaluation_network(x)
    strongest = values["norm1"].flatten(2)[[0, 1], [0, 1]].amax(dim=1)
    torch.testing.assert_close(found["identity"].values, strongest)
    relu = project(view(trainer), "relu1", x, channels, value="one")
    ahead = (slice(None), None, None, None)
    torch.testing.assert_close(
        found["identity"].signals / found["identity"].values[ahead], relu.signals, rtol=1e-6, atol=1e-9
    )
    assert (found["identity"].signals - found["gradient"].signals).abs().max() > 1e-3


# The probe -----------------------------------------------------------------------------------------------


def test_the_probe_comes_to_show_what_brute_force_finds(trainer: Trainer) -> None:
    look = Features(node="relu2", count=4, channels=[4, 1]).prepare(trainer)
    assert isinstance(look, IncrementalLook)
    arrays = look()
    while look.more:
        arrays = look()
    values, images, places = (each[[4, 1]] for each in brute_force(trainer, "relu2", 4))
    assert arrays["channels"].tolist() == [4, 1]
    assert torch.equal(arrays["images"].long(), images)
    assert torch.equal(arrays["positions"].long(), places)
    torch.testing.assert_close(arrays["values"], values.float())
    assert torch.equal(arrays["targets"].long(), trainer.data.test.targets[images])
    assert set(arrays["steps"].flatten().tolist()) == {trainer.steps_taken}
    top, left, bottom, right = arrays["boxes"][0, 0].tolist()
    patch = arrays["patches"][0, 0, :, : bottom - top, : right - left]
    assert torch.equal(patch, trainer.data.test.raw[images[0, 0]][:, top:bottom, left:right])
    expected = project(
        view(trainer), "relu2", trainer.data.test.inputs[images[0, :1]], torch.tensor([4])
    ).signals
    low, high = arrays["projections.range"][0, 0].tolist()
    shown = low + (high - low) * arrays["projections"][0, 0].double() / 255
    inside = shown[:, : bottom - top, : right - left]
    assert (inside - expected[0, :, top:bottom, left:right]).abs().max() <= high / 127 / 2 + 1e-6


def test_pictures_change_while_the_network_trains_and_say_of_when_they_are() -> None:
    trainer = Trainer(picture_network())
    look = Features(node="relu2", count=3, channels=[0]).prepare(trainer)
    look()
    before = look()
    losses(trainer, 5)
    after = look()
    assert after["projected"].tolist() == [trainer.steps_taken]
    assert not torch.equal(before["projections"], after["projections"])
    assert int(after["steps"].max()) == trainer.steps_taken


def test_looking_changes_neither_the_training_nor_anything_else(trainer: Trainer) -> None:
    watched, alone = (Trainer(picture_network()) for _ in range(2))
    look = Features(node="relu2").prepare(watched)
    for _ in range(5):
        watched.step()
        alone.step()
        look()
    assert same(watched.state(), alone.state())
    for network in (watched.network, watched.evaluation_network):
        assert all(parameter.grad is None for parameter in network.parameters())
        assert all(not module._forward_hooks and not module._backward_hooks for module in network.modules())
    assert watched.network.training
    assert not watched.evaluation_network.training


@pytest.mark.parametrize("ends", ["early", "failing"])
def test_a_study_that_does_not_end_leaves_nothing_behind(ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(picture_network())
    state = trainer.state()
    work = FeatureAtlas(count=2).compute(trainer)
    next(work)
    if ends == "early":
        work.close()  # type: ignore[attr-defined]
    else:
        monkeypatch.setattr("glassnet.engine.probes.features.project", _fails)
        with pytest.raises(RuntimeError, match="on purpose"):
            list(work)
    del work
    gc.collect()
    assert same(trainer.state(), state)
    for module in trainer.evaluation_network.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
    assert all(parameter.grad is None for parameter in trainer.evaluation_network.parameters())
    assert torch.is_grad_enabled()


def _fails(*args: object, **kwargs: object) -> None:
    raise RuntimeError("on purpose")


def test_the_atlas_shows_each_layer_as_brute_force_would(trainer: Trainer) -> None:
    *_, last = FeatureAtlas(maps=3, count=4).compute(trainer)
    assert last.done == 1
    names = [trainer.plan.nodes[place].name for place in last.arrays["layers"]]
    assert names == ["relu1", "relu2"]
    for node in names:
        values, images, _ = brute_force(trainer, node, 4)
        strongest = values[:, 0].argsort(descending=True, stable=True)[:3]
        assert torch.equal(last.arrays[f"{node}/channels"].long(), strongest)
        alive = values[strongest] > 0
        assert torch.equal(last.arrays[f"{node}/images"].long()[alive], images[strongest][alive])
        assert int(last.arrays[f"{node}/dead"]) == int((values[:, 0] <= 0).sum())


def test_a_projection_of_a_chosen_image_is_that_of_the_engine(trainer: Trainer) -> None:
    probe = Projection(node="relu2", channel=3)
    arrays = probe.prepare(trainer)()
    expected = project(view(trainer), "relu2", trainer.data.test.inputs[:1], torch.tensor([3]))
    low, high = arrays["projection.range"].tolist()
    shown = low + (high - low) * arrays["projection"].double() / 255
    assert (shown - expected.signals[0]).abs().max() <= high / 127 / 2 + 1e-6
    assert torch.equal(arrays["input"], trainer.data.test.raw[0])
    assert float(arrays["value"]) == pytest.approx(float(expected.values[0]))


GELU: list[dict[str, Any]] = [
    {"kind": "conv2d", "name": "conv1", "filters": 4},
    {"kind": "silu", "name": "silu1"},
    {"kind": "conv2d", "name": "conv2", "filters": 4},
    {"kind": "flatten"},
    {"kind": "linear", "name": "output", "units": None},
]


@pytest.mark.parametrize(
    ("tried", "options", "words"),
    [
        (mlp(4), {"node": "linear1"}, "numbers without places; expected signals, images, volumes"),
        (cnn(), {"node": "conv9"}, "'conv9' names no node; expected one with feature maps: conv1, norm1"),
        (
            cnn(),
            {"node": "relu1", "channels": [1, 4]},
            "has 4 feature maps; expected a channel of 0 to 3, not 4",
        ),
        (
            experiment(GELU, data={"kind": "digits"}),
            {"node": "conv2"},
            (
                "node 'silu1' is SiLU, for which the deconvnet has no rule; expected ReLU or leaky ReLU on "
                "the way to 'conv2', or the rule 'gradient'"
            ),
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_can(
    tried: Experiment, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        Features(**options).prepare(Trainer(tried))
    if "channels" not in options and "conv9" not in options.values():
        with pytest.raises(ValueError, match=words.replace("(", r"\(")):
            FeatureAtlas(nodes=[options["node"]]).check(Trainer(tried).plan)


def test_before_the_first_non_linearity_there_is_always_a_projection() -> None:
    trainer = Trainer(experiment(GELU, data={"kind": "digits"}))
    arrays = Features(node="conv1", count=2).prepare(trainer)()
    module = trainer.evaluation_network.get_submodule("conv1")
    assert isinstance(module, nn.Conv2d)
    level = arrays["projections"][0, 0].double() - 128
    kernel = module.weight[0].detach().double()
    assert torch.equal(level.sign(), (127 * kernel / kernel.abs().max()).round().sign())


def test_a_paused_run_searches_on_until_all_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("glassnet.engine.probes.features.SEARCH", 1)  # four images a look
    outlet = Collected()
    session = Session(RunDirectory.create(tmp_path / "run", picture_network(), run="run"), outlet)
    session.handle({"type": "watch", "probes": [{"kind": "features", "node": "relu2", "hz": 30}]})
    while session.advance() is not None:
        pass
    frames = [decode(data)[1] for key, data in outlet.frames if key not in outlet.scalars]
    assert [frame["seen"].tolist() for frame in frames] == [[4, 12], [8, 12], [12, 12]]
    session.close()


class Collected:
    """What a session shows."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, bytes]] = []
        self.scalars: set[str] = set()

    def text(self, message: dict[str, Any]) -> None:
        pass

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        self.frames.append((key, data))
        if scalar:
            self.scalars.add(key)
