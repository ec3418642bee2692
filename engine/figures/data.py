"""Data sets, what is done to their inputs, and single samples: real ones, drawn or read."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.data.inputs import Input
from glassnet.engine.data.kernels import photograph_of
from glassnet.engine.data.load import Data, Scaling, load
from glassnet.engine.figures.figure import Axis, Bars, Chart, Figure, Line, Part, Picture, Pictures, Plane
from glassnet.engine.figures.values import SEED, floats, generator, spaced
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.augmentations import Augmentation
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.datasets.tables import Digits, Wine
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.reference import facts

#: Points of a plane, and pictures, that are drawn; the most samples that are drawn at random for it.
POINTS, PICTURES, MOST_DRAWN = 300, 12, 600

#: The greatest number of a signal, as a share of the lane that it is drawn in.
RISE = 1.1

#: Bins of a histogram; the side of a picture that is changed, and how many changes are drawn.
BINS, SIDE, CHANGES = 40, 48, 7

#: Moments of a sound that is changed, and how many changes are drawn.
MOMENTS, LANES = 400, 4


def dataset(item: Dataset) -> Figure:
    """Samples of a data set. Of one that is not stored here, how its samples are divided."""
    if "samples" in type(item).model_fields:
        item = item.model_copy(update={"samples": min(int(getattr(item, "samples")), MOST_DRAWN)})  # noqa: B009
    if item.check(Blobs()) is not None:
        bars = tuple((name, float(count), "samples") for name, count in facts(item)["sets"].items())
        return Figure(
            (Bars("How its samples are divided", "", bars),), "Its pictures are not on this machine."
        )
    data = load(item, SEED)
    return Figure((_samples(item, data),), "The first samples of the training set, before normalization.")


def _samples(item: Dataset, data: Data) -> Part:
    raw, targets = data.train.raw, data.train.targets
    if raw.ndim == 3:
        return _signals(item, raw, targets)
    if raw.ndim == 5:
        raw = raw[:, :, raw.shape[2] // 2]  # the slice in the middle
    if raw.ndim > 2:
        return _pictures(item, raw[:PICTURES], targets[:PICTURES])
    names = item.raw_inputs
    region = _region(raw[:, :2])
    places, classes = raw[:POINTS, :2].double(), targets[:POINTS]
    if item.classes is None:
        values = classes.reshape(len(places), -1)[:, 0]
        groups = [("below the middle", values < values.median()), ("above it", values >= values.median())]
    else:
        groups = [(name, classes == index) for index, name in enumerate(item.classes)]
    points = tuple(Line(name, floats(places[mine, 0]), floats(places[mine, 1])) for name, mine in groups)
    return Plane("Samples", Axis(names[0]), Axis(names[1]), region, points)


def _signals(item: Dataset, raw: Tensor, targets: Tensor) -> Chart:
    """The first signal of each class, one above the other: the first channel of each."""
    lines = []
    for index, name in enumerate(item.classes or ()):
        of_class = raw[targets == index]
        if len(of_class):
            values = of_class[0, 0].double()
            height = 2.0 * (len(item.classes or ()) - 1 - index)
            lines.append(Line(name, floats(spaced(0, 1, len(values))), floats(values / RISE + height)))
    return Chart("Samples", Axis("time"), Axis("one above the other"), tuple(lines))


def _region(places: Tensor) -> tuple[float, float, float, float]:
    """The part of the plane that holds the places, and a little more."""
    (left, bottom), (right, top) = floats(places.min(0).values), floats(places.max(0).values)
    width, height = 0.06 * (right - left) or 1.0, 0.06 * (top - bottom) or 1.0
    return left - width, right + width, bottom - height, top + height


def _pictures(item: Dataset, raw: Tensor, targets: Tensor) -> Pictures:
    brightest = float(item.brightest or 1)
    classes, captions = item.classes or (), [""] * len(raw)
    if item.family == "class":
        captions = [classes[int(each)] for each in floats(targets)]
    shown = (
        Picture(caption, _upright(each.double() / brightest))
        for caption, each in zip(captions, raw, strict=True)
    )
    return Pictures("Samples", tuple(shown))


def _upright(picture_of: Tensor) -> Tensor:
    """A picture (channels, h, w) as (h, w) or (h, w, 3)."""
    return picture_of[0] if len(picture_of) == 1 else picture_of.permute(1, 2, 0)


def normalization(item: Normalization) -> Figure:
    """Two columns of the wines before and after."""
    data = load(Wine(), SEED)
    before = data.train.raw.float()
    after = Scaling.fit(item, before)(before)
    columns = (0, before.shape[1] - 1)
    parts = (_histograms(title, rows, columns) for title, rows in (("Before", before), ("After", after)))
    return Figure(tuple(parts), "Two of the thirteen measurements of the wines, fitted on the training set.")


def _histograms(title: str, rows: Tensor, columns: tuple[int, ...]) -> Chart:
    low, high = (float(each) for each in floats(torch.stack(rows[:, list(columns)].aminmax())))
    edges = spaced(low, high + 1e-9, BINS + 1)
    places = floats((edges[1:] + edges[:-1]) / 2)
    lines = (
        Line(Wine().raw_inputs[column], places, floats(torch.histc(rows[:, column], BINS, low, high + 1e-9)))
        for column in columns
    )
    return Chart(title, Axis("value"), Axis("wines"), tuple(lines))


def augmentation(item: Augmentation) -> Figure:
    """A picture, and changes of it as training batches have them; a sound, where it changes no pictures."""
    if 2 not in item.axes:
        return _changed_sounds(item)
    whole = photograph_of("flower", SIDE)
    batch = whole[None].repeat(CHANGES, 1, 1, 1)
    changed = item.call().build(pictures=batch, generator=generator()).clamp(0, 1)
    shown = (Picture("before", _upright(whole)), *(Picture("", _upright(each)) for each in changed))
    return Figure((Pictures("Before and after", shown),), "Each change is drawn anew, as for every batch.")


def _changed_sounds(item: Augmentation) -> Figure:
    """A beat (two tones close together, whose loudness swells) and changes of it, one above the other."""
    time = spaced(-1, 1, MOMENTS)
    beat = (torch.sin(40 * time) * torch.cos(6 * time)).float()
    changed = item.call().build(pictures=beat.repeat(LANES, 1, 1), generator=generator())
    lanes = [("before", beat), *((f"change {index + 1}", each[0]) for index, each in enumerate(changed))]
    lines = (
        Line(name, floats(spaced(0, 1, MOMENTS)), floats(each.double() / RISE + 2.0 * (LANES - index)))
        for index, (name, each) in enumerate(lanes)
    )
    chart = Chart("Before and after", Axis("time"), Axis("one above the other"), tuple(lines))
    return Figure((chart,), "Each change is drawn anew, as for every batch; the sound is a beat.")


def single(item: Input) -> Figure:
    """The sample that an input gives for the digits; of one that must be given, one that could be."""
    data = load(Digits(), SEED)
    try:
        raw = item.raw(data, Blobs())
        words = "The sample as the handwritten digits have it: 8×8 pixels."
    except ValueError as error:
        raw, words = (
            data.train.raw[:1].float(),
            f"With its defaults: {error}. This is a sample of the digits.",
        )
    brightest = float(data.dataset.brightest or 1)
    return Figure((Pictures("Sample", (Picture("", raw[0, 0].double() / brightest),)),), words)
