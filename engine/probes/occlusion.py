"""Occlusion as a probe: computed incrementally while the network trains."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.attribution.chunks import BatchSizer
from glassnet.engine.attribution.sliding_occlusion import OcclusionOptions, SlidingOcclusion
from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.probes import Arrays, IncrementalLook, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The seconds of one call for covered images, and the multiply-adds of the first, before any is measured.
SECONDS, WORK = 0.03, 40_000_000

#: The golden ratio: its multiples around a circle leave no large gap at any time.
GOLDEN = 0.618033988749895


class Occlusion(OcclusionOptions, Picture):
    """Occlusion: the network's output while a grey square covers parts of an image, during training.

    Each call renews some of the positions, spread over the image, so that training is hardly delayed; `steps`
    is the step of each. Where the predicted class or the strongest map changes, it starts anew. Arrays as
    those of the study of this name, which computes all at one step. Zeiler & Fergus 2014, section 4.2 and
    figure 7.
    """

    kind: Literal["occlusion"] = "occlusion"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Asks the network itself, by covering parts.",),
        cons=("Grey squares are not like the data, and many passes are needed.",),
        use="To check what attribution claims.",
        example=Example(
            "The answer falls where the square covers what matters.",
            preset="digits-convolution",
        ),
        shows=(
            "input",
            "drop",
        ),
    )
    hz: float = frame_rate(5.0)
    places: int | None = option(
        None,
        "The number of positions per call; left out: as many as take 30 ms.",
        ge=1,
        le=65_536,
    )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        return _Sliding(self, trainer)


class _Sliding(IncrementalLook):
    def __init__(self, probe: Occlusion, trainer: Observed) -> None:
        self._trainer, self._slide = trainer, SlidingOcclusion(probe, trainer)
        count = self._slide.squares.count
        self._fixed = probe.places
        self._sizer = BatchSizer(WORK // max(1, trainer.plan.macs), SECONDS)
        self._order = scattered(count)
        self._next = 0

    @property
    def done(self) -> float:
        return float((self._slide.steps == self._trainer.steps_taken).float().mean())

    def __call__(self) -> Arrays:
        began = time.perf_counter()
        self._slide.ask()
        count = min(self._fixed or self._sizer.at_once, len(self._order))
        ahead = torch.arange(self._next, self._next + count) % len(self._order)
        self._slide.cover(self._order[ahead])
        self._next = (self._next + count) % len(self._order)
        self._sizer.record(count, time.perf_counter() - began)
        return self._slide.arrays()


def scattered(count: int) -> torch.Tensor:
    """A permutation of the numbers below `count`, any stretch of which is spread evenly."""
    turns = torch.arange(count, dtype=torch.float64) * GOLDEN % 1
    return turns.argsort().argsort()
