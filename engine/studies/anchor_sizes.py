"""Sizes of anchors from the boxes of a training set, and how well they fit, by their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import torch

from glassnet.engine.boxes.anchors import clustered_sizes
from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.targets import WORDS
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training.trainer import Trainer

#: The purpose of the stream from which the first sizes are drawn.
ANCHORS = "anchors"


class AnchorSizes(NetworkStudy):
    """Anchor sizes: widths and heights that fit the boxes of the training set, found by k-means.

    The distance is 1 − IoU of shapes with one centre, so that large boxes count no more than small ones. For
    each number of anchors from 1 to `most` the best of five starts is kept; they are drawn from the
    experiment's seed, so that the same data give the same anchors. Arrays: `counts` int32 (most,); `sizes`
    float32 (most, most, 2), in row k − 1 the k anchors, smallest first, then NaN; `mean_overlap` float32
    (most,), the mean over the boxes of the IoU with the best anchor; `boxes` float32 (boxes, 2), the widths
    and heights of up to 2,000 boxes. Redmon & Farhadi 2017, section 2, figure 2.
    """

    kind: Literal["anchor_sizes"] = "anchor_sizes"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Anchors that nearly fit, without a guess.",),
        cons=("They fit what is there: other data want others.",),
        use="Before a detector with anchors is trained: write the sizes into its `anchors`.",
        example=Example(
            "The overlap rises quickly with the first anchors, and hardly with the last.",
            preset="yolo-v2-scenes",
        ),
        mistakes=(
            Mistake(
                "The more anchors, the better the detector.",
                "They fit better, and there are as many more boxes to be silent: YOLO v2 took five.",
            ),
        ),
        shows=("mean_overlap", "sizes"),
    )
    most: int = option(9, "The greatest number of anchors.", ge=1, le=16)

    def check_experiment(self, experiment: Experiment) -> None:
        try:
            self._check_data(experiment)
        except ValueError as error:
            raise InvalidCommand.at("/study/kind", str(error)) from None

    def _check_data(self, experiment: Experiment) -> None:
        data = experiment.data
        if data.family != "boxes":
            given = WORDS[data.family]
            raise ValueError(f"'{self.kind}' on '{data.kind}', which gives {given}; expected data with boxes")

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        self._check_data(trainer.experiment)
        boxes = trainer.data.train.targets.cpu().reshape(-1, 5)
        boxes = boxes[boxes[:, 4] >= 0]
        sizes = (boxes[:, 2:4] - boxes[:, :2]).float()
        if len(sizes) == 0:
            raise ValueError("no box in the training set; expected one at least")
        generator = stream(trainer.experiment.seed, ANCHORS)
        found = torch.full((self.most, self.most, 2), torch.nan)
        overlaps = torch.full((self.most,), torch.nan)
        for count in range(1, self.most + 1):
            starts = [clustered_sizes(sizes, count, generator) for _ in range(5)]
            best, overlap = max(starts, key=lambda start: float(start[1]))
            found[count - 1, :count], overlaps[count - 1] = best, overlap
            yield StudyFrame(
                count / self.most,
                {
                    "counts": torch.arange(1, self.most + 1, dtype=torch.int32),
                    "sizes": found.clone(),
                    "mean_overlap": overlaps.clone(),
                    "boxes": sizes[:2000],
                },
            )
