"""Descents on cost surfaces of two numbers, by the same update rules that train networks.

Everything is computed in float64. Runs are the leading axis, so a thousand cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import torch
from pydantic import Field
from pydantic_core import PydanticCustomError
from torch import Tensor

from glassnet.engine.items.formulas import FormulaError
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.random_streams import stream
from glassnet.engine.training.replay import capture

#: The start of a descent, as a study's option.
Start = Annotated[
    list[Annotated[float, Field(ge=-1e9, le=1e9)]],
    Field(min_length=2, max_length=2, json_schema_extra={"expected": "two numbers"}),
]


class PointOptimizer:
    """An optimizer that updates points (runs, 2) in place."""

    def __init__(self, optimizer: Optimizer, places: Tensor) -> None:
        self.optimizer, self.places = optimizer, places
        self.slots = {name: torch.zeros_like(places) for name in optimizer.slots}
        self._scalars = {name: torch.zeros_like(places[:, :1]) for name in optimizer.scalars}
        self._state = self.slots | self._scalars
        self._count = torch.zeros((), dtype=torch.float64)

    def step(self, slope: Tensor, rate: Tensor) -> None:
        """Make one update by gradients (runs, 2), which may be overwritten; `rate` is 0-d or (runs, 1)."""
        self._count.add_(1)
        self.optimizer.update(self.places, slope, self._state, rate, self._count)

    @property
    def position(self) -> Tensor:
        """The method's current points (runs, 2)."""
        return self.optimizer.position(self.places, self._state)


def gradients(surface: CostSurface, places: Tensor, seed: int) -> Iterator[Tensor]:
    """Yields ∇f at the current values of `places` (runs, 2), with the surface's noise.

    All runs have the same noise, as if they read the same batches. A yielded tensor may be overwritten by
    the next.
    """
    again = gradient_at(surface, places)
    draw = stream(seed, "descent")
    while True:
        slope = again()
        if surface.noise:
            slope += surface.noise * torch.randn(2, generator=draw, dtype=torch.float64)
        yield slope


def gradient_at(surface: CostSurface, places: Tensor) -> Callable[[], Tensor]:
    """A function that computes ∇f at the current values of `places`, without noise."""
    _, again = capture(lambda: (surface.slope(places),))

    def slope() -> Tensor:
        (found,) = again()
        return found

    return slope


def distances(surface: CostSurface, places: Tensor, slope: Callable[[Tensor], Tensor]) -> Tensor:
    """Distances of places (…, 2) from the nearest minimum: (…).

    Where no minimum is known, the length of the gradient, from `slope`.
    """
    if not surface.minima:
        return _lengths(slope(places))
    minima = torch.tensor(surface.minima, dtype=places.dtype)
    return _lengths(places.unsqueeze(-2) - minima).amin(-1)


def _lengths(arrows: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(arrows, dim=-1)
    return lengths


def checked_start(surface: CostSurface, start: list[float] | None) -> tuple[float, float]:
    """The start, given or the surface's default. Raises PydanticCustomError where it is invalid."""
    place = surface.start if start is None else (start[0], start[1])
    try:
        surface.check_start(place)
    except FormulaError as error:
        raise _refused("/surface/text", str(error)) from None
    except ValueError as error:
        raise _refused("/start", str(error)) from None
    return place


def _refused(pointer: str, words: str) -> PydanticCustomError:
    return PydanticCustomError("start", "{words}", {"words": words, "pointer": pointer})


def surface_arrays(surface: CostSurface, resolution: int) -> dict[str, Tensor]:
    """The arrays for drawing a surface.

    `heights` float32 (resolution, resolution), the top row first, from edge to edge; `domain` float32
    (2, 2); `minima` float32 (minima, 2); `least` float32 (): the least known height.
    """
    (left, right), (bottom, top) = surface.domain
    x = torch.linspace(left, right, resolution, dtype=torch.float64)
    y = torch.linspace(top, bottom, resolution, dtype=torch.float64)
    heights = surface.value(torch.stack(torch.meshgrid(x, y, indexing="xy"), -1))
    minima = torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)
    finite = heights[heights.isfinite()]
    known = surface.value(minima) if len(minima) else finite if len(finite) else torch.zeros(1)
    return {
        "heights": heights.float(),
        "domain": torch.tensor(surface.domain, dtype=torch.float32),
        "minima": minima.float(),
        "least": known.min().float().reshape(1),
    }
