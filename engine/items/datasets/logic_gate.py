"""Logic gates."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets.points import TwoClasses, uniform


class LogicGate(TwoClasses):
    """Logic gate: the four corners (0, 0), (0, 1), (1, 0), (1, 1), and what a gate answers there.

    A perceptron solves AND, OR, NAND and NOR: x₁ + x₂ − 1.5 ≥ 0 is AND. XOR and XNOR no line separates: they
    need a hidden layer (Minsky & Papert 1969).
    """

    kind: Literal["logic_gate"] = "logic_gate"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Four corners: everything about them can be worked out by hand.",),
        cons=("Nothing to generalize to: train and test are the same four places.",),
        use="To see what a single unit can learn, and what it cannot.",
        example=Example(
            "One line is turned by each wrong sample until AND is right everywhere.",
            preset="perceptron-and",
            claim={"metric": "train_accuracy", "op": ">=", "value": 1},
        ),
        mistakes=(
            Mistake(
                "A perceptron cannot learn AND.",
                (
                    "It can, as OR, NAND and NOR: x₁ + x₂ − 1.5 ≥ 0 is AND. Exclusive or it cannot: no "
                    "line separates it."
                ),
            ),
        ),
    )
    gate: Literal["and", "or", "nand", "nor", "xor", "xnor"] = option("and", "Which gate.")
    samples: int = option(100, "How many points, training and test together.", ge=10, le=100_000)

    @property
    def separable(self) -> bool | None:
        return False if self.gate in ("xor", "xnor") and self.sees_place_alone else None

    @property
    def plane(self) -> float | None:
        return 2.0

    def generate(self) -> Call | None:
        return Call(logic_gate, self.gate, self.samples, self.noise, Name("generator"))


def logic_gate(
    gate: str, samples: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The corners in turn; noise of up to ±½ on each coordinate moves points and leaves labels."""
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    answers = {
        "and": [0, 0, 0, 1],
        "or": [0, 1, 1, 1],
        "nand": [1, 1, 1, 0],
        "nor": [1, 0, 0, 0],
        "xor": [0, 1, 1, 0],
        "xnor": [1, 0, 0, 1],
    }
    corner = torch.arange(samples) % 4
    points = corners[corner] + uniform((samples, 2), -0.5, 0.5, generator) * noise
    return points, torch.tensor(answers[gate])[corner]
