"""Histograms: how the outputs of each node, and the gradients there, are spread, through training."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.probes import Arrays, Collector, Picture, frame_rate
from glassnet.engine.probes.history import History
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.network.module import Network
    from glassnet.engine.training.observed import Observed

#: The most rows: ridges beyond cannot be told apart, and each has two histograms a node.
MOST_ROWS = 48

#: The most numbers that the nodes give for all samples together: more make a look slow (`bench/watching.py`).
MOST_NUMBERS = 80_000


class Histograms(Picture):
    """Histograms: how activations and gradients of each node are spread, through training.

    Of the first training samples, without augmentations. Rows are added while the probe is watched, and
    from the first step on where the experiment's `collect` names it; at most 48, thinned as they grow.
    Arrays: `steps` int32 (T,); for `activation`, the outputs of the N nodes, and `gradient`, that of the
    mean loss by them (as autograd gives it; zero where the loss does not depend on them): `.counts` int32
    (T, N, bins) between the ends `.range` float32 (T, N, 2), the least and the greatest, which are equal
    where all numbers are; `.mean` and `.std` float32 (T, N); `.broken` float32 (T, N), the share of numbers
    that are not finite, which nothing else counts. In training mode batch norm takes the statistics of
    these samples, and dropout draws the same mask each time.
    Glorot & Bengio 2010, section 4; Ioffe & Szegedy 2015, section 2.
    """

    kind: Literal["histograms"] = "histograms"
    collects: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Saturation, dead units and drift at a glance.",),
        cons=("Of a few samples only.",),
        use="To see what normalization and initialization do.",
        example=Example(
            "Without batch norm the activations of deep layers are all alike.",
            preset="deep-batch-norm",
        ),
        shows=(
            "activation.counts",
            "activation.std",
        ),
    )
    hz: float = frame_rate(2.0)
    samples: int = option(
        256,
        "The most samples that the network reads; fewer, where its nodes give very many numbers.",
        ge=2,
        le=4096,
    )
    bins: int = option(32, "Bins of one histogram.", ge=8, le=128)
    mode: Literal["evaluation", "training"] = option(
        "evaluation", "Whether batch norm and dropout work as in evaluation, or as in training."
    )

    def prepare(self, trainer: Observed) -> _Histograms:
        return _Histograms(self, trainer)


class _Histograms(Collector):
    def __init__(self, probe: Histograms, trainer: Observed) -> None:
        self._probe, self._history = probe, History(MOST_ROWS)
        self._follow(trainer)

    def _follow(self, trainer: Observed) -> None:
        self._trainer = trainer
        most = max(2, MOST_NUMBERS // trainer.plan.activations)
        count = min(self._probe.samples, trainer.evaluation_batch, most)
        self._objective = Objective(trainer, "train", count)
        self._names = [placed.name for placed in trainer.plan.nodes]
        self._dropout = stream(trainer.experiment.seed, "histograms", trainer.device)

    def switch_trainer(self, trainer: Observed) -> bool:
        names = self._names
        self._follow(trainer)
        return self._names == names

    def _network(self) -> Network:
        """The network as it is now, in the mode that is asked for."""
        network = self._trainer.evaluation_network
        if self._probe.mode == "evaluation":
            return network
        self._dropout.manual_seed(self._dropout.initial_seed())
        shared: list[object] = [*network.parameters()]
        memo: dict[int, object] = {id(thing): thing for thing in shared}
        return copy.deepcopy(network, memo | {id(self._trainer.dropout): self._dropout}).train()

    def collect(self) -> None:
        step = self._trainer.steps_taken
        if self._history.wants(step):
            self._history.add(step, self._row())

    def _row(self) -> dict[str, Tensor]:
        (part,) = self._objective.parts
        with torch.enable_grad():
            # With a gradient of its own, so that nodes before all parameters have one as well.
            inputs = part.inputs.detach().requires_grad_(part.inputs.is_floating_point())
            values = self._network()(inputs)
            outputs = [values[name] for name in self._names]
            loss = self._objective.compare(values, part.targets)
            gradients = torch.autograd.grad(loss, outputs, allow_unused=True, materialize_grads=True)
        bins = self._probe.bins
        return _spread("activation", outputs, bins) | _spread("gradient", gradients, bins)

    def __call__(self) -> Arrays:
        self.collect()
        return self._history.arrays()

    def memory(self) -> dict[str, Tensor]:
        """The rows with their steps."""
        return self._history.state()

    def remember(self, memory: dict[str, Tensor]) -> None:
        """Restore the rows."""
        nothing = [torch.zeros(1)] * len(self._names)
        bins = self._probe.bins
        self._history.load(memory, _spread("activation", nothing, bins) | _spread("gradient", nothing, bins))


def _spread(name: str, values: Sequence[Tensor], bins: int) -> dict[str, Tensor]:
    """The spread of each tensor's numbers, as the arrays of a row."""
    known: dict[tuple[int, ...], tuple[Tensor, ...]] = {}
    each = []
    for value in values:
        # A flattened or renamed output is its input's memory, and so are their gradients.
        layout = () if value.is_contiguous() else value.stride()
        place = value.data_ptr(), value.numel(), *layout
        if place not in known:
            known[place] = spread(value.detach(), bins)
        each.append(known[place])
    found = [torch.stack(part) for part in zip(*each, strict=True)]
    parts = ("counts", "range", "mean", "std", "broken")
    return {f"{name}.{part}": tensor for part, tensor in zip(parts, found, strict=True)}


def spread(values: Tensor, bins: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The histogram of numbers, and what it is of.

    Counts int32 (bins,) between the least and the greatest, all in the middle where they are equal; their
    range (2,), mean, standard deviation and the share that is not finite, float32. NaN without any.
    """
    finite = values.flatten()
    count = max(1, len(finite))
    # What is not finite is least or greatest: NaN is both.
    if len(finite) and not bool(torch.stack(finite.aminmax()).isfinite().all()):
        finite = finite[finite.isfinite()]
    broken = torch.tensor((values.numel() - len(finite)) / count)
    if not len(finite):
        nothing = torch.full((4,), torch.nan)
        return torch.zeros(bins, dtype=torch.int32), nothing[:2], nothing[2], nothing[3], broken
    least, greatest = finite.aminmax()
    # In small units where they are huge: their range times the number of bins must have a float.
    unit = 1024.0 if max(abs(float(least)), abs(float(greatest))) > 1e30 else 1.0
    low, high = float(least) / unit, float(greatest) / unit
    if low < high:
        counts = torch.histc(finite / unit, bins, low, high).int()
    else:
        counts = torch.zeros(bins, dtype=torch.int32)
        counts[bins // 2] = len(finite)
    ends = torch.stack([least, greatest]).float()
    summary = torch.stack([finite.mean(), finite.std(correction=0)]).float()
    return counts.cpu(), ends.cpu(), summary[0].cpu(), summary[1].cpu(), broken
