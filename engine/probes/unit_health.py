"""Unit health: units that are dead, and units that are saturated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.catalog import Example, Guide, Mistake, Panel, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.probes import Arrays, IncrementalLook, Picture, frame_rate

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: Where the steepest slope of an activation is looked for: −8, −7.99, …, 8.
LINE = (-8.0, 8.0, 1601)


class UnitHealth(Picture):
    """Unit health: which units learn nothing, because their activation is flat wherever they are.

    By the slope f′(z) of each elementwise activation over the training set, in evaluation mode, an
    evaluation batch at a look: a network that stands still is read whole, one that trains anew at each look.
    Arrays: `read` int32, how many `samples`, int32, are counted so far; `nodes` int32 (A,), the indices of
    those activations among all nodes; for each of them `NODE.dead` uint8 (units,), 1 where the slope is zero
    for every sample and place, so that no gradient passes; `NODE.saturated` float32 (units,), the share of
    samples and places whose slope is below `flat` times the steepest there is; `NODE.slope` float32 (units,),
    the mean of |f′|. A unit of a map is a channel. Not counted: what is not finite.
    Glorot & Bengio 2010, section 3; Lu et al. 2020 (dying ReLU).
    """

    kind: Literal["unit_health"] = "unit_health"
    panel = Panel("Unit health", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Says how many units cannot learn, and where.",),
        cons=("While it trains, of large sets only the first samples.",),
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
    samples: int | None = option(
        None, "The most samples that the network reads; left out: the whole training set.", ge=1, le=10**6
    )
    flat: float = option(0.05, "The share of the steepest slope below which a unit is saturated.", gt=0, lt=1)

    def check(self, plan: Plan) -> None:
        """Raise ValueError where no activation is elementwise."""
        if not _activations(plan):
            raise ValueError(
                "no activation here is a function of one number; expected one such as relu or tanh"
            )

    def prepare(self, trainer: Observed) -> UnitHealthLook:
        self.check(trainer.plan)
        return UnitHealthLook(self, trainer)


class UnitHealthLook(IncrementalLook):
    """The unit health of the current network, an evaluation batch of samples further at each call."""

    def __init__(self, asked: UnitHealth, trainer: Observed) -> None:
        self._flat, self._trainer = asked.flat, trainer
        self._inputs = trainer.data.train.inputs
        self._count = min(asked.samples or len(self._inputs), len(self._inputs))
        placed = _activations(trainer.plan)
        self._names, self._nodes = list(placed), torch.tensor(list(placed.values()), dtype=torch.int32)
        self._network: tuple[int, ...] = ()
        self._read, self._tallies = 0, dict[str, _Tally]()

    def _begin(self) -> None:
        """Forget what was counted of another network."""
        network = self._trainer.evaluation_network
        self._read = 0
        self._tallies = {
            name: _Tally(self._flat * _steepest(network.get_submodule(name))) for name in self._names
        }

    @property
    def done(self) -> float:
        return self._read / self._count

    def __call__(self) -> Arrays:
        """Count the next samples, from the first one on where the network is another, or all were read."""
        network = self._versions()
        if network != self._network or not self.more:
            self._begin()
            self._network = network
        watched = {name: partial(_watched, tally) for name, tally in self._tallies.items()}
        end = min(self._read + self._trainer.evaluation_batch, self._count)
        self._trainer.evaluation_network(self._inputs[self._read : end], substitutes=watched)
        self._read = end
        arrays: Arrays = {
            "nodes": self._nodes,
            "read": torch.tensor(self._read, dtype=torch.int32),
            "samples": torch.tensor(self._count, dtype=torch.int32),
        }
        for name, tally in self._tallies.items():
            arrays |= {f"{name}.{part}": value for part, value in tally.arrays().items()}
        return arrays

    def _versions(self) -> tuple[int, ...]:
        """What differs once the network has changed: by a step, or a weight by hand between two."""
        state = self._trainer.evaluation_network.state_dict(keep_vars=True).values()
        return self._trainer.steps_taken, *(tensor._version for tensor in state)


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
