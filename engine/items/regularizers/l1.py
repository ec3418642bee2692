"""L1."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Penalty


class L1(Penalty):
    """L1: a pull of constant strength towards zero, λ Σ |w|, which leaves few weights different from zero.

    As a subgradient the pull overshoots, and weights oscillate around zero. The other form pulls after
    each step, and a weight that would change its sign is set to zero and stays there: the connection is
    dead (as in TensorFlow Playground).
    """

    kind: Literal["l1"] = "l1"
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Makes weights exactly or nearly 0: it chooses among inputs.",
            "What is left can be read.",
        ),
        cons=(
            "Constant pull: large weights that are needed are pulled as well.",
            "As a subgradient it oscillates around 0 and reaches it only by killing weights.",
        ),
        use="Where few of many inputs matter, or a network is to be thinned out.",
        example=Example(
            "Edges become thin one after another; the boundary becomes simpler.",
            preset="few-points",
            changes={
                "/training/regularizers": [{"kind": "l1", "strength": 0.01}],
            },
            claim={"metric": "test_loss", "op": "<", "than": {"metric": "test_loss", "of": "preset"}},
        ),
        tex=(
            r"\lambda \sum |w|",
            r"\frac{\partial}{\partial w} = \lambda \operatorname{sign} w",
        ),
    )
    strength: float = option(0.001, "λ, the strength of the pull.", ge=0, le=10, log=True, live=True)
    form: Literal["subgradient", "kill"] = option(
        "subgradient", "Add the penalty to the loss, or set weights that cross zero to zero for good."
    )

    def penalty(self) -> Call | None:
        return Call(l1_penalty, Name("weights"), self.strength) if self.form == "subgradient" else None

    def state(self) -> Call | None:
        return Call(all_alive, Name("weights")) if self.form == "kill" else None

    def after_update(self) -> Call | None:
        if self.form == "subgradient":
            return None
        return Call(pull_and_kill, Name("weights"), Name("state"), Name("rate"), self.strength)


def l1_penalty(weights: list[torch.Tensor], strength: float) -> torch.Tensor:
    """The penalty λ Σ |w|."""
    return strength * torch.stack([weight.abs().sum() for weight in weights]).sum()


def all_alive(weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """Masks of ones, one for each weight tensor: every connection starts alive."""
    return [torch.ones_like(weight) for weight in weights]


def pull_and_kill(
    weights: list[torch.Tensor], alive: list[torch.Tensor], rate: torch.Tensor, strength: float
) -> None:
    """w ← w − ηλ sign w, in place; a weight that would change its sign becomes 0 and stays 0."""
    for weight, mask in zip(weights, alive, strict=True):
        pulled = weight - rate * strength * weight.sign()
        mask.mul_((pulled * weight >= 0).to(mask.dtype))
        weight.copy_(pulled * mask)
