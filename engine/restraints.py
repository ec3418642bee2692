"""Regularizers at work."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from engine.regularizers import Regularizer


class Restraint:
    """A regularizer at work on the weights it is for."""

    def __init__(self, item: Regularizer, weights: dict[str, nn.Parameter], gradients: list[Tensor]) -> None:
        self.names, self.weights, self.gradients = list(weights), list(weights.values()), gradients
        self._penalty, self._on_gradients, self._after = (
            item.penalty() if weights else None,
            item.on_gradients(),
            item.after_update(),
        )
        kept = item.state()
        self.kept: list[Tensor] = (
            [] if kept is None else kept.build(weights=[w.detach() for w in self.weights])
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
