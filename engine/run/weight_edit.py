"""Setting one weight by hand, which is not an edit, because weights are not part of the experiment."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.run.commands import Weight
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training.trainer import Trainer


@torch.no_grad()
def set_weight(
    trainer: Trainer, directory: RunDirectory, command: Weight
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set one number of a parameter between two steps; returns the ack and the event.

    The ack has the number `before`. The optimizer's state is not changed. Raises InvalidCommand, with a
    pointer into the command, where there is no such weight.
    """
    tensor = _parameter(trainer, command.node, command.parameter)
    place = _place(tensor, command.index)
    before = float(tensor[place])
    what = command.model_dump(include={"node", "parameter", "index", "value"})
    event = {"type": "weight", "step": trainer.steps_taken, **what}
    directory.append_event(event)
    tensor[place] = command.value
    trainer.save_safe_copy()
    return {"applied": "live", "before": before}, event


def _parameter(trainer: Trainer, node: str, name: str) -> Tensor:
    placed = next((placed for placed in trainer.plan.nodes if placed.name == node), None)
    if placed is None:
        raise InvalidCommand.at("/node", f"{node!r} names no node; expected one that has weights")
    if placed.ties is not None:
        raise InvalidCommand.at("/node", f"'{node}' uses the weights of '{placed.ties}'; expected that one")
    if name not in placed.own:
        names = ", ".join(placed.own) or "none, as it has no parameters"
        raise InvalidCommand.at("/parameter", f"{name!r} is no parameter of '{node}'; expected {names}")
    return trainer.network.get_parameter(f"{node}.{name}")


def _place(tensor: Tensor, index: list[int]) -> tuple[int, ...]:
    sizes = tuple(tensor.shape)
    if len(index) != len(sizes) or not all(0 <= at < size for at, size in zip(index, sizes, strict=True)):
        below = "×".join(map(str, sizes))
        raise InvalidCommand.at("/index", f"{index!r}; expected a list of {len(sizes)} positions in {below}")
    return tuple(index)
