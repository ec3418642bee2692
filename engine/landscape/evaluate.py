"""Which way to evaluate many points, by measuring.

`vmap` and batched products win several times over on small networks and lose to a loop on large ones,
and where the line runs depends on the machine. So each way is tried on points that are wanted anyway,
and the quickest does the rest: measuring costs only what the slower ways took longer.
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

#: Points evaluated together that are tried; what fits the caches depends on the network.
CHUNKS = {"cpu": (8, 32), "cuda": (512,)}

#: Numbers that the widest layer of all points under way may take.
MOST_AT_ONCE = {"cpu": 32_000_000, "cuda": 512_000_000}

#: Seconds for which one way goes on before anybody is told.
TURN = 0.1

#: How far a quicker way may be from the loop, relative to the loss, to be believed.
TOLERANCE = 1e-4


@dataclass
class Evaluator:
    """The losses of points of a slice, (points, directions), in the order they are given."""

    sliced: SlicedObjective
    recalibrate: Callable[[nn.Module], None] | None = None
    #: "loop", or "stacked 32" and the like: what was found to be quickest.
    chosen: str = field(default="loop", init=False)
    #: Seconds a point of each way that was tried.
    measured: dict[str, float] = field(default_factory=dict, init=False)
    _best: Method | None = field(default=None, init=False)

    def losses(self, points: Tensor) -> Iterator[Tensor]:
        """The losses of the first points, of the next ones, …; a part about every TURN."""
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
        """Evaluate the first points in each of the ways, and settle for the quickest."""
        loop = Looped(self.sliced, recalibrate=self.recalibrate)
        self._best = loop
        known = loop.losses(points[:2])
        yield known
        rest = points[2:]
        quickest = math.inf
        for method in self._methods(loop):
            # Once to warm up, and again to measure; of the loop, as many as tell.
            size = method.chunk if method is not loop else 4
            if len(rest) < 2 * size:
                continue
            if method is not loop:
                try:
                    warm = method.losses(torch.cat([points[:2], rest[: size - 2]]))
                except (RuntimeError, NotImplementedError) as error:
                    if has_lost_device(error):
                        raise
                    continue  # an operator that vmap does not know, or too many at once
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
        """The time at which all that was launched has been computed."""
        if self.sliced.origin.is_cuda:
            torch.cuda.synchronize()
        return time.perf_counter()


def _agree(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
