"""Evaluation of many points by the fastest method, chosen by measurement.

`vmap` and batched products are several times faster than a loop on small networks and slower on large ones,
and the boundary depends on the machine. So each method is tried on points that are needed anyway, and the
fastest evaluates the rest: the measurement costs only the extra time of the slower methods.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from glassnet.engine.landscape.methods import (
    Looped,
    Method,
    SlicedObjective,
    Stacked,
    Unfolded,
    Unsupported,
    Vectorised,
)
from glassnet.engine.training.device_errors import has_lost_device

#: The numbers of points per batch that are tried; which of them fits the caches depends on the network.
CHUNKS = {"cpu": (8, 32), "cuda": (512,)}

#: The most numbers of the widest layer over all points of a batch.
MOST_AT_ONCE = {"cpu": 32_000_000, "cuda": 512_000_000}

#: Seconds between two results.
TURN = 0.1

#: The tolerated relative difference of a faster method from the loop.
TOLERANCE = 1e-4


@dataclass
class Evaluator:
    """The evaluator of the losses of points (points, directions) of a slice."""

    sliced: SlicedObjective
    recalibrate: Callable[[nn.Module], None] | None = None
    #: The fastest method: "loop", or "stacked 32" and the like.
    chosen: str = field(default="loop", init=False)
    #: Seconds per point of each method that was tried.
    measured: dict[str, float] = field(default_factory=dict, init=False)
    _best: Method | None = field(default=None, init=False)

    def losses(self, points: Tensor) -> Iterator[Tensor]:
        """Yields the losses of the points in order, a part about every TURN seconds."""
        place, points = 0, points.to(self.sliced.objective.device)
        if self._best is None:
            for part in self._try(points):
                place += len(part)
                yield part
        while place < len(points):
            parts, until = [], time.perf_counter() + TURN
            while place < len(points) and time.perf_counter() < until:
                parts.append(self._method.losses(points[place : place + self._method.chunk]))
                place += len(parts[-1])
            yield torch.cat(parts)

    @property
    def _method(self) -> Method:
        assert self._best is not None
        return self._best

    def _try(self, points: Tensor) -> Iterator[Tensor]:
        """Evaluate the first points by each method, and choose the fastest."""
        loop = Looped(self.sliced, recalibrate=self.recalibrate)
        self._best = loop
        known = loop.losses(points[:2])
        yield known
        rest = points[2:]
        quickest = math.inf
        for method in self._methods(loop):
            # Once to warm up, and again to measure; by the loop, a few points.
            size = method.chunk if method is not loop else 4
            if len(rest) < 2 * size:
                continue
            if method is not loop:
                try:
                    warm = method.losses(torch.cat([points[:2], rest[: size - 2]]))
                except (RuntimeError, NotImplementedError) as error:
                    if has_lost_device(error):
                        raise
                    continue  # vmap does not support an operator, or memory does not suffice
                if not _agree(warm[:2], known):
                    continue
                yield warm[2:]
                rest = rest[size - 2 :]
            start = self._now()
            found = method.losses(rest[:size])
            seconds = (self._now() - start) / size
            yield found
            rest = rest[size:]
            name = method.name if method is loop else f"{method.name} {method.chunk}"
            self.measured[name] = seconds
            if seconds < quickest:
                quickest, self._best, self.chosen = seconds, method, name

    def _methods(self, loop: Looped) -> Iterator[Method]:
        yield loop
        if self.recalibrate is not None:
            return
        widest = max(math.prod(placed.shape) for placed in self.sliced.objective.plan.nodes)
        numbers = widest * max(len(part.inputs) for part in self.sliced.objective.parts)
        device = torch.device(self.sliced.objective.device).type
        for chunk in CHUNKS[device]:
            if chunk * numbers > MOST_AT_ONCE[device]:
                return
            try:
                yield Stacked(self.sliced, chunk)
                continue
            except Unsupported:
                yield Vectorised(self.sliced, chunk)
            if device == "cuda":
                with suppress(Unsupported):
                    yield Unfolded(self.sliced, chunk)

    def _now(self) -> float:
        """The time after all launched kernels have finished."""
        if self.sliced.origin.is_cuda:
            torch.cuda.synchronize()
        return time.perf_counter()


def _agree(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
