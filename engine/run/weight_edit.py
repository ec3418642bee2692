"""Setting one weight by hand: what no experiment says, and an edit therefore cannot."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training.trainer import Trainer

#: The greatest weight, up or down, that can be asked for.
GREATEST = 1e6


@torch.no_grad()
def set_weight(trainer: Trainer, directory: RunDirectory, message: dict[str, Any]) -> dict[str, Any]:
    """Set `parameter` (`weight` where none is named) of `node` at `index` to `value`, between two steps.

    The answer has the number that was there `before`. The optimizer's own state stays as it is. Raises
    InvalidCommand, with a pointer into the message, where there is no such weight.
    """
    node, name = message.get("node"), message.get("parameter", "weight")
    tensor = _parameter(trainer, node, name)
    place = _place(tensor, message.get("index"))
    value = _value(message.get("value"))
    before = float(tensor[place])
    directory.append_event(
        {
            "type": "weight",
            "step": trainer.steps_taken,
            "node": node,
            "parameter": name,
            "index": list(place),
            "value": value,
        }
    )
    tensor[place] = value
    trainer.keep()
    return {"applied": "live", "before": before}


def _value(value: Any) -> float:
    if type(value) in (int, float) and abs(value) <= GREATEST:  # which NaN is not
        return float(value)
    raise InvalidCommand.at("/value", f"{value!r}; expected a number from −10⁶ to 10⁶")


def _parameter(trainer: Trainer, node: Any, name: Any) -> Tensor:
    placed = next((placed for placed in trainer.plan.nodes if placed.name == node), None)
    if placed is None:
        raise InvalidCommand.at("/node", f"{node!r} names no node; expected one that has weights")
    if placed.ties is not None:
        raise InvalidCommand.at("/node", f"'{node}' uses the weights of '{placed.ties}'; expected that one")
    if name not in placed.own:
        names = ", ".join(placed.own) or "none, as it has no parameters"
        raise InvalidCommand.at("/parameter", f"{name!r} is no parameter of '{node}'; expected {names}")
    return trainer.network.get_parameter(f"{node}.{name}")


def _place(tensor: Tensor, index: Any) -> tuple[int, ...]:
    sizes = tuple(tensor.shape)
    fits = isinstance(index, list) and len(index) == len(sizes)
    if not fits or not all(type(at) is int and 0 <= at < size for at, size in zip(index, sizes, strict=True)):
        below = "×".join(map(str, sizes))
        raise InvalidCommand.at("/index", f"{index!r}; expected a list of {len(sizes)} positions in {below}")
    return tuple(index)
