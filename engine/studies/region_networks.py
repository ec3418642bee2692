"""The detectors of the study `rcnn`: R-CNN, which looks at every region, and Fast R-CNN, at every picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from glassnet.engine.boxes.coding import decoded, encoded
from glassnet.engine.boxes.losses import smooth_distance
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.boxes.regions import aligned_regions, pooled_regions

#: The side of a warped region, and the ground around it that comes along, in its pixels.
SIDE, CONTEXT = 24, 2

#: Features of a region, the bins of RoI pooling along a side, and pixels of the picture to a cell of the map.
FEATURES, BINS, STRIDE = 64, 4, 4

#: Regions of a batch, the share of them that are objects, and steps between two reports.
BATCH, OBJECTS, REPORT = 128, 0.25, 10

#: How offsets are brought to about one size: appendix C of R-CNN, section 2.3 of Fast R-CNN.
PLAIN, SCALED = (1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)


class Regions(NamedTuple):
    """Proposals of several pictures with what they are nearest to: n of them."""

    boxes: Tensor  # (n, 4)
    pictures: Tensor  # (n,) int64
    #: The overlap with the best object, its class and its box; 0, −1 and the proposal where there is none.
    overlaps: Tensor  # (n,)
    classes: Tensor  # (n,) int64
    objects: Tensor  # (n, 4)

    def labels(self, least: float, ground: int) -> Tensor:
        """The class of each that overlaps an object by `least` or more, else `ground`: int64 (n,)."""
        return torch.where(self.overlaps >= least, self.classes, ground)

    def of(self, wanted: Tensor) -> Regions:
        """Some of them, by a mask or by indices."""
        return Regions(*(each[wanted] for each in self))


def matched_regions(proposals: list[Tensor], truth: Tensor) -> Regions:
    """The proposals of each picture with the object that each overlaps most; truth (pictures, m, 5)."""
    parts = []
    for number, (boxes, objects) in enumerate(zip(proposals, truth, strict=True)):
        own = objects[objects[:, 4] >= 0]
        which = torch.full((len(boxes),), number)
        if len(own) == 0:
            none = torch.zeros(len(boxes)), torch.full((len(boxes),), -1), boxes
            parts.append((boxes, which, *none))
            continue
        best, at = pairwise_overlap(boxes, own[:, :4]).max(dim=1)
        parts.append((boxes, which, best, own[at, 4].long(), own[at, :4]))
    return Regions(*(torch.cat(column) for column in zip(*parts, strict=True)))


def warped(pictures: Tensor, boxes: Tensor, which: Tensor) -> Tensor:
    """Each region as a square of one size, with a little ground around it: (n, 3, side, side).

    Pictures (pictures, 3, h, w), boxes (n, 4), `which` (n,) the picture of each. Girshick et al. 2014,
    appendix A: anisotropic scaling with context.
    """
    margin = (boxes[:, 2:] - boxes[:, :2]) * CONTEXT / (SIDE - 2 * CONTEXT)
    wide = torch.cat([boxes[:, :2] - margin, boxes[:, 2:] + margin], dim=1)
    return aligned_regions(pictures, wide, which, SIDE, 1.0)


def _drawn(labels: Tensor, ground: int, generator: torch.Generator) -> Tensor:
    """The indices of a batch: a quarter objects, as far as there are any, and the rest ground."""
    parts: list[Tensor] = []
    for pool, count in ((labels != ground, int(BATCH * OBJECTS)), (labels == ground, BATCH)):
        places = pool.nonzero()[:, 0]
        taken = min(len(places), count - sum(len(part) for part in parts))
        parts.append(places[torch.randperm(len(places), generator=generator)[:taken]])
    return torch.cat(parts)


class RegionNetwork(nn.Module):
    """What R-CNN looks at a warped region with: two convolutions and a layer of features, then classes."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(32 * (SIDE // 4) ** 2, FEATURES), nn.ReLU()),
        )
        self.classes = nn.Linear(FEATURES, classes + 1)

    def learn(self, warps: Tensor, labels: Tensor, steps: int, seed: int) -> Iterator[float]:
        """Fine-tune on regions and the classes with the ground; yields the mean loss of every few steps."""
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.Adam(self.parameters(), 0.002)
        ground, losses = self.classes.out_features - 1, []
        for step in range(1, steps + 1):
            batch = _drawn(labels, ground, generator)
            loss = functional.cross_entropy(self.classes(self.features(warps[batch])), labels[batch])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(float(loss.detach()))
            if step % REPORT == 0 or step == steps:
                yield sum(losses) / len(losses)
                losses.clear()


class PictureNetwork(nn.Module):
    """What Fast R-CNN looks at a picture with: one map for all regions, then classes and boxes of each."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.count = classes
        self.map = nn.Sequential(
            *(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()),
        )
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(32 * BINS**2, FEATURES), nn.ReLU())
        self.classes = nn.Linear(FEATURES, classes + 1)
        self.offsets = nn.Linear(FEATURES, 4 * classes)

    def pooled(self, maps: Tensor, boxes: Tensor, which: Tensor) -> Tensor:
        """RoI pooling: (n, 32, bins, bins)."""
        return pooled_regions(maps, boxes, which, BINS, 1 / STRIDE)

    def answers(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """The classes (n, classes + 1), and the offsets for each class (n, classes, 4), of pooled regions."""
        seen = self.features(pooled)
        return self.classes(seen), self.offsets(seen).view(-1, self.count, 4)

    def learn(self, pictures: Tensor, regions: Regions, steps: int, seed: int) -> Iterator[float]:
        """Learn classes and boxes as one: log loss and, of objects, the smooth distance of the offsets.

        Each step takes eight pictures, whose regions share their maps. Girshick 2015, section 2.3.
        """
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.Adam(self.parameters(), 0.002)
        labels, losses = regions.labels(0.5, self.count), []
        for step in range(1, steps + 1):
            chosen = torch.randperm(len(pictures), generator=generator)[:8]
            inside = torch.isin(regions.pictures, chosen).nonzero()[:, 0]
            batch = inside[_drawn(labels[inside], self.count, generator)]
            few = regions.of(batch)
            place = (few.pictures[:, None] == chosen).long().argmax(dim=1)
            pooled = self.pooled(self.map(pictures[chosen]), few.boxes, place)
            loss = self._loss(*self.answers(pooled), labels[batch], few)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(float(loss.detach()))
            if step % REPORT == 0 or step == steps:
                yield sum(losses) / len(losses)
                losses.clear()

    def _loss(self, classes: Tensor, offsets: Tensor, labels: Tensor, regions: Regions) -> Tensor:
        objects = (labels < self.count).nonzero()[:, 0]
        said = offsets[objects, labels[objects]]
        wanted = encoded(regions.objects[objects], regions.boxes[objects], SCALED)
        apart = smooth_distance(said - wanted, 1.0).sum() / len(labels)
        return functional.cross_entropy(classes, labels) + apart


def ridge(features: Tensor, offsets: Tensor, strength: float) -> Tensor:
    """The weights (features + 1, 4) of least squares with an L2 penalty on all but the constant.

    W = (XᵀX + λI)⁻¹ XᵀT, with a last column of ones in X. Girshick et al. 2014, appendix C, equation 5.
    """
    wide = torch.cat([features, features.new_ones(len(features), 1)], dim=1).double()
    penalty = strength * torch.eye(wide.shape[1], dtype=wide.dtype)
    penalty[-1, -1] = 0
    weights: Tensor = torch.linalg.solve(wide.T @ wide + penalty, wide.T @ offsets.double())
    return weights.to(features.dtype)


def moved(boxes: Tensor, features: Tensor, weights: Tensor) -> Tensor:
    """Boxes (n, 4) after the regression of their features (n, features)."""
    wide = torch.cat([features, features.new_ones(len(features), 1)], dim=1)
    return decoded(wide @ weights, boxes, PLAIN)
