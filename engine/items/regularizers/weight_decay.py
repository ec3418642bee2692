"""Decoupled weight decay."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.regularizers import Penalty


class WeightDecay(Penalty):
    """Weight decay: before each step weights shrink by the share ηλ, whatever the optimizer is.

    w ← w (1 − ηλ), then the optimizer's step. With plain SGD it equals L2; with Adam, where L2 shrinks least
    what has large gradients, it makes AdamW of it. Loshchilov & Hutter 2019, algorithm 2.
    """

    kind: Literal["weight_decay"] = "weight_decay"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shrinks all weights by the same share, whatever the optimizer is.",),
        cons=("It acts together with the rate: another schedule is another decay.",),
        use="With Adam and its kin, in place of L2.",
        example=Example(
            "Weights shrink towards 0 where the data do not hold them; the boundary becomes smoother.",
            preset="few-points",
            changes={
                "/training/regularizers": [{"kind": "weight_decay", "strength": 1.0}],
            },
            claim={"metric": "test_loss", "op": "<", "than": {"metric": "test_loss", "of": "preset"}},
        ),
        tex=(r"w \leftarrow w\,(1 - \eta \lambda)",),
    )
    strength: float = option(
        0.01, "λ; the share lost in a step is the rate times λ.", ge=0, le=10, log=True, live=True
    )

    def warning(self, rate: float) -> Problem | None:
        share = rate * self.strength
        if share < 1:
            return None
        return Problem(
            "/strength",
            f"a step takes {share:.0%} of each weight (rate times λ): what was learned is lost",
            Remedy.setting("Use 0.01", {"/strength": 0.01}),
        )

    def at_update(self) -> Call | None:
        return Call(decay, Name("weights"), Name("rate"), self.strength)


def decay(weights: list[torch.Tensor], rate: torch.Tensor, strength: float) -> None:
    """w ← w (1 − ηλ), in place."""
    for weight in weights:
        weight.mul_((1 - rate * strength).to(weight.dtype))
