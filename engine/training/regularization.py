"""Regularizers applied to the parameters of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.network.graph import matches
from glassnet.engine.training.parameter_groups import ParameterGroup


@dataclass
class Part:
    """The tensors of one group that a regularizer acts on."""

    group: ParameterGroup
    gradients: list[Tensor] = field(default_factory=list)
    weights: dict[str, nn.Parameter] = field(default_factory=dict)
    #: Its state between steps, one tensor for each of the weights, or none.
    kept: list[Tensor] = field(default_factory=list)


class AppliedRegularizer:
    """A regularizer with the gradients and weights that it acts on."""

    def __init__(
        self, item: Regularizer, parts: list[Part], generator: torch.Generator | None = None
    ) -> None:
        """`generator` is what it draws from, if it does."""
        self._parts, self._generator = parts, generator
        self.names = [name for part in parts for name in part.weights]
        self.weights = [weight for part in parts for weight in part.weights.values()]
        self.follow(item)
        kept = item.state()
        if kept is not None:
            for part in parts:
                part.kept = kept.build(weights=[weight.detach() for weight in part.weights.values()])

    def follow(self, item: Regularizer) -> None:
        """Replace the item by another of the same kind; state between steps is kept."""
        self._penalty, self._on_gradients = item.penalty(), item.on_gradients()
        self._at_update, self._after = item.at_update(), item.after_update()

    @property
    def kept(self) -> list[Tensor]:
        """Its state between steps, in the order of the weights."""
        return [tensor for part in self._parts for tensor in part.kept]

    def penalised(self, loss: Tensor) -> Tensor:
        """The loss with the penalty added."""
        if self._penalty is None:
            return loss
        penalty: Tensor = self._penalty.build(weights=self.weights)
        return loss + penalty

    def change_gradients(self, due: Sequence[ParameterGroup]) -> None:
        """Change in place the gradients of the groups that are about to be updated, all together."""
        if self._on_gradients is None:
            return
        gradients = [gradient for part in self._parts if part.group in due for gradient in part.gradients]
        if gradients:
            self._on_gradients.build(gradients=gradients)

    def before_update(self, due: Sequence[ParameterGroup]) -> None:
        """Change in place the weights or gradients of each group that is about to be updated."""
        if self._at_update is None:
            return
        for part in self._parts:
            if part.group in due and part.gradients:
                self._at_update.build(
                    weights=list(part.weights.values()),
                    gradients=part.gradients,
                    rate=part.group.rate,
                    steps=part.group.count * part.group.every,
                    generator=self._generator,
                )

    def after_update(self, due: Sequence[ParameterGroup], rate: Tensor) -> None:
        """Change in place the weights of the groups that were updated."""
        if self._after is None:
            return
        parts = [part for part in self._parts if part.group in due and part.weights]
        if parts:
            weights = [weight for part in parts for weight in part.weights.values()]
            state = [tensor for part in parts for tensor in part.kept]
            self._after.build(weights=weights, state=state, rate=rate)

    def state(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the state between steps."""
        for name, tensor in zip(self.names, self.kept, strict=False):
            yield f"{prefix}/{name}", tensor


def apply_regularizer(
    item: Regularizer, groups: Sequence[ParameterGroup], generator: torch.Generator | None = None
) -> AppliedRegularizer:
    """The regularizer applied to the trained parameters of its nodes, which checks.py has verified."""
    parts = [Part(group) for group in groups]
    for part in parts:
        group = part.group
        for name, parameter, gradient in zip(group.names, group.parameters, group.gradients, strict=True):
            node, _, last = name.rpartition(".")
            if matches(item.nodes, node):
                part.gradients.append(gradient)
                if item.holds(last, parameter.ndim):
                    part.weights[name] = parameter
    return AppliedRegularizer(item, parts, generator)
