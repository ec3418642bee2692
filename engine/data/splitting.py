"""Stratified splitting of samples. An exported script copies this file's functions."""

from __future__ import annotations

import torch


def stratified(classes: torch.Tensor, count: int) -> torch.Tensor:
    """A mask of `count` samples, each class in proportion: bool (samples,), from int64 (samples,).

    Of each class the first ones are taken, so the order decides which. Shares are rounded by largest
    remainders: a class is at most one sample off n · count / samples.
    """
    sizes = torch.bincount(classes).double()
    exact = sizes * count / len(classes)
    taken = exact.floor()
    rest = count - int(taken.sum())
    taken[torch.argsort(exact - taken, descending=True, stable=True)[:rest]] += 1
    # The samples sorted by class, and the rank of each within its class.
    order = torch.argsort(classes, stable=True)
    place = torch.empty_like(classes)
    place[order] = torch.arange(len(classes)) - (sizes.cumsum(0) - sizes).long()[classes[order]]
    return place < taken[classes]


def interleaved(classes: torch.Tensor) -> torch.Tensor:
    """An order of samples, int64 (samples,), every prefix of which has each class in about its share.

    The i-th of a class's n samples comes at (i + ½) / n of the whole.
    """
    sizes = torch.bincount(classes)
    order = torch.argsort(classes, stable=True)
    place = torch.empty_like(classes)
    place[order] = torch.arange(len(classes)) - (sizes.cumsum(0) - sizes)[classes[order]]
    return torch.argsort((place + 0.5) / sizes[classes], stable=True)
