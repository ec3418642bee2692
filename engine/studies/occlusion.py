"""Occlusion: a grey square slides over the image (Zeiler & Fergus 2014, figure 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.attribution.sliding_occlusion import OcclusionOptions, SlidingOcclusion
from glassnet.engine.catalog import Example, Guide
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: Multiply-adds between two looks at what there is so far: well under a second.
AT_ONCE = 1_000_000_000


class Occlusion(OcclusionOptions, NetworkStudy):
    """Occlusion: a grey square covers part of an image, here and there; what the network says then.

    As in Zeiler & Fergus 2014, section 4.2 and figure 7. For each place of the square (rows, columns):
    `probability` float32, the share of the class that is asked about; `class` int32, the likeliest class;
    `activation` float32, the sum over the feature map that is strongest in the whole image; `steps` int32;
    NaN and −1 where the square has not yet been. For each pixel (h, w): `drop` float32, how far the class's
    score falls, the mean over all squares that cover it. `input` uint8 (channels, h, w) with `input.range`;
    `before` float32 (2,): probability and activation of the whole image; `target`, `truth`, `channel`
    int32; `grey` float32. A signal has places (stretches,) and (length,), a volume or clip (layers, rows,
    columns) and (depth, h, w): there the square is a cube, which covers all of a shorter axis.
    """

    kind: Literal["occlusion"] = "occlusion"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Asks the network itself, place by place.",),
        cons=("Grey squares are not like the data.",),
        use="To check what attribution claims.",
        example=Example(
            "The share of the class falls where the square covers what matters.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "drop",
            "probability",
        ),
    )

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        slide = SlidingOcclusion(self, trainer)
        slide.ask()
        count, at_once = slide.squares.count, max(1, AT_ONCE // max(1, trainer.plan.macs))
        for start in range(0, count, at_once):
            stop = min(start + at_once, count)
            slide.cover(torch.arange(start, stop))
            yield StudyFrame(stop / count, slide.arrays())
