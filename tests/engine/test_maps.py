"""Activation maps, filters and arithmetic, against the exported script and against torch asked directly."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.export.python import script
from glassnet.engine.frame import decode, encode
from glassnet.engine.probes import Picture
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment, mlp

DIGITS: Document = {"kind": "digits"}
THIRD: Document = {"kind": "sample", "set": "train", "index": 3}

NODES: list[Document] = [
    {"kind": "conv2d", "name": "conv1", "filters": 6, "padding": "same"},
    {"kind": "batch_norm", "name": "norm1"},
    {"kind": "relu", "name": "relu1"},
    {"kind": "max_pool2d", "name": "pool1"},
    {"kind": "conv2d", "name": "conv2", "filters": 5, "kernel": 3, "stride": 2, "padding": 1},
    {"kind": "tanh", "name": "tanh1"},
    {"kind": "flatten", "name": "flat"},
    {"kind": "linear", "name": "output", "units": None},
]


def digits(nodes: list[Document] = NODES, **training: Any) -> Experiment:
    return experiment(nodes, data=DIGITS, **{"batch_size": 32, "epochs": 2, **training})


def look(trainer: Trainer, **options: Any) -> dict[str, np.ndarray]:
    """The arrays of a probe as they come out of a frame."""
    (probe,) = parse_probes([options])
    assert isinstance(probe, Picture)
    return decode(encode({}, probe.prepare(trainer)()))[1]


def trained(nodes: list[Document] = NODES, steps: int = 20, **options: Any) -> Trainer:
    trainer = Trainer(digits(nodes), **options)
    for _ in range(steps):
        trainer.step()
    return trainer


class _Silent:
    def text(self, message: dict[str, Any]) -> None: ...

    def frame(self, key: str, data: bytes, scalar: bool) -> None: ...


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trainer, dict[str, Tensor]]:
    """A trained session's trainer, and what the exported script makes of its checkpoint and test sample 7."""
    folder = tmp_path_factory.mktemp("exported")
    made = digits()
    session = Session(RunDirectory.create(folder / "run", made, run="run"), _Silent())
    session.handle({"type": "step", "steps": 30})
    while session.state == "training":
        session.advance()
    session.close()
    text, files = script(made)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "exported.py").write_text(text)
    exported = imported(folder / "exported.py")
    state = safetensors.torch.load_file(folder / "run" / "checkpoints" / "latest.safetensors")
    network = exported.Network(dropout=torch.Generator())
    network.load_state_dict(
        {
            name.partition("/")[2]: tensor
            for name, tensor in state.items()
            if name.startswith(("parameters/", "buffers/"))
        }
    )
    network.eval()
    seen: dict[str, Tensor] = {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output[0]}))
    sample = exported.data()[2][7:8]
    with torch.no_grad():
        network(sample)
    return session.trainer, seen | {"input": sample[0]}


@pytest.mark.parametrize("replay", [True, False])
def test_maps_on_the_wire_are_those_of_the_exported_script_and_the_checkpoint(
    by_hand: tuple[Trainer, dict[str, Tensor]], replay: bool
) -> None:
    trainer, seen = by_hand
    if not replay:
        other = Trainer(trainer.experiment, replay=False)
        other.load(trainer.state())
        trainer = other
    arrays = look(trainer, kind="activation_maps", input={"kind": "sample", "set": "test", "index": 7})
    maps = {name.removeprefix("maps/") for name in arrays if name.startswith("maps/") and "." not in name}
    assert maps == {"input", "conv1", "norm1", "relu1", "pool1", "conv2", "tanh1"}
    for name in maps:
        levels, ranges = arrays[f"maps/{name}"], arrays[f"maps/{name}.range"].astype(np.float64)
        assert levels.dtype == np.uint8
        assert levels.shape == seen[name].shape
        low, high = ranges[:, 0, None, None], ranges[:, 1, None, None]
        quantum = (high - low) / 255
        wrong = np.abs(low + levels * quantum - seen[name].double().numpy())
        assert (wrong <= quantum * 0.5 + 1e-6).all(), name
    for name in ("flat", "output"):
        np.testing.assert_allclose(arrays[f"values/{name}"], seen[name].numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(arrays["answer"], torch.softmax(seen["output"], 0).numpy(), atol=1e-6)


def test_maps_as_half_precision_numbers_are_right_to_a_thousandth(
    by_hand: tuple[Trainer, dict[str, Tensor]],
) -> None:
    trainer, seen = by_hand
    chosen = {"kind": "sample", "set": "test", "index": 7}
    arrays = look(trainer, kind="activation_maps", input=chosen, encoding="float16", nodes=["conv1", "tanh1"])
    for name in ("conv1", "tanh1"):
        assert arrays[f"maps/{name}"].dtype == np.float16
        np.testing.assert_allclose(arrays[f"maps/{name}"], seen[name].numpy(), rtol=1e-3, atol=1e-6)


def test_maps_follow_the_training_and_leave_it_as_it_was() -> None:
    trainer, other = Trainer(digits()), Trainer(digits())
    (probe,) = parse_probes([{"kind": "activation_maps"}])
    assert isinstance(probe, Picture)
    shown = probe.prepare(trainer)
    first = {name: array.clone() for name, array in shown().items()}
    for _ in range(10):
        trainer.step()
        other.step()
        shown()
    assert not torch.equal(shown()["maps/conv1.range"], first["maps/conv1.range"])
    state, expected = trainer.state(), other.state()
    assert all(torch.equal(state[name], expected[name]) for name in expected)


def test_the_sample_is_sent_as_the_data_set_has_it_with_its_class() -> None:
    trainer = trained(steps=0)
    arrays = look(
        trainer, kind="activation_maps", nodes=[], input={"kind": "sample", "set": "train", "index": 3}
    )
    raw = trainer.data.train.raw[3].float().numpy()
    low, high = arrays["sample.range"]
    np.testing.assert_allclose(
        low + arrays["sample"] / 255 * (high - low), raw, atol=(high - low) / 510 + 1e-6
    )
    assert arrays["target"] == int(trainer.data.train.targets[3])


def test_typed_values_are_shown_to_the_network() -> None:
    trainer = trained(steps=0)
    pixels = [float(value) for value in trainer.data.test.raw[2].flatten()]
    typed = look(trainer, kind="activation_maps", input={"kind": "values", "values": pixels})
    sample = look(trainer, kind="activation_maps", input={"kind": "sample", "set": "test", "index": 2})
    assert "target" not in typed
    np.testing.assert_array_equal(typed["maps/tanh1"], sample["maps/tanh1"])


def test_what_is_not_sent_in_full_says_how_much_there_is() -> None:
    trainer = trained(steps=0)
    arrays = look(trainer, kind="activation_maps", most=4, side=4)
    assert arrays["maps/conv1"].shape == (4, 4, 4)
    assert arrays["maps/conv1.shape"].tolist() == [6, 8, 8]
    assert arrays["values/flat"].shape == (4,)
    assert arrays["values/flat.shape"].tolist() == [20]
    assert "maps/pool1.shape" in arrays
    assert "maps/input.shape" in arrays
    whole = look(trainer, kind="activation_maps", encoding="float16")["maps/conv1"].astype(np.float64)
    halves = look(trainer, kind="activation_maps", encoding="float16", side=4)["maps/conv1"]
    np.testing.assert_allclose(halves, whole.reshape(6, 4, 2, 4, 2).mean((2, 4)), atol=2e-3)


def test_a_network_among_vectors_has_values_and_no_maps() -> None:
    arrays = look(Trainer(mlp(5, 3)), kind="activation_maps")
    assert {name for name in arrays if name.startswith("maps/")} == set()
    assert arrays["values/tanh2"].shape == (3,)
    assert arrays["sample"].shape == (2,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nodes": ["nowhere"]}, "'nowhere' names no node; expected one of input, conv1"),
        ({"input": {"kind": "sample", "index": 10**6}}, "expected one of 0 to"),
        ({"input": {"kind": "values", "values": [1.0]}}, "expected 64"),
    ],
)
def test_maps_of_what_is_not_there_are_refused(options: Document, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        look(trained(steps=0), kind="activation_maps", **options)


# Peaks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [7, 2048])
def test_peaks_are_the_most_over_a_set_and_all_places(at_once: int) -> None:
    trainer = trained()
    trainer.evaluation_batch = at_once
    with torch.no_grad():  # a filter that nothing wakes
        trainer.network.get_parameter("norm1.bias")[2] = -1e3
    arrays = look(trainer, kind="peaks", set="train", most=50)
    values = trainer.evaluation_network(trainer.data.train.inputs[:50])
    assert arrays["samples"] == 50
    np.testing.assert_allclose(arrays["peak/relu1"], values["relu1"].detach().amax((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(arrays["peak/output"], values["output"].detach().amax(0), rtol=1e-4)
    assert arrays["peak/relu1"][2] == 0
    assert (np.delete(arrays["peak/relu1"], 2) > 0).all()


# Filters --------------------------------------------------------------------------------------------------


def read(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    ranges = arrays[f"{name}.range"].astype(np.float64)
    low, high = ranges[:, 0, None, None, None], ranges[:, 1, None, None, None]
    result: np.ndarray = low + arrays[name] / 255 * (high - low)
    return result


def test_filters_are_the_kernels_of_the_first_convolution() -> None:
    trainer = trained()
    arrays = look(trainer, kind="filters")
    weight = trainer.network.get_parameter("conv1.weight").detach().numpy()
    assert {name for name in arrays if "." not in name} == {"filter/conv1"}
    np.testing.assert_allclose(read(arrays, "filter/conv1"), weight, atol=np.ptp(weight) / 500)


def test_filters_of_a_chosen_layer_are_thinned_and_say_so() -> None:
    arrays = look(trained(), kind="filters", nodes=["conv2"], most=3, channels=2)
    assert arrays["filter/conv2"].shape == (3, 2, 3, 3)
    assert arrays["filter/conv2.shape"].tolist() == [5, 6, 3, 3]


def test_dense_units_that_look_at_pixels_have_pictures_for_filters() -> None:
    dense: list[Document] = [
        {"kind": "flatten"},
        {"kind": "linear", "name": "hidden", "units": 7},
        {"kind": "relu"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    trainer = trained(dense)
    arrays = look(trainer, kind="filters")
    assert {name for name in arrays if "." not in name} == {"filter/hidden"}
    weight = trainer.network.get_parameter("hidden.weight").detach().numpy()
    np.testing.assert_allclose(
        read(arrays, "filter/hidden"), weight.reshape(7, 1, 8, 8), atol=np.ptp(weight) / 500
    )


def test_filters_of_what_has_none_are_refused() -> None:
    with pytest.raises(ValueError, match="'pool1' has no filters; expected one of conv1, conv2"):
        look(trained(steps=0), kind="filters", nodes=["pool1"])
    with pytest.raises(ValueError, match="expected a convolution"):
        look(Trainer(mlp(3)), kind="filters")


# Arithmetic -----------------------------------------------------------------------------------------------


def windowed(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The windows (rows, columns, channels, h, w) of a padded input, and which of their pixels are real."""
    (height, width), (down, right) = arrays["size"], arrays["stride"]
    (above, left), (deep, wide) = arrays["padding"], arrays["dilation"]
    rows, columns = (1, *arrays["output"].shape)[-2:]
    channels, tall, broad = arrays["input"].shape
    windows = np.zeros((rows, columns, channels, height, width))
    real = np.zeros(windows.shape, dtype=bool)
    for y, x, j, i in np.ndindex(rows, columns, height, width):
        at = y * down - above + j * deep, x * right - left + i * wide
        if arrays.get("transposed", 0):
            at = y + above - j * deep, x + left - i * wide
            if at[0] % down or at[1] % right:
                continue
            at = at[0] // down, at[1] // right
        if 0 <= at[0] < tall and 0 <= at[1] < broad:
            windows[y, x, :, j, i] = arrays["input"][:, at[0], at[1]]
            real[y, x, :, j, i] = True
    return windows, real


def in_turn(array: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """An array of which places take turns, for each place."""
    turns: np.ndarray = array[np.arange(rows) % len(array)][:, np.arange(columns) % array.shape[1]]
    return turns


@pytest.mark.parametrize("unit", [0, 4])
def test_the_sum_of_the_products_and_the_bias_is_the_output(unit: int) -> None:
    trainer = trained()
    for node, after in (("conv1", ["norm1", "relu1"]), ("conv2", ["tanh1"])):
        arrays = look(trainer, kind="arithmetic", node=node, map=unit, through=after)
        windows, _ = windowed(arrays)
        total = (windows * in_turn(arrays["kernel"], *windows.shape[:2])).sum((2, 3, 4)) + arrays["bias"]
        np.testing.assert_allclose(total, arrays["output"], rtol=1e-5, atol=1e-5)
        shown = look(trainer, kind="activation_maps", nodes=after, encoding="float16")
        for name in after:
            np.testing.assert_allclose(
                arrays[f"after/{name}"], shown[f"maps/{name}"][unit], rtol=1e-3, atol=1e-6
            )


VARIANTS: dict[str, Document] = {
    "dilated": {"kind": "conv2d", "filters": 4, "dilation": 2, "padding": "same"},
    "oblong and full": {
        "kind": "conv2d",
        "filters": 4,
        "kernel": [2, 3],
        "stride": [1, 2],
        "padding": "full",
    },
    "in groups": {"kind": "conv2d", "filters": 6, "groups": 3},
    "without bias": {"kind": "conv2d", "filters": 4, "bias": False},
    "with a bias for each place": {"kind": "conv2d", "filters": 4, "bias_per": "location"},
    "by Fourier transforms": {"kind": "conv2d", "filters": 4, "method": "fft", "padding": 1},
    "depthwise": {"kind": "depthwise_conv2d", "multiplier": 2},
    "transposed": {"kind": "conv_transpose2d", "filters": 4, "kernel": 3, "stride": 2, "padding": 1},
    "unshared": {"kind": "unshared_conv2d", "filters": 3},
    "unshared with one bias": {"kind": "unshared_conv2d", "filters": 3, "bias_per": "channel"},
    "tiled": {"kind": "tiled_conv2d", "filters": 3, "tiles": 2, "padding": 1},
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_sum_is_the_output_of_every_kind_of_convolution(variant: Document) -> None:
    nodes: list[Document] = [
        {"kind": "conv2d", "filters": 6, "kernel": 3},
        {"kind": "tanh"},
        {"name": "looked_at", **variant},
        {"kind": "flatten"},
        {"kind": "linear", "units": None},
    ]
    trainer = trained(nodes, steps=5)
    for unit in (0, 2):
        arrays = look(trainer, kind="arithmetic", node="looked_at", map=unit)
        windows, _ = windowed(arrays)
        rows, columns = windows.shape[:2]
        total = (windows * in_turn(arrays["kernel"], rows, columns)).sum((2, 3, 4))
        if "bias" in arrays:
            total = total + in_turn(arrays["bias"], rows, columns)
        np.testing.assert_allclose(total, arrays["output"], rtol=1e-4, atol=1e-5)


POOLS: dict[str, Document] = {
    "largest, overlapping": {"kind": "max_pool2d", "kernel": 3, "stride": 2, "padding": 1},
    "mean": {"kind": "average_pool2d", "kernel": 2},
    "mean with padding": {"kind": "average_pool2d", "kernel": 3, "stride": 2, "padding": 1},
    "mean without padding": {
        "kind": "average_pool2d", "kernel": 3, "stride": 2, "padding": 1, "count_padding": False
    },
    "largest of all": {"kind": "global_max_pool"},
    "mean of all": {"kind": "global_average_pool"},
}  # fmt: skip


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
def test_every_kind_of_pooling_can_be_followed(pool: Document) -> None:
    nodes: list[Document] = [
        {"kind": "conv2d", "filters": 4},
        {"name": "looked_at", **pool},
        *([] if "global" in pool["kind"] else [{"kind": "flatten"}]),
        {"kind": "linear", "units": None},
    ]
    arrays = look(trained(nodes, steps=5), kind="arithmetic", node="looked_at", map=2)
    windows, real = windowed(arrays)
    whole = {
        0: np.where(real, windows, -np.inf).max((2, 3, 4)),
        1: windows.mean((2, 3, 4)),
        2: windows.sum((2, 3, 4)) / real.sum((2, 3, 4)).clip(1),
    }[int(arrays["mean"])]
    np.testing.assert_allclose(whole, arrays["output"].reshape(whole.shape), rtol=1e-5, atol=1e-6)


def test_the_largest_of_each_window_is_the_pooled_output() -> None:
    arrays = look(trained(), kind="arithmetic", node="pool1", map=3)
    windows, real = windowed(arrays)
    np.testing.assert_array_equal(np.where(real, windows, -np.inf).max((2, 3, 4)), arrays["output"])
    assert arrays["first"] == 3


def test_a_dense_unit_adds_up_and_the_softmax_turns_logits_into_shares() -> None:
    arrays = look(trained(), kind="arithmetic", node="output", map=6)
    total = float((arrays["input"].astype(np.float64) * arrays["kernel"]).sum() + arrays["bias"])
    assert total == pytest.approx(float(arrays["output"][0]), abs=1e-5)
    assert arrays["logits"][6] == arrays["output"][0]
    exponents = np.exp(arrays["logits"].astype(np.float64))
    np.testing.assert_allclose(arrays["shares"], exponents / exponents.sum(), atol=1e-6)


def test_arithmetic_of_what_is_not_there_is_refused() -> None:
    trainer = trained(steps=0)
    for options, words in (
        ({"node": "nowhere"}, "names no node"),
        ({"node": "conv1", "map": 6}, "expected one of 0 to 5"),
        ({"node": "relu1"}, "expected a convolution, pooling or a dense node"),
    ):
        with pytest.raises(ValueError, match=words):
            look(trainer, kind="arithmetic", **options)
