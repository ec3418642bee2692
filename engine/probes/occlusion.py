"""Occlusion, live: the square slides on while the network trains."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import torch

from glassnet.engine.attribution.chunks import BatchSizer
from glassnet.engine.attribution.sliding_occlusion import OcclusionOptions, SlidingOcclusion
from glassnet.engine.catalog import option
from glassnet.engine.probes import Arrays, IncrementalLook, Picture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: Seconds that one look may spend on covered images, and multiply-adds of the first, which nobody has timed.
SECONDS, WORK = 0.03, 40_000_000

#: The golden ratio: turning by it again and again around a circle leaves no large gap at any time.
GOLDEN = 0.618033988749895


class Occlusion(OcclusionOptions, Picture):
    """Occlusion: a grey square covers part of an image, here and there, while the network trains.

    Each look covers some of the places anew, spread over the image, so that training is hardly held up;
    `steps` says of when each is. Where the network comes to say another class, or another map becomes the
    strongest, it begins anew. Arrays as those of the study of this name, which does it all at one step.
    Zeiler & Fergus 2014, section 4.2 and figure 7.
    """

    kind: Literal["occlusion"] = "occlusion"
    hz: float = option(5.0, "How many frames a second to send at most.", unit="1/s", gt=0, le=30)
    places: int | None = option(
        None,
        "How many places one look covers; left out: as many as take 30 ms.",
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
    """The numbers below `count`, each once, so that any so many in a row are spread over all."""
    turns = torch.arange(count, dtype=torch.float64) * GOLDEN % 1
    return turns.argsort().argsort()
