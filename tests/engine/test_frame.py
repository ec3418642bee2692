"""Frames: named arrays as bytes that a browser reads in place."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from glassnet.engine.errors import FrameError
from glassnet.engine.frame import Stamp, decode, encode, quantize

DTYPES = [np.float32, np.float64, np.uint8, np.int32, np.float16, np.bool_]

any_array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
)
named_arrays: st.SearchStrategy[dict[str, np.ndarray]] = st.dictionaries(
    st.text(min_size=1, max_size=12).filter(lambda name: name != "__metadata__"), any_array, max_size=6
)


@given(named_arrays, st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4))
def test_what_goes_in_comes_out(named: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    stamp, found = decode(encode(metadata, named))
    assert stamp == metadata
    assert found.keys() == named.keys()
    for name, array in named.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_a_frame_is_a_safetensors_document() -> None:
    data = encode({"probe": "weights"}, {"a": torch.ones(2, 3)})
    assert safetensors.numpy.load(data)["a"].tolist() == [[1, 1, 1], [1, 1, 1]]


@given(st.lists(st.tuples(st.sampled_from(DTYPES), st.integers(0, 9)), max_size=8), st.text(max_size=20))
def test_everything_lies_where_its_type_can_be_read_in_place(
    parts: list[tuple[type, int]], word: str
) -> None:
    """A typed array over the received buffer wants its offset divisible by its size; 8 serves all."""
    named: dict[str, np.ndarray] = {
        f"n{number}": np.zeros(length, dtype) for number, (dtype, length) in enumerate(parts)
    }
    data = encode({"word": word}, named)
    start = 8 + int.from_bytes(data[:8], "little")
    assert start % 8 == 0
    header = json.loads(data[8:start])
    for name, array in named.items():
        assert (start + header[name]["data_offsets"][0]) % max(array.itemsize, 1) == 0


def test_int64_is_refused_by_name() -> None:
    with pytest.raises(FrameError, match="'classes' is int64; expected int32 or a float"):
        encode({}, {"classes": torch.zeros(3, dtype=torch.int64)})
    with pytest.raises(FrameError, match="int64"):
        encode({}, {"classes": np.zeros(3, np.int64)})


def test_views_and_tensors_that_train_are_written_as_they_stand() -> None:
    base = torch.arange(12.0).reshape(3, 4).requires_grad_()
    _, found = decode(encode({}, {"column": base[:, 1], "turned": base.t()}))
    assert found["column"].tolist() == [1, 5, 9]
    np.testing.assert_array_equal(found["turned"], base.detach().t().numpy())


@given(st.binary(max_size=64))
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError, match=f"{len(data)} bytes are no frame"):
        decode(data)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_frame_is_refused_or_read(place: int, byte: int) -> None:
    data = bytearray(encode({"probe": "weights"}, {"a": np.ones(4, np.float32)}))
    data[place % len(data)] = byte
    with contextlib.suppress(FrameError):
        decode(bytes(data))


def test_a_stamp_becomes_strings() -> None:
    stamp = Stamp("run1", "surface", "abc", seq=3, life=1, revision=2, step=40, epoch=1.25)
    assert stamp.metadata() == {
        "run": "run1",
        "probe": "surface",
        "key": "abc",
        "seq": "3",
        "life": "1",
        "revision": "2",
        "step": "40",
        "epoch": "1.25",
    }


maps = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6),
    elements=st.floats(-(2.0**40), 2.0**40, width=32)
    | st.floats(1000, 1001, width=32)
    | st.floats(-(2.0**-20), 2.0**-20, width=32),
)


@given(maps)
def test_a_picture_is_half_a_level_from_its_values(values: np.ndarray) -> None:
    spread = np.ptp(values.reshape(len(values), -1), axis=1)
    assume(((spread == 0) | (spread > 1e-35)).all())  # 255 levels of less are no float32 numbers
    tensor = torch.from_numpy(values)
    picture, ranges = quantize(tensor)
    assert (picture.dtype, picture.shape) == (torch.uint8, tensor.shape)
    assert (ranges.dtype, ranges.shape) == (torch.float32, (len(values), 2))
    rows = values.reshape(len(values), -1).astype(np.float64)
    np.testing.assert_array_equal(ranges[:, 0].numpy(), rows.min(axis=1))
    np.testing.assert_array_equal(ranges[:, 1].numpy(), rows.max(axis=1))
    low, high = ranges.double().numpy().T[:, :, None]
    level = (high - low) / 255
    read = low + level * picture.numpy().reshape(len(values), -1)
    assert (np.abs(read - rows) <= level * 0.502).all()
    assert (read >= low - level * 1e-3).all()


def test_the_least_is_0_and_the_greatest_255_in_each_map() -> None:
    picture, ranges = quantize(torch.tensor([[-1.0, 0.0, 3.0], [5.0, 5.0, 5.0]]))
    assert picture.tolist() == [[0, 64, 255], [0, 0, 0]]
    assert ranges.tolist() == [[-1, 3], [5, 5]]


def test_pictures_need_no_memory_of_their_own_to_be_made_in() -> None:
    values = torch.randn(4, 10)
    scratch = torch.empty(4, 10)
    picture, ranges = quantize(values, scratch)
    expected, expected_ranges = quantize(values)
    assert torch.equal(picture, expected)
    assert torch.equal(ranges, expected_ranges)
