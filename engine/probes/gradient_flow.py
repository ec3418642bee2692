"""Gradient flow: the size of gradients, weights and updates, layer by layer, through training."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake
from glassnet.engine.probes import Arrays, Collector, Picture
from glassnet.engine.probes.history import History

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class GradientFlow(Picture):
    """Gradient flow: how large gradients, weights and updates of each layer are, through training.

    A layer is a node with parameters of its own, and a size the Euclidean norm over all of them. Rows are
    added while the probe is watched, and from the first step on where the experiment's `collect` names it;
    at most 200, thinned as they grow. Arrays: `nodes` int32 (L,), the index of each layer among all nodes;
    `steps` int32 (T,); `gradient` float32 (T, L), of the last batch, as the optimizer was given it (after
    clipping; NaN before the first step, and where no optimizer moves the layer); `weight` float32 (T, L);
    `update` float32 (T, L), what the last update changed, penalties and projections included (NaN until a
    step is taken while the probe is watched). A ratio of update to weight near 10⁻³ is usual; far smaller,
    and the layer hardly learns, far larger, and it is overwritten.
    Glorot & Bengio 2010, section 4.2; Pascanu et al. 2013, section 2.
    """

    kind: Literal["gradient_flow"] = "gradient_flow"
    collects: ClassVar[bool] = True
    follows_updates: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Vanishing and exploding gradients as numbers for each layer.",),
        cons=("Norms alone do not say which way.",),
        use="When a deep network does not learn.",
        example=Example(
            "The first layers' gradients are a thousandth of the last one's.",
            preset="deep-sigmoid",
        ),
        mistakes=(
            Mistake(
                "Exploding gradients come from a large rate.",
                "From products of Jacobians above 1; the rate only lengthens the step.",
            ),
        ),
        shows=(
            "gradient@steps",
            "weight@steps",
        ),
    )

    def check(self, plan: Plan) -> None:
        """Raise ValueError where no node has parameters."""
        if not any(placed.own for placed in plan.nodes):
            raise ValueError("no node of this network has parameters; expected one that learns")

    def prepare(self, trainer: Observed) -> _Norms:
        self.check(trainer.plan)
        return _Norms(trainer)


class _Norms(Collector):
    def __init__(self, trainer: Observed) -> None:
        self._history = History()
        self._follow(trainer)

    def _follow(self, trainer: Observed) -> None:
        self._trainer = trainer
        placed = list(enumerate(trainer.plan.nodes))
        self._nodes = [index for index, node in placed if node.own]
        named = dict(trainer.evaluation_network.named_parameters())
        layers = {
            f"{node.name}.{name}": layer
            for layer, node in enumerate(trainer.plan.nodes[index] for index in self._nodes)
            for name in node.own
        }
        self._weights = [named[name] for name in layers]
        self._layers = torch.tensor(list(layers.values()))
        #: The layer of each parameter that an optimizer moves, group after group.
        self._moved = torch.tensor([layers[name] for group in trainer.groups for name in group.names])
        self._sizes = [tuple(weight.shape) for weight in self._weights]

    def switch_trainer(self, trainer: Observed) -> bool:
        nodes, sizes = self._nodes, self._sizes
        self._follow(trainer)
        return (self._nodes, self._sizes) == (nodes, sizes)

    @torch.no_grad()
    def collect(self) -> None:
        step = self._trainer.steps_taken
        if self._history.wants(step):
            self._history.add(step, self._row())

    def _row(self) -> dict[str, Tensor]:
        groups = self._trainer.groups
        gradients = [gradient for group in groups for gradient in group.gradients]
        updates = [update for group in groups for update in group.last_updates]
        gradient, update = self._norms(gradients, self._moved), self._norms(updates, self._moved)
        if not self._trainer.steps_taken or (update.isnan().all() and not gradient.any()):
            gradient.fill_(torch.nan)  # none has been computed since the network was built
        weight = self._norms([each.detach() for each in self._weights], self._layers)
        return {"gradient": gradient, "weight": weight, "update": update}

    def _norms(self, tensors: list[Tensor], layers: Tensor) -> Tensor:
        """The norm over the tensors of each layer (L,) float32; NaN where it has none.

        Squares are added up in float64: those of a gradient that vanishes have no float32.
        """
        sums = torch.full((len(self._nodes),), torch.nan, dtype=torch.float64)
        if tensors:
            norms = torch.stack(torch._foreach_norm(tensors, 2, dtype=torch.float64)).cpu()
            sums[layers] = 0.0
            sums.index_add_(0, layers, norms.square())
        return sums.sqrt().float()

    def __call__(self) -> Arrays:
        self.collect()
        return {"nodes": torch.tensor(self._nodes, dtype=torch.int32), **self._history.arrays()}

    def memory(self) -> dict[str, Tensor]:
        """The rows with their steps."""
        return self._history.state()

    def remember(self, memory: dict[str, Tensor]) -> None:
        """Restore the rows."""
        row = torch.empty(len(self._nodes))
        self._history.load(memory, dict.fromkeys(("gradient", "weight", "update"), row))
