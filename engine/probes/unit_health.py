"""Unit health: units that are dead, and units that are saturated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.catalog import Example, Guide, Mistake, Panel, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.probes import Arrays, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: Where the steepest slope of an activation is looked for: −8, −7.99, …, 8.
LINE = (-8.0, 8.0, 1601)


class UnitHealth(Picture):
    """Unit health: which units learn nothing, because their activation is flat wherever they are.

    By the slope f′(z) of each elementwise activation over the first training samples, in evaluation mode.
    Arrays: `nodes` int32 (A,), the indices of those activations among all nodes; for each of them
    `NODE.dead` uint8 (units,), 1 where the slope is zero for every sample and place, so that no gradient
    passes; `NODE.saturated` float32 (units,), the share of samples and places whose slope is below `flat`
    times the steepest there is; `NODE.slope` float32 (units,), the mean of |f′|. A unit of a map is a
    channel. Not counted: what is not finite.
    Glorot & Bengio 2010, section 3; Lu et al. 2020 (dying ReLU).
    """

    kind: Literal["unit_health"] = "unit_health"
    panel = Panel("Unit health", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Says how many units cannot learn, and where.",),
        cons=("Of the first samples only.",),
        use="With ReLU and large rates.",
        example=Example(
            "Raise the rate and count the dead.",
            preset="digits",
        ),
        mistakes=(
            Mistake(
                "A ReLU that is 0 for one batch is dead.",
                "For every sample: only then no gradient ever comes back.",
            ),
        ),
        shows=("relu1.",),
    )
    hz: float = frame_rate(2.0)
    samples: int = option(1000, "The most samples that the network reads.", ge=1, le=20_000)
    flat: float = option(0.05, "The share of the steepest slope below which a unit is saturated.", gt=0, lt=1)

    def check(self, plan: Plan) -> None:
        """Raise ValueError where no activation is elementwise."""
        if not _activations(plan):
            raise ValueError(
                "no activation here is a function of one number; expected one such as relu or tanh"
            )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        inputs = trainer.data.train.inputs
        count, size = min(self.samples, len(inputs)), trainer.evaluation_batch
        placed = _activations(trainer.plan)
        indices = torch.tensor(list(placed.values()), dtype=torch.int32)

        def look() -> Arrays:
            network = trainer.evaluation_network
            tallies = {name: _Tally(self.flat * _steepest(network.get_submodule(name))) for name in placed}
            watched = {name: partial(_watched, tally) for name, tally in tallies.items()}
            for start in range(0, count, size):
                network(inputs[start : min(start + size, count)], substitutes=watched)
            arrays: Arrays = {"nodes": indices}
            for name, tally in tallies.items():
                arrays |= {f"{name}.{part}": value for part, value in tally.arrays().items()}
            return arrays

        return look


def _activations(plan: Plan) -> dict[str, int]:
    """The elementwise activations by name, with their indices among all nodes."""
    return {
        placed.name: index
        for index, placed in enumerate(plan.nodes)
        if isinstance(placed.item, Activation) and placed.item.elementwise
    }


def _watched(tally: _Tally, module: nn.Module, x: Tensor) -> Tensor:
    """The output of an activation, whose slopes are counted."""
    given, slope = slopes(module, x)
    tally.add(slope)
    return given


def slopes(module: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """What an elementwise function gives for x, and its slope there, as autograd has it."""
    with torch.enable_grad():
        z = x.detach().requires_grad_()
        given = module(z)
        (slope,) = torch.autograd.grad(given.sum(), z, allow_unused=True, materialize_grads=True)
    return given.detach(), slope


def _steepest(module: nn.Module) -> float:
    """The greatest |f′| between −8 and 8, of the first unit where they differ."""
    parameter = next(module.parameters(), None)
    line = torch.linspace(*LINE, dtype=torch.float64)
    like = line if parameter is None else line.to(parameter)
    units = 1 if parameter is None else parameter.numel()
    _, slope = slopes(module, like[:, None].expand(-1, units))
    found = slope.abs()
    return float(found[found.isfinite()].max()) if bool(found.isfinite().any()) else 1.0


class _Tally:
    """What is counted of one activation's slopes: (units,) each."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._counts: Tensor | None = None

    def add(self, slope: Tensor) -> None:
        """Count slopes (samples, units, …)."""
        flat = slope.transpose(0, 1).flatten(1).abs()
        finite = flat.isfinite()
        size = torch.where(finite, flat, 0.0).double()
        counts = torch.stack(
            [
                finite.sum(1).double(),
                (finite & (size > 0)).sum(1).double(),
                (finite & (size < self._least)).sum(1).double(),
                size.sum(1),
            ]
        )
        self._counts = counts if self._counts is None else self._counts + counts

    def arrays(self) -> dict[str, Tensor]:
        """Which units are dead, the share of saturation, and the mean slope."""
        assert self._counts is not None, "a look has at least one sample"
        seen, passing, flat, total = self._counts.cpu()
        return {
            "dead": ((passing == 0) & (seen > 0)).to(torch.uint8),
            "saturated": (flat / seen).float(),
            "slope": (total / seen).float(),
        }
