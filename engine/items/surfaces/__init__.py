"""Cost surfaces: functions of two numbers, on which the path of an optimizer can be drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from glassnet.engine.catalog import Item, option

Place = tuple[float, float]

#: The least and the greatest value on either axis.
Domain = tuple[tuple[float, float], tuple[float, float]]


class CostSurface(Item, ABC):
    """A cost f of two numbers, with the part of the plane that is shown."""

    #: The names of the two numbers.
    axes: ClassVar[tuple[str, str]] = ("x", "y")
    formula: ClassVar[str]
    #: Whether f is not finite at some finite places, as log x is for negative x.
    partial: ClassVar[bool] = False

    noise: float = option(
        0.0, "σ of Gaussian noise added to each gradient, as if every step had another batch.", ge=0, le=100
    )

    @abstractmethod
    def value(self, places: Tensor) -> Tensor:
        """f at places (…, 2): (…), in their precision."""

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """The part of the plane that is shown, and in which a start may lie."""

    @property
    @abstractmethod
    def start(self) -> Place:
        """An instructive start of a descent."""

    @property
    @abstractmethod
    def minima(self) -> tuple[Place, ...]:
        """The known minima of f; empty where they are not known, or where f has none."""

    def slope(self, places: Tensor) -> Tensor:
        """∇f at places (…, 2), without the noise: the same shape."""
        with torch.enable_grad():
            asked = places.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self.value(asked).sum(), asked)
        return slope

    def check_start(self, place: Place) -> None:
        """Raise ValueError for a place outside the domain, or where f has no finite value."""
        for name, number, (low, high) in zip(self.axes, place, self.domain, strict=True):
            if not low <= number <= high:
                raise ValueError(f"{name} = {number:g} is outside; expected {name} from {low:g} to {high:g}")


class Known(CostSurface, ABC):
    """A textbook surface, whose domain, start and minima are constants."""

    region: ClassVar[Domain]
    begin: ClassVar[Place]
    lowest: ClassVar[tuple[Place, ...]] = ()

    @property
    def domain(self) -> Domain:
        return self.region

    @property
    def start(self) -> Place:
        return self.begin

    @property
    def minima(self) -> tuple[Place, ...]:
        return self.lowest
