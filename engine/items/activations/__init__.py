"""Activations: functions applied to a unit's weighted sum. Each is a network node."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar, Literal

from glassnet.engine.items.node import Operation
from glassnet.engine.items.outputs import Numbers


class Activation(Operation, ABC):
    """A function of the units' sums; shapes are unchanged, unless it says so."""

    any_layout: ClassVar[bool] = True
    folds: ClassVar[bool] = True
    keeps_units: ClassVar[bool] = True
    #: Whether each number it gives follows from one number it reads.
    elementwise: ClassVar[bool] = True
    #: Whether a new layer ends in it where the network has no activation to go by.
    preferred: ClassVar[bool] = False
    #: How a signal goes down through it by the deconvnet and guided backprop: by their rule, or as it is.
    #: None: they have no rule for it.
    downward: ClassVar[Literal["rectified", "as_it_is"] | None] = None
    #: What the numbers are that it gives.
    gives: ClassVar[Numbers] = "logits"
    #: Whether no gradient passes it anywhere.
    flat: ClassVar[bool] = False
    #: Whether what it gives adds up over the units, so that of a single unit it is always the same.
    shares: ClassVar[bool] = False
    #: Whether it is defined between 0 and 1 alone, and limits what arrives.
    of_probabilities: ClassVar[bool] = False
    #: The function and its derivative, as published.
    formula: ClassVar[str]
    derivative: ClassVar[str]

    @classmethod
    def bounds(cls) -> tuple[float, float] | None:
        """The least and the greatest number that it gives; None where its options decide."""
        ends = (cls.guide.codomain if cls.guide else "")[1:-1].replace("−", "-").replace("∞", "inf")
        try:
            least, greatest = map(float, ends.split(", "))
        except ValueError:
            return None
        return least, greatest

    @classmethod
    def flat_ends(cls) -> tuple[bool, bool]:
        """Whether it is constant from some number downwards, and upwards, with no gradient there.

        A function that only rises takes its least value on such a stretch, or nowhere.
        """
        interval = cls.guide.codomain if cls.guide and cls.guide.monotone else "()"
        return interval.startswith("["), interval.endswith("]")

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """The catalogue's entry, with whether it is preferred, and whether it is elementwise."""
        return super().entry() | {"preferred": cls.preferred, "elementwise": cls.elementwise}
