"""Segments: a picture cut into pieces of one look, by a graph of its pixels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

#: From a pixel to those of its neighbours that follow it: (down, right).
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def segments(picture: Picture, scale: float, least: int = 1, blur: float = 0.8) -> Labels:
    """The segment of each pixel, from 0: int64 (h, w), of a picture (h, w, channels).

    Neighbours are joined from the most alike on. Two segments become one if their difference at this place,
    the distance of two colours, is no more than the greatest that was needed within either, plus
    `scale` / pixels: small segments join easily, large ones must be alike. Then those of fewer than `least`
    pixels join a neighbour. `blur` is the deviation of the Gaussian that comes first, in pixels.
    Felzenszwalb & Huttenlocher 2004, section 3.
    """
    height, width = picture.shape[:2]
    smooth = blurred(picture, blur)
    places = np.arange(height * width).reshape(height, width)
    starts, ends, weights = [], [], []
    for down, right in NEIGHBOURS:
        here = (slice(0, height - down), slice(max(0, -right), width - max(0, right)))
        there = (slice(down, height), slice(max(0, right), width + min(0, right)))
        starts.append(places[here].ravel())
        ends.append(places[there].ravel())
        weights.append(np.sqrt(((smooth[here] - smooth[there]) ** 2).sum(axis=-1)).ravel())
    distance = np.concatenate(weights)
    order = np.argsort(distance, kind="stable")
    edges = list(
        zip(
            np.concatenate(starts)[order].tolist(),
            np.concatenate(ends)[order].tolist(),
            distance[order].tolist(),
            strict=True,
        )
    )
    forest = _Forest(height * width)
    for start, end, weight in edges:
        one, other = forest.root(start), forest.root(end)
        if one != other and weight <= min(forest.bound(one, scale), forest.bound(other, scale)):
            forest.join(one, other, weight)
    for start, end, weight in edges:
        one, other = forest.root(start), forest.root(end)
        if one != other and min(forest.size[one], forest.size[other]) < least:
            forest.join(one, other, weight)
    roots = np.array([forest.root(place) for place in range(height * width)])
    return np.unique(roots, return_inverse=True)[1].reshape(height, width)


def blurred(picture: Picture, deviation: float) -> Picture:
    """A picture (h, w, channels) after a Gaussian; beyond its edges it goes on as it is there."""
    if deviation <= 0:
        return picture
    reach = math.ceil(4 * deviation)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padding = [(reach, reach) if each == axis else (0, 0) for each in range(3)]
        wide = np.pad(picture, padding, mode="edge")
        shifted = np.lib.stride_tricks.sliding_window_view(wide, len(kernel), axis=axis)
        picture = shifted @ kernel
    return picture


class _Forest:
    """Disjoint sets of pixels, with the number and the greatest difference within each."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self.size = [1] * count
        self._within = [0.0] * count

    def root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def bound(self, root: int, scale: float) -> float:
        return self._within[root] + scale / self.size[root]

    def join(self, one: int, other: int, weight: float) -> None:
        """Join two sets by their roots; edges come in order, so that `weight` is the greatest so far."""
        if self.size[one] < self.size[other]:
            one, other = other, one
        self._parent[other] = one
        self.size[one] += self.size[other]
        self._within[one] = weight
