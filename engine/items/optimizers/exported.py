"""The base class of exported optimizers that torch does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class ByParameter(torch.optim.Optimizer):
    """An optimizer that applies one rule to each parameter that has a gradient."""

    def __init__(self, parameters: list[torch.nn.Parameter], **options: float) -> None:
        super().__init__(parameters, options)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.move(parameter, parameter.grad, self.state[parameter], group)
        return loss

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        """Update a parameter in place; `state` holds this parameter's state tensors."""
        raise NotImplementedError
