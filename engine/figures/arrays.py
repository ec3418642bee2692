"""Named arrays as parts of a figure, whatever they are: a picture, a curve, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from glassnet.engine.figures.figure import Axis, Bars, Chart, Line, Part, Picture, Pictures
from glassnet.engine.figures.values import floats

#: Parts of a figure; pictures and bars of a part; the numbers of a curve.
MOST_PARTS, MOST_PICTURES, MOST_BARS, MOST_POINTS = 6, 8, 24, 400

#: The least side of what is a picture, not a list of numbers; the greatest, beyond which it is thinned.
LEAST_SIDE, MOST_SIDE = 2, 64

#: Arrays that are pictures as the data have them, and are drawn in grey.
PIXELS = ("inputs", "input", "sample", "original", "changed", "patches")

#: Arrays that say how another is to be read.
ABOUT = (".range", ".shape", ".original")


def parts_of(arrays: Mapping[str, Tensor], shows: Sequence[str] = ()) -> tuple[Part, ...]:
    """The arrays to be shown, by the beginnings of their names, or else the first; each as a part."""
    curves = [each.split("@") for each in shows if "@" in each]
    drawn = tuple(_curve(arrays[y], y, arrays[x], x) for y, x in curves if y in arrays and x in arrays)
    starts = tuple(each for each in shows if "@" not in each)
    chosen = {name: tensor for name, tensor in arrays.items() if not shows or name.startswith(starts)}
    ordered = sorted(chosen, key=lambda name: _rank(name, starts))
    return (*drawn, *_parts({name: arrays[name] for name in ordered}, arrays))[:MOST_PARTS]


def _rank(name: str, starts: Sequence[str]) -> int:
    return next((index for index, start in enumerate(starts) if name.startswith(start)), 0)


def _curve(values: Tensor, name: str, places: Tensor, over: str) -> Chart:
    """One array over another; of several columns a line each."""
    columns = values.double().reshape(len(values), -1)[:, :MOST_PICTURES]
    x = floats(places.flatten())
    lines = (
        Line(str(index + 1) if columns.shape[1] > 1 else "", x, floats(column))
        for index, column in enumerate(columns.T)
    )
    positive = float_min(columns) > 0
    x_axis = Axis(_words(over).lower(), log=over == "rates")
    return Chart(_words(name), x_axis, Axis(_words(name).lower(), log=positive), tuple(lines))


def _words(name: str) -> str:
    """`maps/relu1` → `Maps, relu1`: the name of an array as a title."""
    words = name.replace("/", ", ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _parts(chosen: Mapping[str, Tensor], arrays: Mapping[str, Tensor]) -> tuple[Part, ...]:
    shown = {name: tensor for name, tensor in chosen.items() if not name.endswith(ABOUT) and tensor.numel()}
    single = {name: tensor for name, tensor in shown.items() if tensor.numel() == 1}
    others = [_part(_words(name), _plain(name, arrays)) for name in shown if name not in single]
    bars = tuple((name, floats(tensor.reshape(1))[0], "") for name, tensor in single.items())
    alone = [Bars("Numbers", "", bars[:MOST_BARS])] if bars else []
    return (*others[: MOST_PARTS - len(alone)], *alone)


def _plain(name: str, arrays: Mapping[str, Tensor]) -> Tensor:
    """An array as floats; bytes of a range are the numbers that they stand for."""
    tensor = arrays[name].double()
    ends = arrays.get(f"{name}.range")
    if ends is None or arrays[name].dtype != torch.uint8 or tensor.ndim < ends.ndim:
        return tensor
    low, high = ends.double().unbind(-1)
    shape = [*low.shape, *[1] * (tensor.ndim - low.ndim)]
    return low.reshape(shape) + tensor / 255 * (high - low).reshape(shape)


def _part(name: str, tensor: Tensor) -> Part:
    rows = tensor.reshape(-1, tensor.shape[-1]) if tensor.ndim > 1 else tensor[None]
    is_picture = tensor.ndim > 1 and min(tensor.shape[-2:]) >= LEAST_SIDE
    if not is_picture and rows.shape[1] > MOST_BARS:
        return _curves(name, rows)
    if not is_picture:
        numbers = floats(tensor.flatten()[:MOST_BARS])
        return Bars(name, "", tuple((str(index), value, "") for index, value in enumerate(numbers)))
    return pictures_of(name, tensor)


def pictures_of(title: str, tensor: Tensor) -> Pictures:
    """The first planes of an array (…, h, w) as pictures; those of negative numbers in two colours."""
    planes = tensor.reshape(-1, *tensor.shape[-2:])[:MOST_PICTURES]
    if title.lower().endswith(PIXELS):
        planes = planes / floats(tensor.abs().max().clamp_min(1e-12).reshape(1))[0]
    step = max(1, -(-max(planes.shape[-2:]) // MOST_SIDE))
    shown = tuple(
        Picture(str(index) if len(planes) > 1 else "", plane[::step, ::step])
        for index, plane in enumerate(planes)
    )
    grey = title.lower().endswith(PIXELS)
    return Pictures(title, shown, "unit" if grey else "signed" if float_min(planes) < 0 else "range")


def float_min(tensor: Tensor) -> float:
    """The least finite number of a tensor."""
    return floats(tensor.nan_to_num(0.0).min().reshape(1))[0]


def _curves(name: str, rows: Tensor) -> Chart:
    thin = rows[:MOST_PICTURES, :: max(1, rows.shape[1] // MOST_POINTS)]
    places = [float(index) for index in range(thin.shape[1])]
    lines = (Line(str(index) if len(thin) > 1 else "", places, floats(row)) for index, row in enumerate(thin))
    return Chart(name, Axis("index"), Axis(name), tuple(lines))
