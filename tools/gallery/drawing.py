"""What a trained example shows, drawn: the output, what the network is made of, and its losses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.network.plan import Plan
from tools.gallery.colors import Floats, Theme, category, diverging, ends, mix, rgb, token
from tools.gallery.training import Arrays, Losses

#: Sides of the whole picture and of its parts, as it is laid out; it is drawn at twice that and kept smaller.
WIDTH, HEIGHT, GAP = 640, 400, 20
CURVES = 120
FINE = 2
KEPT = (480, 300)


#: Places of a line, and how long it is seen and not seen where it is dashed.
Points = list[tuple[float, float]]
Dash = tuple[float, float]


class Box(NamedTuple):
    """A place in the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def corners(self) -> tuple[int, int, int, int]:
        left, top = round(self.left), round(self.top)
        return left, top, round(self.left + self.width), round(self.top + self.height)


class Canvas:
    """A picture of one theme, and what can be put on it; places are as it is laid out."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._image = Image.new("RGBA", (WIDTH * FINE, HEIGHT * FINE), (*self.solid("panel"), 0))
        self._draw = ImageDraw.Draw(self._image)

    def solid(self, name: str) -> tuple[int, int, int]:
        """A colour token."""
        return _color(rgb(token(name, self.theme)))

    def finished(self) -> Image.Image:
        return self._image.resize(KEPT, Image.Resampling.LANCZOS)

    def pixels(self, colours: Floats, box: Box, smooth: bool = True) -> None:
        """Colours (h, w, 3), stretched over a box."""
        left, top, right, bottom = _scaled(box).corners
        way = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
        picture = Image.fromarray(np.round(colours).astype(np.uint8), "RGB")
        self._image.paste(picture.resize((right - left, bottom - top), way), (left, top))

    def frame(self, box: Box) -> None:
        self._draw.rectangle(_scaled(box).corners, outline=self.solid("line-strong"), width=FINE)

    def dot(self, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        corners = (x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE
        self._draw.ellipse(corners, fill=colour, outline=self.solid("panel"), width=FINE)

    def square(self, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        """A square that covers about as much as the dot of this radius."""
        half = 0.88 * radius
        corners = (x - half) * FINE, (y - half) * FINE, (x + half) * FINE, (y + half) * FINE
        self._draw.rectangle(corners, fill=colour, outline=self.solid("panel"), width=FINE)

    def line(self, points: Points, colour: tuple[int, ...], width: float, dash: Dash | None = None) -> None:
        for part in [points] if dash is None else dashes(points, *dash):
            scaled = [(x * FINE, y * FINE) for x, y in part]
            self._draw.line(scaled, fill=colour, width=max(1, round(width * FINE)), joint="curve")


def dashes(points: Points, on: float, off: float) -> Iterator[Points]:
    """The parts of a line that are seen where it is dashed."""
    part, left, seen = [points[0]], on, True
    for start, end in pairwise(points):
        length = math.dist(start, end)
        done = 0.0
        while length - done > left:
            done += left
            share = done / length
            place = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            if seen:
                yield [*part, place]
            part, seen = [place], not seen
            left = on if seen else off
        left -= length - done
        part.append(end)
    if seen and len(part) > 1:
        yield part


def draw(plan: Plan, frames: dict[str, Arrays], losses: Losses, theme: Theme) -> Image.Image:
    """The picture of an example in one theme, without a ground."""
    canvas = Canvas(theme)
    main = Box(0, 0, HEIGHT, HEIGHT)
    side = Box(HEIGHT + GAP, 0, WIDTH - HEIGHT - GAP, HEIGHT - CURVES - GAP)
    below = Box(side.left, HEIGHT - CURVES, side.width, CURVES)
    if "surface" in frames:
        _plane(canvas, frames["surface"], frames["samples"], main)
        _units(canvas, plan, frames, side)
    elif "pixel_classes" in frames:
        _masks(canvas, frames["pixel_classes"], main)
        _confusion(canvas, frames["confusion_matrix"]["test"], _square(side))
    elif "found_boxes" in frames:
        _found(canvas, frames["found_boxes"], main)
        _filters(canvas, frames["filters"], _square(side))
    elif "filters" in frames:
        _filters(canvas, frames["filters"], main)
        _confusion(canvas, frames["confusion_matrix"]["test"], _square(side))
    elif "confusion_matrix" in frames:
        _confusion(canvas, frames["confusion_matrix"]["test"], main)
        _weights(canvas, plan, frames["weights"], side)
    else:
        _values(canvas, frames["samples"], main)
        _weights(canvas, plan, frames["weights"], side)
    _curves(canvas, losses, below)
    return canvas.finished()


# The output ----------------------------------------------------------------------------------------------


def _plane(canvas: Canvas, surface: Arrays, samples: Arrays, box: Box) -> None:
    """The output over the plane, with the points that are trained on."""
    values = _unpacked(surface["output"], surface["output.range"])
    canvas.pixels(diverging(values / max(1.0, float(np.abs(values).max())), canvas.theme), box)
    targets = samples["train/targets"].reshape(len(samples["train/targets"]))
    whole = samples["train/targets"].dtype.kind == "i"
    negative, neutral, positive = ends(canvas.theme)
    for (x, y), target in zip(samples["train/inputs"][:160], targets, strict=False):
        share = 2.0 * target - 1 if whole else float(np.clip(target, -1, 1))
        colour = mix(neutral, positive if share > 0 else negative, np.array(abs(share)))
        place = box.left + (x + 6) / 12 * box.width, box.top + (6 - y) / 12 * box.height
        mark = canvas.square if whole and share > 0 else canvas.dot  # the page's markers of two classes
        mark(*place, 5, _color(colour))


def _masks(canvas: Canvas, frame: Arrays, box: Box) -> None:
    """Pictures in tints of the classes of their pixels, all but the first, as the page has them."""
    across = math.isqrt(len(frame["mask"]))
    step = (box.width + 8) / across
    tints = np.stack([category(index) for index in range(256)])
    for number in range(across**2):
        picture = np.moveaxis(frame["pictures"][number], 0, -1).astype(float)
        mask = frame["mask"][number]
        share = np.where(mask > 0, 0.8, 0)[..., None]
        row, column = divmod(number, across)
        cell = Box(box.left + column * step, box.top + row * step, step - 8, step - 8)
        canvas.pixels(picture * (1 - share) + tints[mask] * share, cell)


def _found(canvas: Canvas, frame: Arrays, box: Box) -> None:
    """Pictures with the boxes found in them in the tints of their classes, and dashed what is missed."""
    across = math.isqrt(len(frame["pictures"]))
    step = (box.width + 8) / across
    for number in range(across**2):
        row, column = divmod(number, across)
        cell = Box(box.left + column * step, box.top + row * step, step - 8, step - 8)
        picture = np.moveaxis(frame["pictures"][number], 0, -1).astype(float)
        canvas.pixels(np.repeat(picture, 3, axis=-1) if picture.shape[-1] == 1 else picture, cell)
        scale = cell.width / picture.shape[1]
        for left, top, right, bottom, score, kind in frame["found"][number]:
            if kind >= 0 and score >= SURE:
                outline = _outline(cell, scale, (left, top, right, bottom))
                canvas.line(outline, _color(category(int(kind))), 3)
        for (left, top, right, bottom, _), missed in zip(
            frame["truth"][number], frame["missed"][number], strict=True
        ):
            if missed:
                canvas.line(_outline(cell, scale, (left, top, right, bottom)), canvas.solid("ink"), 2, (5, 4))


#: The score from which a box is drawn, as on the page.
SURE = 0.3


def _outline(cell: Box, scale: float, corners: tuple[float, float, float, float]) -> Points:
    """The outline of a box of a picture that is drawn in a cell."""
    left, top, right, bottom = (float(corner) * scale for corner in corners)
    places = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return [(cell.left + x, cell.top + y) for x, y in places]


def _confusion(canvas: Canvas, counts: Floats, box: Box) -> None:
    """Rows of the truth, each in shares: what is right in blue, what is wrong in orange."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    signed = np.where(np.eye(len(shares), dtype=bool), shares, -np.sqrt(shares))
    step = box.width / len(shares)
    gap = 2 if step > 12 else 1
    for row, column in np.ndindex(*signed.shape):
        cell = Box(box.left + column * step, box.top + row * step, step - gap, step - gap)
        canvas.pixels(diverging(signed[row : row + 1, column : column + 1], canvas.theme), cell, smooth=False)


def _values(canvas: Canvas, samples: Arrays, box: Box) -> None:
    """True values to the right, predicted ones upward: the first of the training set (grey) and test set."""
    canvas.frame(box)
    ends_ = (box.left, box.top + box.height), (box.left + box.width, box.top)
    canvas.line(list(ends_), canvas.solid("line-strong"), 2)
    marks = (("train", canvas.solid("ink-3"), canvas.dot), ("test", canvas.solid("test"), canvas.square))
    for name, colour, mark in marks:
        true, told = (np.clip(samples[f"{name}/{what}"].ravel()[:90] / 5 + 0.5, 0.02, 0.98) for what in TOLD)
        for x, y in zip(true, told, strict=True):
            mark(box.left + x * box.width, box.top + (1 - y) * box.height, 4.5, colour)


TOLD = ("targets", "predictions")

# What the network is made of -----------------------------------------------------------------------------


def _units(canvas: Canvas, plan: Plan, frames: dict[str, Arrays], box: Box) -> None:
    """The network: what each unit gives over the plane, and the weights between them."""
    surface = frames["surface"]
    columns = [name for name in surface if name.startswith("unit/") and not name.endswith(".range")]
    weights = _dense(plan, frames["weights"])
    most = max(len(surface[name]) for name in columns)
    pitch = min(box.height / most, 44)
    side = min(pitch - 4, 34, 0.6 * box.width / len(columns))
    across = (box.width - side) / max(1, len(columns) - 1)
    places: list[list[Box]] = []
    for index, name in enumerate(columns):
        top = box.top + (box.height - pitch * len(surface[name])) / 2
        lefts = box.left + index * across
        places.append(
            [
                Box(lefts, top + unit * pitch + (pitch - side) / 2, side, side)
                for unit in range(len(surface[name]))
            ]
        )
    for before, after, weight in zip(places[:-1], places[1:], weights, strict=True):
        _edges(canvas, before, after, weight)
    for name, tiles in zip(columns, places, strict=True):
        values = _unpacked(surface[name], surface[f"{name}.range"].reshape(-1, 2, 1, 1))
        for tile, value in zip(tiles, values, strict=True):
            largest = max(float(np.abs(value).max()), 1e-9)
            canvas.pixels(diverging(value / largest, canvas.theme), tile)
            canvas.frame(tile)


def _edges(canvas: Canvas, before: list[Box], after: list[Box], weight: Floats) -> None:
    """A line for each weight, as wide as it is large beside its layer's largest."""
    largest = max(float(np.abs(weight).max()), 1e-9)
    negative, neutral, positive = ends(canvas.theme)
    for unit, source in np.ndindex(*weight.shape):
        share = float(weight[unit, source]) / largest
        colour = mix(neutral, positive if share > 0 else negative, np.array(0.25 + 0.75 * abs(share)))
        start, end = before[source], after[unit]
        line = [
            (start.left + start.width, start.top + start.height / 2),
            (end.left, end.top + end.height / 2),
        ]
        canvas.line(line, _color(colour), 0.5 + 2.5 * abs(share))


def _weights(canvas: Canvas, plan: Plan, weights: Arrays, box: Box) -> None:
    """The weights of the first layer: a row for each input, a column for each unit."""
    matrix = _dense(plan, weights)[0].T
    largest = max(float(np.abs(matrix).max()), 1e-9)
    across, down = box.width / matrix.shape[1], box.height / matrix.shape[0]
    for row, column in np.ndindex(*matrix.shape):
        cell = Box(
            box.left + column * min(across, 28), box.top + row * down, min(across, 28) - 1.5, down - 1.5
        )
        colour = diverging(matrix[row : row + 1, column : column + 1] / largest, canvas.theme)
        canvas.pixels(colour, cell, smooth=False)


def _filters(canvas: Canvas, frame: Arrays, box: Box) -> None:
    """The first filters: of colours as they are, of grey from negative to positive, of signals as lines."""
    name = next(iter(frame))
    spread = frame[f"{name}.range"].reshape(-1, 2, *[1] * (frame[name].ndim - 1))
    filters = _unpacked(frame[name], spread)
    of_signals = filters.ndim == 4 and filters.shape[2] == 1 < filters.shape[3]
    filters = filters[: LINES if of_signals else None]
    side = int(np.ceil(np.sqrt(len(filters))))
    step = box.width / side
    for index, kernel in enumerate(filters):
        row, column = divmod(index, side)
        tile = Box(box.left + column * step, box.top + row * step, step - 4, step - 4)
        scaled = kernel / max(float(np.abs(kernel).max()), 1e-9)
        if kernel.ndim == 4:
            _slices(canvas, scaled, tile)
        elif of_signals:
            _lines(canvas, scaled[:, 0], tile)
        else:
            _kernel(canvas, scaled, tile)


#: Filters of signals that are drawn: lines take more bytes than squares.
LINES = 9


def _kernel(canvas: Canvas, kernel: Floats, tile: Box) -> None:
    """A kernel (channels, h, w) from −1 to 1: three channels in colour, else the first."""
    if len(kernel) == 3:
        canvas.pixels(127.5 + 127.5 * np.moveaxis(kernel, 0, -1), tile, smooth=False)
    else:
        canvas.pixels(diverging(kernel[0], canvas.theme), tile, smooth=False)


def _slices(canvas: Canvas, kernel: Floats, tile: Box) -> None:
    """The slices of a kernel (channels, depth, h, w), side by side."""
    depth = kernel.shape[1]
    side = (tile.width - 2 * (depth - 1)) / depth
    for index in range(depth):
        left, top = tile.left + index * (side + 2), tile.top + (tile.height - side) / 2
        _kernel(canvas, kernel[:, index], Box(left, top, side, side))


def _lines(canvas: Canvas, kernel: Floats, tile: Box) -> None:
    """The channels of a kernel (channels, length) as lines about zero."""
    # On a ground of their own: transparency around thin lines takes more bytes than the rest of the picture.
    canvas.pixels(np.array([[canvas.solid("panel")]], dtype=float), tile)
    canvas.frame(tile)
    negative, _, positive = ends(canvas.theme)
    middle = tile.top + tile.height / 2
    canvas.line([(tile.left, middle), (tile.left + tile.width, middle)], canvas.solid("line-strong"), 1)
    for channel in kernel:
        across = tile.left + np.linspace(0, tile.width, len(channel))
        down = middle - channel * (tile.height / 2 - 4)
        for start, end in pairwise(zip(across.tolist(), down.tolist(), strict=True)):
            colour = positive if start[1] + end[1] <= 2 * middle else negative
            canvas.line([start, end], _color(colour), 2)


# The losses ----------------------------------------------------------------------------------------------


#: A loss below this is drawn as this.
LEAST = 1e-6

#: The dashes of the test set's curve, as on the page.
TEST_DASH = (9.0, 6.0)


def _curves(canvas: Canvas, losses: Losses, box: Box) -> None:
    """Training and test loss; by their logarithm where they go through many sizes."""
    both = np.maximum(np.array([losses.train, losses.test]), LEAST)
    if both.max() / both.min() > 1e3:
        both = np.log10(both)
    low, high = min(0.0, float(both.min())), float(both.max())
    x = np.array(losses.steps) / max(1, losses.steps[-1])
    canvas.line(
        [(box.left, box.top), (box.left, box.top + box.height), (box.left + box.width, box.top + box.height)],
        canvas.solid("line-strong"),
        1.5,
    )
    for curve, name, dash in zip(both, ("train", "test"), (None, TEST_DASH), strict=True):
        y = (curve - low) / max(high - low, 1e-9)
        points = [
            (box.left + 2 + across * (box.width - 4), box.top + 3 + (1 - up) * (box.height - 8))
            for across, up in zip(x, y, strict=True)
        ]
        canvas.line(points, canvas.solid(name), 3, dash)


# Parts ---------------------------------------------------------------------------------------------------


def _dense(plan: Plan, weights: Arrays) -> list[Floats]:
    """The weights (units, inputs) of the dense layers in order."""
    return [weights[f"{node.name}.weight"] for node in plan.nodes if isinstance(node.item, Linear)]


def _unpacked(picture: Floats, spread: Floats) -> Floats:
    """The values of a quantized picture."""
    low, high = np.moveaxis(spread, 1 if spread.ndim > 1 else 0, 0)
    return np.asarray(low + picture / 255 * (high - low))


def _square(box: Box) -> Box:
    side = min(box.width, box.height)
    return Box(box.left, box.top, side, side)


def _scaled(box: Box) -> Box:
    return Box(*(value * FINE for value in box))


def _color(colour: Floats) -> tuple[int, int, int]:
    red, green, blue = (round(float(channel)) for channel in colour)
    return red, green, blue
