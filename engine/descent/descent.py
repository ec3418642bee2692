"""Descents on a surface of two numbers: the very updates that train networks, on points one can see.

Everything is computed in float64. Several runs are a leading axis, so a thousand cost little more
than one.
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

#: A place to start from, as it is asked for.
Start = Annotated[
    list[Annotated[float, Field(ge=-1e9, le=1e9)]],
    Field(min_length=2, max_length=2, json_schema_extra={"expected": "two numbers"}),
]


class Mover:
    """One optimizer at work on points (runs, 2), which it moves in place."""

    def __init__(self, optimizer: Optimizer, places: Tensor) -> None:
        self.optimizer, self.places = optimizer, places
        self.slots = {name: torch.zeros_like(places) for name in optimizer.slots}
        self._scalars = {name: torch.zeros_like(places[:, :1]) for name in optimizer.scalars}
        self._state = self.slots | self._scalars
        self._count = torch.zeros((), dtype=torch.float64)

    def step(self, slope: Tensor, rate: Tensor) -> None:
        """One update along slopes (runs, 2), which may be overwritten; `rate` is 0-d or (runs, 1)."""
        self._count.add_(1)
        self.optimizer.update(self.places, slope, self._state, rate, self._count)

    @property
    def position(self) -> Tensor:
        """Where the method says it is (runs, 2)."""
        return self.optimizer.position(self.places, self._state)


def slopes(surface: CostSurface, places: Tensor, seed: int) -> Iterator[Tensor]:
    """∇f at `places` (runs, 2) as they stand each time one is asked for, with the surface's noise.

    All runs get the same noise, as if they saw the same batches. The tensor is made anew each time, or
    overwritten.
    """
    again = slope_at(surface, places)
    draw = stream(seed, "descent")
    while True:
        slope = again()
        if surface.noise:
            slope += surface.noise * torch.randn(2, generator=draw, dtype=torch.float64)
        yield slope


def slope_at(surface: CostSurface, places: Tensor) -> Callable[[], Tensor]:
    """A way to work out ∇f at these very points again and again, without the noise."""
    _, again = capture(lambda: (surface.slope(places),))

    def slope() -> Tensor:
        (found,) = again()
        return found

    return slope


def distances(surface: CostSurface, places: Tensor, slope: Callable[[Tensor], Tensor]) -> Tensor:
    """How far places (…, 2) are from the nearest minimum: (…).

    Where no minimum is known, how steep it is there, from `slope`.
    """
    if not surface.minima:
        return _lengths(slope(places))
    minima = torch.tensor(surface.minima, dtype=places.dtype)
    return _lengths(places.unsqueeze(-2) - minima).amin(-1)


def _lengths(arrows: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(arrows, dim=-1)
    return lengths


def beginning(surface: CostSurface, start: list[float] | None) -> tuple[float, float]:
    """The start, as asked for or the surface's own; a validation error with its place where none can be."""
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


def relief(surface: CostSurface, resolution: int) -> dict[str, Tensor]:
    """The surface as arrays for drawing.

    `heights` float32 (resolution, resolution), the top row first, from edge to edge; `domain` float32
    (2, 2); `minima` float32 (minima, 2); `least` float32 (): the least height that is known.
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
