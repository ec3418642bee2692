"""Regularizers applied to the parameters of a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import vmap

from glassnet.engine.catalog.call import Call
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
    """A regularizer with the gradients and weights that it acts on.

    Where those have a leading axis of replicas, it acts on each replica alone.
    """

    def __init__(
        self,
        item: Regularizer,
        parts: list[Part],
        generator: torch.Generator | None = None,
        *,
        generators: Sequence[torch.Generator | None] = (),
    ) -> None:
        """`generator` is what it draws from, if it does; `generators` are those of replicas, if there are."""
        self._parts, self._generator, self._generators = parts, generator, generators
        self.names = [name for part in parts for name in part.weights]
        self.weights = [weight for part in parts for weight in part.weights.values()]
        self.follow(item)
        kept = item.state()
        if kept is not None:
            for part in parts:
                weights = [weight.detach() for weight in part.weights.values()]
                build = vmap(lambda several: kept.build(weights=several)) if generators else None
                part.kept = kept.build(weights=weights) if build is None else list(build(weights))

    def follow(self, item: Regularizer) -> None:
        """Replace the item by another of the same kind; state between steps is kept."""
        self._apart = item.draws or not item.vmap
        self._penalty, self._on_gradients = item.penalty(), item.on_gradients()
        self._at_update, self._after = item.at_update(), item.after_update()

    def share(self, whole: AppliedRegularizer, index: int) -> None:
        """Keep between steps what another keeps for one of its replicas: views of the same tensors."""
        for part, other in zip(self._parts, whole._parts, strict=True):
            part.kept = [tensor[index] for tensor in other.kept]

    @property
    def kept(self) -> list[Tensor]:
        """Its state between steps, in the order of the weights."""
        return [tensor for part in self._parts for tensor in part.kept]

    def penalised(self, loss: Tensor, parameters: Mapping[str, Tensor] | None = None) -> Tensor:
        """The loss with the penalty added, of these `parameters` by name rather than of its own."""
        if self._penalty is None:
            return loss
        weights = self.weights if parameters is None else [parameters[name] for name in self.names]
        penalty: Tensor = self._penalty.build(weights=weights)
        return loss + penalty

    def change_gradients(self, due: Sequence[ParameterGroup]) -> None:
        """Change in place the gradients of the groups that are about to be updated, all together."""
        if self._on_gradients is None:
            return
        gradients = [gradient for part in self._parts if part.group in due for gradient in part.gradients]
        if gradients:
            self._act(self._on_gradients, {"gradients": gradients})

    def before_update(self, due: Sequence[ParameterGroup]) -> None:
        """Change in place the weights or gradients of each group that is about to be updated."""
        if self._at_update is None:
            return
        for part in self._parts:
            if part.group in due and part.gradients:
                weights = [weight.detach() for weight in part.weights.values()]
                self._act(
                    self._at_update,
                    {"weights": weights, "gradients": part.gradients},
                    rate=part.group.rate,
                    steps=part.group.count * part.group.every,
                )

    def after_update(self, due: Sequence[ParameterGroup], rate: Tensor) -> None:
        """Change in place the weights of the groups that were updated."""
        if self._after is None:
            return
        parts = [part for part in self._parts if part.group in due and part.weights]
        if parts:
            weights = [weight.detach() for part in parts for weight in part.weights.values()]
            state = [tensor for part in parts for tensor in part.kept]
            self._act(self._after, {"weights": weights, "state": state}, rate=rate)

    def _act(self, call: Call, tensors: dict[str, list[Tensor]], **numbers: Tensor) -> None:
        """Build a call, whose effect is what it changes in place; for replicas, each apart."""
        if not self._generators:
            call.build(**tensors, **numbers, generator=self._generator)
        elif not self._apart:
            vmap(partial(_built, call))(tensors, numbers)
        else:
            for index, generator in enumerate(self._generators):
                own = {name: [tensor[index] for tensor in several] for name, several in tensors.items()}
                call.build(**own, **{n: number[index] for n, number in numbers.items()}, generator=generator)

    def state(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        """The names and tensors of the state between steps."""
        for name, tensor in zip(self.names, self.kept, strict=False):
            yield f"{prefix}/{name}", tensor


def _built(call: Call, tensors: dict[str, list[Tensor]], numbers: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """Build a call for its effect; a function that is mapped over replicas must return tensors, if none."""
    call.build(**tensors, **numbers, generator=None)
    return ()


def apply_regularizer(
    item: Regularizer,
    groups: Sequence[ParameterGroup],
    generator: torch.Generator | None = None,
    *,
    generators: Sequence[torch.Generator | None] = (),
) -> AppliedRegularizer:
    """The regularizer applied to the trained parameters of its nodes, which checks.py has verified.

    `generators` are those of replicas, whose groups have a leading axis; None where it draws nothing.
    """
    leading = 1 if generators else 0
    parts = [Part(group) for group in groups]
    for part in parts:
        group = part.group
        for name, parameter, gradient in zip(group.names, group.parameters, group.gradients, strict=True):
            node, _, last = name.rpartition(".")
            if matches(item.nodes, node):
                part.gradients.append(gradient)
                if item.holds(last, parameter.ndim - leading):
                    part.weights[name] = parameter
    return AppliedRegularizer(item, parts, generator, generators=generators)
