"""Proposals: boxes in which something may be, from segments that are joined from the most alike on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.engine.boxes.segments import Labels, Picture, segments

Floats = npt.NDArray[np.float64]

#: Bins of a colour's histogram, of a gradient's, and its directions: Uijlings et al. 2013, section 3.2.
COLOURS, GRADIENTS, DIRECTIONS = 25, 10, 8

#: The least side of a box, in pixels.
LEAST_SIDE = 5


@dataclass(frozen=True)
class Region:
    """A segment, or several that were joined: its pixels, its look and its box."""

    size: int
    colours: Floats
    textures: Floats
    #: Left, top, right and bottom, the last two exclusive.
    box: tuple[int, int, int, int]

    def joined(self, other: Region) -> Region:
        """Both as one: the histograms are means by pixels, the box is the hull."""
        size = self.size + other.size
        shares = self.size / size, other.size / size
        return Region(
            size,
            shares[0] * self.colours + shares[1] * other.colours,
            shares[0] * self.textures + shares[1] * other.textures,
            hull(self.box, other.box),
        )


def hull(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The smallest box around two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def likeness(one: Region, other: Region, pixels: int) -> float:
    """How alike two regions of a picture of so many pixels are: 0 to 4, the sum of four shares.

    What their histograms of colours have in common, and of textures; how small both are; how well each fits
    into the other's gaps. Uijlings et al. 2013, equations 2, 3, 4 and 5.
    """
    left, top, right, bottom = hull(one.box, other.box)
    both = one.size + other.size
    gaps = (right - left) * (bottom - top) - both
    return float(
        np.minimum(one.colours, other.colours).sum()
        + np.minimum(one.textures, other.textures).sum()
        + (1 - both / pixels)
        + (1 - gaps / pixels)
    )


def selective_search(picture: Picture, scales: tuple[float, ...] = (100.0, 300.0), least: int = 12) -> Floats:
    """The boxes of all regions of a picture (h, w, 3), 0 to 255, from the last joined on: (boxes, 4).

    For each scale the picture is cut into segments; the two neighbours that are most alike become one,
    until one is left. All regions on the way are proposals: small things and what they are parts of. Each
    box is there once. Uijlings et al. 2013, algorithm 1.
    """
    found: dict[tuple[int, int, int, int], None] = {}
    for scale in scales:
        for region in reversed(grouped(picture, segments(picture, scale, least))):
            left, top, right, bottom = region.box
            if min(right - left, bottom - top) >= LEAST_SIDE:
                found.setdefault(region.box)
    return np.array(list(found), dtype=np.float64).reshape(-1, 4)


def grouped(picture: Picture, labels: Labels) -> list[Region]:
    """The segments, then what is made of them by joining two after two, to the whole picture."""
    regions = described(picture, labels)
    pixels, count = labels.size, len(regions)
    touching = neighbours(labels)
    alike = {pair: likeness(regions[pair[0]], regions[pair[1]], pixels) for pair in touching}
    while alike:
        one, other = max(alike, key=lambda pair: (alike[pair], -pair[0], -pair[1]))
        regions.append(regions[one].joined(regions[other]))
        beside = {each for pair in alike if {one, other} & set(pair) for each in pair} - {one, other}
        alike = {pair: value for pair, value in alike.items() if not {one, other} & set(pair)}
        for each in beside:
            alike[each, count] = likeness(regions[each], regions[count], pixels)
        count += 1
    return regions


def described(picture: Picture, labels: Labels) -> list[Region]:
    """The regions of the segments, by their numbers."""
    height, width = labels.shape
    flat, count = labels.ravel(), int(labels.max()) + 1
    sizes = np.bincount(flat, minlength=count)
    colours = np.clip(picture / 256 * COLOURS, 0, COLOURS - 1).astype(np.int64)
    bins = textures(picture)
    rows, columns = np.divmod(np.arange(height * width), width)
    boxes = np.full((count, 4), -1)
    for side, places in enumerate((columns, rows)):
        least, most = np.full(count, height + width), np.full(count, -1)
        np.minimum.at(least, flat, places)
        np.maximum.at(most, flat, places)
        boxes[:, side], boxes[:, side + 2] = least, most + 1
    looks = histograms(colours, flat, count, COLOURS), histograms(bins, flat, count, GRADIENTS)
    return [
        Region(int(sizes[each]), looks[0][each], looks[1][each], tuple(boxes[each].tolist()))
        for each in range(count)
    ]


def textures(picture: Picture) -> Labels:
    """How strong the slope of each channel is in each of eight directions, as bins (h, w, channels · 8)."""
    down: Floats = np.gradient(picture, axis=0)
    right: Floats = np.gradient(picture, axis=1)
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    slopes = right[..., None] * np.cos(angles) + down[..., None] * np.sin(angles)
    strength = np.clip(slopes, 0, None).reshape(*picture.shape[:2], -1)
    bins: Labels = np.clip(strength / 128 * GRADIENTS, 0, GRADIENTS - 1).astype(np.int64)
    return bins


def histograms(bins: Labels, flat: Labels, count: int, width: int) -> Floats:
    """Of each region the shares of its pixels in the bins of all columns: (regions, columns · width)."""
    columns = bins.shape[-1]
    numbered = bins.reshape(-1, columns) + np.arange(columns) * width
    places = flat[:, None] * (columns * width) + numbered
    counts = np.bincount(places.ravel(), minlength=count * columns * width).reshape(count, -1)
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def neighbours(labels: Labels) -> set[tuple[int, int]]:
    """The pairs of segments that share a side of a pixel, the lower number first."""
    pairs = [
        np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1),
        np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1),
    ]
    different = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
    return {(one, other) for one, other in different.tolist() if one != other}
