"""Guide: what the reference page of an item says beside its docstring, its options and its figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Mistake(NamedTuple):
    """A claim that is often met, and what is true."""

    claim: str
    truth: str


class Example(NamedTuple):
    """An experiment that shows an item: a preset with changes, or a lab.

    Where the preset does not have the item, it takes the place of those of its family. With neither preset
    nor lab it is the smallest network that the item fits into.
    """

    #: What to look for in it.
    look: str
    #: The name of a preset, without its number.
    preset: str = ""
    #: Values by the JSON pointers at which they are put into the preset.
    changes: Mapping[str, Any] = {}
    #: The name of a lab.
    lab: str = ""
    #: What is seen there, as a condition that is tested: of a study on the arrays that it finds with its
    #: defaults, of any other item on the end of the training, where the run `preset` is the preset itself.
    claim: Mapping[str, Any] = {}
    #: Of a study, the steps that the network takes before it.
    steps: int = 0


class Guide(NamedTuple):
    """What speaks for and against an item, when to use it, and the experiment that shows it."""

    pros: tuple[str, ...]
    cons: tuple[str, ...]
    use: str
    example: Example
    mistakes: tuple[Mistake, ...] = ()
    #: Equations in LaTeX: of what it computes, then of its derivative.
    tex: tuple[str, ...] = ()
    #: The numbers that it takes and gives, as intervals.
    domain: str = ""
    codomain: str = ""
    #: Whether a greater argument never gives a smaller value; None where that is not asked.
    monotone: bool | None = None

    #: Of a probe or a study, the arrays that its figure shows, by the beginning of their names; `y@x` is a
    #: curve over another array.
    shows: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The guide as the published catalogue has it."""
        return {
            **self._asdict(),
            "example": self.example._asdict(),
            "mistakes": [mistake._asdict() for mistake in self.mistakes],
        }
