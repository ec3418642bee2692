"""Finding: a trouble of a training, where it is, and the numbers that it was judged by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Trouble = Literal["exploding", "dead_units", "vanishing", "stalled", "overfitting"]

#: What a banner says first; the gravest trouble first.
TITLES: dict[Trouble, str] = {
    "exploding": "The training explodes",
    "dead_units": "Units have died",
    "vanishing": "The gradient vanishes",
    "stalled": "The loss does not fall",
    "overfitting": "The network overfits",
}


class Evidence(NamedTuple):
    """A number that a finding was judged by, and the threshold that it has passed."""

    what: str
    value: float
    relation: Literal["<", ">"]
    bound: float

    def document(self) -> dict[str, Any]:
        """The evidence as JSON values."""
        return self._asdict()


class Finding(NamedTuple):
    """A trouble of a training at a step: in words, with the node that it is about."""

    trouble: Trouble
    step: int
    #: The node that it is about; None where it is about the whole network.
    node: str | None
    detail: str
    evidence: tuple[Evidence, ...]

    def is_graver_than(self, told: Iterable[str]) -> bool:
        """Whether it is graver than all that were told: what is less grave may follow from them."""
        order = list(TITLES)
        return all(order.index(self.trouble) < order.index(each) for each in told if each in order)

    @property
    def title(self) -> str:
        """The trouble in a few words."""
        return TITLES[self.trouble]

    def document(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {
            "trouble": self.trouble,
            "step": self.step,
            "node": self.node,
            "title": self.title,
            "detail": self.detail,
            "evidence": [each.document() for each in self.evidence],
        }


def spoken(name: str) -> str:
    """A node's name within a sentence: `residual1.linear2` is "residual 1 linear 2"."""
    return re.sub(r"(?<=[a-z])(?=\d)", " ", name.replace("_", " ").replace(".", " "))
