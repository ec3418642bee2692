"""R-CNN and Fast R-CNN, every stage computed on generated scenes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from glassnet.engine.boxes.average_precision import mean_average_precision, right_detections
from glassnet.engine.boxes.coding import clipped, decoded, encoded
from glassnet.engine.boxes.overlap import pairwise_overlap
from glassnet.engine.boxes.proposals import selective_search
from glassnet.engine.boxes.segments import segments
from glassnet.engine.boxes.suppression import suppressed
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.data.load import load
from glassnet.engine.items.datasets.shape_scenes import ShapeScenes
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, StudyFrame
from glassnet.engine.studies.region_networks import (
    PLAIN,
    REPORT,
    SCALED,
    PictureNetwork,
    RegionNetwork,
    Regions,
    matched_regions,
    moved,
    ridge,
    warped,
)

#: The scenes that are shown, all that are judged, the boxes of a scene, and how long features are on average.
SHOWN, JUDGED, MOST, LENGTH = 6, 20, 20, 20.0

#: The scale of the segments that are shown, and the penalty and overlap of regression and suppression.
SCALE, PENALTY, THRESHOLD = 100.0, 10.0, 0.3

#: The stages whose times are told, in their order.
STAGES = {
    "rcnn": ("propose", "warp", "features", "svm", "boxes"),
    "fast": ("propose", "map", "pool", "answer"),
}

#: Seconds between two frames.
EVERY = 0.5


class Scenes(NamedTuple):
    """Pictures with their objects and proposals, those for training first and then those that are judged."""

    raw: Tensor  # uint8 (scenes, 3, h, w)
    pictures: Tensor  # float32, −1 to 1
    truth: Tensor  # (scenes, m, 5)
    proposals: list[Tensor]

    def alone(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """One picture, its proposals, and that all of them are of it."""
        boxes = self.proposals[number]
        return self.pictures[number : number + 1], boxes, torch.zeros(len(boxes), dtype=torch.int64)


class RCNN(FreeStudy):
    """R-CNN and Fast R-CNN, stage by stage: what each computes on the same scenes, and how long it takes.

    R-CNN (Girshick et al. 2014): proposals by selective search; each warped to one size; features by a
    network fine-tuned on the classes and the ground (objects from an overlap of one half); a linear SVM a
    class, whose positives are the true boxes and whose negatives overlap by less than 0.3; suppression; a
    regression of boxes a class. Fast R-CNN (Girshick 2015): one map of the picture, RoI pooling, classes and
    boxes by one network. Arrays, of six scenes with up to p proposals, padded with −1: `classes` uint8, their
    names as lines of UTF-8; `pictures` uint8 (6, 3, h, w); `truth` (6, m, 5); `segments` int32 (6, h, w);
    `proposals` (6, p, 4); `overlaps` (6, p), the IoU with the best object; `rcnn/warps` uint8
    (6, p, 3, 24, 24); `rcnn/features` (6, p, 64);
    `rcnn/scores` (6, p, classes), the SVMs' distances; `rcnn/moved` (6, p, 4), boxes after regression;
    `fast/map` (6, 32, cells, cells); `fast/pooled` (6, p, 32, 4, 4); `fast/scores` (6, p, classes + 1),
    probabilities, the ground last; `fast/moved`. For both: `NET/steps` int32 and `NET/curve` (rows,), the
    training loss; `NET/found` (6, 20, 6), as the probe found_boxes has it, and `NET/right` uint8 (6, 20);
    `NET/map_50` () of twenty scenes; `NET/times`, milliseconds a scene: of R-CNN proposals, warp, features,
    SVMs and boxes, of Fast R-CNN proposals, map, pooling and answers.
    """

    kind: Literal["rcnn"] = "rcnn"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every stage is there to be looked at, computed for real.",),
        cons=("Small scenes and networks: proposals take most of the time of both.",),
        use="To understand where detectors of two stages come from.",
        example=Example(
            "Proposals first: nothing that they miss can be found.",
            lab="rcnn",
        ),
        mistakes=(
            Mistake(
                "Regions that overlap an object by 0.3 are positives of R-CNN.",
                (
                    "For fine-tuning they are from 0.5 on; for the SVMs only true boxes are, and what "
                    "overlaps by less than 0.3 is negative."
                ),
            ),
            Mistake(
                "Fast R-CNN finds its own proposals.",
                "It takes those of selective search: a network proposes in Faster R-CNN.",
            ),
        ),
        shows=("rcnn/curve@rcnn/steps", "fast/curve@fast/steps"),
    )
    scenes: int = option(120, "Scenes that are learned from.", ge=20, le=1000)
    steps: int = option(200, "Steps of each network.", unit="steps", ge=1, le=5000)
    seed: int = option(0, "Where scenes, weights and batches come from.", ge=0, le=2**53 - 1)

    def compute(self) -> Iterator[StudyFrame]:
        torch.manual_seed(self.seed)
        scenes = self._scenes()
        arrays: Arrays = {}
        due = time.monotonic()
        count = len(scenes.raw)
        # Those that are shown come first, so that there is something to look at.
        order = [*range(self.scenes, count), *range(self.scenes)]
        took: dict[str, list[float]] = {"propose": []}
        for done, number in enumerate(order):
            with _Clock(took["propose"]):
                found = selective_search(_channels_last(scenes.raw[number]))
            scenes.proposals[number] = torch.from_numpy(found).float()
            if done == SHOWN - 1:
                arrays |= _proposed(scenes, self.scenes)
            if done >= SHOWN - 1 and time.monotonic() >= due:
                yield StudyFrame(0.3 * done / count, dict(arrays))
                due = time.monotonic() + EVERY
        yield from self._rcnn(scenes, arrays, took)
        yield from self._fast(scenes, arrays, took)

    def _scenes(self) -> Scenes:
        kept = self.scenes + JUDGED
        data = load(ShapeScenes(samples=2 * kept, test_share=0.5), self.seed)
        raw = torch.cat([data.train.raw[: self.scenes], data.test.raw[:JUDGED]])
        truth = torch.cat([data.train.targets[: self.scenes], data.test.targets[:JUDGED]])
        return Scenes(raw, raw.float() / 127.5 - 1, truth.float(), [torch.zeros(0, 4)] * len(raw))

    # R-CNN -------------------------------------------------------------------------------------------

    def _rcnn(self, scenes: Scenes, arrays: Arrays, took: dict[str, list[float]]) -> Iterator[StudyFrame]:
        classes = len(ShapeScenes.classes or ())
        regions, true = _with_objects(scenes, self.scenes)
        warps = warped(scenes.pictures, regions.boxes, regions.pictures)
        network, losses = RegionNetwork(classes), list[float]()
        for loss in network.learn(warps, regions.labels(0.5, classes), self.steps, self.seed):
            losses.append(loss)
            arrays |= _course("rcnn", losses, self.steps)
            yield StudyFrame(0.3 + 0.25 * len(losses) * 10 / (self.steps + 10), dict(arrays))
        with torch.no_grad():
            features = network.features(warps)
        features *= (length := LENGTH / float(features.norm(dim=1).mean().clamp_min(1e-6)))
        weights, constants = machines(features, regions, true, scenes, self.scenes)
        regressions = torch.stack([_regression(features, regions, number) for number in range(classes)])
        took |= {name: [] for name in STAGES["rcnn"] if name not in took}
        found, parts = [], []
        for number in range(self.scenes, len(scenes.raw)):
            picture, boxes, which = scenes.alone(number)
            with torch.no_grad():
                with _Clock(took["warp"]):
                    own = warped(picture, boxes, which)
                with _Clock(took["features"]):
                    seen = length * network.features(own)
                with _Clock(took["svm"]):
                    scores = seen @ weights.T + constants
                with _Clock(took["boxes"]):
                    better = torch.stack([moved(boxes, seen, each) for each in regressions], dim=1)
                    better = clipped(better, *scenes.raw.shape[2:])
                    found.append(_kept(boxes, better, scores))
            parts.append((own, seen, scores, better[torch.arange(len(boxes)), scores.argmax(dim=1)]))
            yield StudyFrame(0.6, dict(arrays))
        shown = [_padded(list(part)[:SHOWN]) for part in zip(*parts, strict=True)]
        arrays["rcnn/warps"] = (127.5 * (shown[0] + 1)).clamp(0, 255).round().to(torch.uint8)
        arrays |= {"rcnn/features": shown[1], "rcnn/scores": shown[2], "rcnn/moved": shown[3]}
        arrays |= self._judged("rcnn", scenes, found, took)
        yield StudyFrame(0.6, dict(arrays))

    # Fast R-CNN --------------------------------------------------------------------------------------

    def _fast(self, scenes: Scenes, arrays: Arrays, took: dict[str, list[float]]) -> Iterator[StudyFrame]:
        classes = len(ShapeScenes.classes or ())
        regions, _ = _with_objects(scenes, self.scenes)
        network, losses = PictureNetwork(classes), list[float]()
        for loss in network.learn(scenes.pictures[: self.scenes], regions, self.steps, self.seed):
            losses.append(loss)
            arrays |= _course("fast", losses, self.steps)
            yield StudyFrame(0.6 + 0.35 * len(losses) * 10 / (self.steps + 10), dict(arrays))
        took |= {name: [] for name in STAGES["fast"] if name not in took}
        found, parts = [], []
        for number in range(self.scenes, len(scenes.raw)):
            picture, boxes, which = scenes.alone(number)
            with torch.no_grad():
                with _Clock(took["map"]):
                    maps = network.map(picture)
                with _Clock(took["pool"]):
                    pooled = network.pooled(maps, boxes, which)
                with _Clock(took["answer"]):
                    answers, offsets = network.answers(pooled)
                    scores = functional.softmax(answers, dim=1)
                    better = decoded(offsets, boxes[:, None].expand(-1, classes, 4), SCALED)
                    better = clipped(better, *scenes.raw.shape[2:])
                    found.append(_kept(better, better, scores[:, :-1]))
            best = scores[:, :-1].argmax(dim=1)
            parts.append((maps[0], pooled, scores, better[torch.arange(len(boxes)), best]))
        shown = [_padded(list(part)[:SHOWN]) for part in zip(*parts, strict=True)]
        arrays |= dict(zip(("fast/map", "fast/pooled", "fast/scores", "fast/moved"), shown, strict=True))
        arrays |= self._judged("fast", scenes, found, took)
        yield StudyFrame(1.0, dict(arrays))

    def _judged(self, name: str, scenes: Scenes, found: list[Tensor], took: dict[str, list[float]]) -> Arrays:
        """What was found, which of it is right, the mean average precision and the times of a detector."""
        boxes, truth = torch.stack(found), scenes.truth[self.scenes :]
        right = right_detections(boxes, truth, [0.5])[:, 0]
        counts = [int((truth[..., 4] == number).sum()) for number in range(len(ShapeScenes.classes or ()))]
        flat = boxes.flatten(0, 1)
        precision = mean_average_precision(flat[:, 4], right.flatten(), flat[:, 5], counts)
        # The first scene warms up what the others find ready; the median forgets it.
        times = [1000 * float(np.median(took[stage])) for stage in STAGES[name]]
        return {
            f"{name}/found": boxes[:SHOWN],
            f"{name}/right": right[:SHOWN].byte(),
            f"{name}/map_50": torch.tensor(precision, dtype=torch.float32),
            f"{name}/times": torch.tensor(times),
        }


class _Clock:
    """Adds the seconds that a block took to a list."""

    def __init__(self, times: list[float]) -> None:
        self._times, self._start = times, 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._times.append(time.perf_counter() - self._start)


def machines(
    features: Tensor, regions: Regions, true: Tensor, scenes: Scenes, count: int
) -> tuple[Tensor, Tensor]:
    """The linear SVM of each class: weights (classes, features) and constants (classes,)."""
    from sklearn.svm import LinearSVC  # takes a second, which only this study has to wait

    weights, constants = [], []
    for number in range(len(ShapeScenes.classes or ())):
        beside = []
        for picture in range(count):
            objects = scenes.truth[picture]
            own = objects[objects[:, 4] == number][:, :4]
            boxes = regions.boxes[regions.pictures == picture]
            none = torch.zeros(len(boxes))
            beside.append(pairwise_overlap(boxes, own).max(dim=1).values if len(own) else none)
        positive = true & (regions.classes == number)
        judged = positive | (~true & (torch.cat(beside) < 0.3))
        machine = LinearSVC(C=0.1, max_iter=5000, random_state=0)
        machine.fit(features[judged].numpy(), positive[judged].numpy())
        weights.append(torch.from_numpy(machine.coef_[0]).float())
        constants.append(float(machine.intercept_[0]))
    return torch.stack(weights), torch.tensor(constants)


def _regression(features: Tensor, regions: Regions, number: int) -> Tensor:
    """The regression of a class, from proposals near its objects (IoU 0.6 or more)."""
    near = (regions.overlaps >= 0.6) & (regions.classes == number)
    wanted = encoded(regions.objects[near], regions.boxes[near], PLAIN)
    return ridge(features[near], wanted, PENALTY)


def _with_objects(scenes: Scenes, count: int) -> tuple[Regions, Tensor]:
    """The proposals of the scenes for training and, behind those of each, its true boxes; which those are."""
    proposals, true = [], []
    for boxes, objects in zip(scenes.proposals[:count], scenes.truth[:count], strict=True):
        own = objects[objects[:, 4] >= 0][:, :4]
        proposals.append(torch.cat([boxes, own]))
        true.append(torch.arange(len(boxes) + len(own)) >= len(boxes))
    return matched_regions(proposals, scenes.truth[:count]), torch.cat(true)


def _kept(searched: Tensor, better: Tensor, scores: Tensor) -> Tensor:
    """The boxes left of a scene: (20, 6), −1 for none.

    Suppression, class by class, is of `searched`, (n, 4) or (n, classes, 4); what is kept is taken from
    `better` (n, classes, 4).
    """
    count = scores.shape[1]
    boxes = searched.expand(count, -1, 4) if searched.dim() == 2 else searched.transpose(0, 1)
    left = suppressed(boxes, scores.T, THRESHOLD, MOST)  # (classes, 20)
    kinds, places = torch.where(left >= 0)
    own = left[kinds, places]
    found = torch.cat([better[own, kinds], scores[own, kinds, None], kinds[:, None].float()], dim=1)
    found = found[found[:, 4].argsort(descending=True)][:MOST]
    none = torch.full((MOST - len(found), 6), -1.0)
    none[:, 4] = -torch.inf
    return torch.cat([found, none])


def _proposed(scenes: Scenes, start: int) -> Arrays:
    """What is known of the scenes that are shown when their proposals are."""
    shown = slice(start, start + SHOWN)
    matched = [
        matched_regions([boxes], objects[None]).overlaps
        for boxes, objects in zip(scenes.proposals[shown], scenes.truth[shown], strict=True)
    ]
    labels = [segments(_channels_last(raw), SCALE, 12) for raw in scenes.raw[shown]]
    return {
        "classes": torch.tensor(list("\n".join(ShapeScenes.classes or ()).encode()), dtype=torch.uint8),
        "pictures": scenes.raw[shown],
        "truth": scenes.truth[shown],
        "segments": torch.from_numpy(np.stack(labels)).int(),
        "proposals": _padded(scenes.proposals[shown]),
        "overlaps": _padded(matched),
    }


def _course(name: str, losses: list[float], steps: int) -> Arrays:
    """The training of a network so far."""
    at = (torch.arange(1, len(losses) + 1) * REPORT).clamp_max(steps)
    return {f"{name}/steps": at.int(), f"{name}/curve": torch.tensor(losses)}


def _channels_last(raw: Tensor) -> np.ndarray:
    return raw.permute(1, 2, 0).double().numpy()


def _padded(parts: list[Tensor]) -> Tensor:
    """Tensors of several lengths as one, −1 behind the shorter ones."""
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=-1)
