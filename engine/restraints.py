"""Regularizers at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from engine.graph import matches
from engine.groups import Group
from engine.regularizers import Regularizer


class Restraint:
    """A regularizer at work on the weights it is for."""

    def __init__(self, item: Regularizer, weights: dict[str, nn.Parameter], gradients: list[Tensor]) -> None:
        self.names, self.weights, self.gradients = list(weights), list(weights.values()), gradients
        self.follow(item)
        kept = item.state()
        self.kept: list[Tensor] = (
            [] if kept is None else kept.build(weights=[w.detach() for w in self.weights])
        )

    def follow(self, item: Regularizer) -> None:
        """Act as another item of the same kind says from now on; what is kept between steps stays."""
        self._penalty, self._on_gradients, self._after = (
            item.penalty(),
            item.on_gradients(),
            item.after_update(),
        )

    def penalised(self, loss: Tensor) -> Tensor:
        """The loss with the penalty added."""
        if self._penalty is None:
            return loss
        penalty: Tensor = self._penalty.build(weights=self.weights)
        return loss + penalty

    def before_update(self) -> None:
        """Change gradients in place."""
        if self._on_gradients is not None:
            self._on_gradients.build(gradients=self.gradients)

    def after_update(self, rate: Tensor) -> None:
        """Change weights in place after the optimizer's step."""
        if self._after is not None:
            self._after.build(weights=self.weights, state=self.kept, rate=rate)

    def state(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """Name and tensor of what the regularizer keeps between steps."""
        for name, tensor in zip(self.names, self.kept, strict=False):
            yield f"{prefix}/{name}", tensor


def restrained(item: Regularizer, groups: Sequence[Group]) -> Restraint:
    """The regularizer over what is trained of its nodes (checks.py has seen that there is something)."""
    weights, gradients = {}, []
    for group in groups:
        for name, parameter, gradient in zip(group.names, group.parameters, group.gradients, strict=True):
            if matches(item.nodes, name.rpartition(".")[0]):
                gradients.append(gradient)
                if parameter.ndim > 1:
                    weights[name] = parameter
    return Restraint(item, weights, gradients)
