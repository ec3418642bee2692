"""Training steps as CUDA graphs: one launch for a step instead of one for each kernel.

A step copies nothing from the host: the epoch's order and learning rates are copied to the device when the
epoch begins, and each step advances a cursor over them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch import Tensor

from glassnet.engine.data.order import Order
from glassnet.engine.errors import NotCapturable
from glassnet.engine.training.cuda_graph import Graph, capture_stream, may_capture
from glassnet.engine.training.parameter_groups import ParameterGroup, host_numbers
from glassnet.engine.training.replay import reads_a_value
from glassnet.engine.training.step import Step

log = logging.getLogger(__name__)

#: Steps that run eagerly before one is captured.
WARM_UP = 2

#: The key of a graph: the batch size, the groups that are updated, and whether rates change.
Key = tuple[int, tuple[bool, ...], bool]


class GraphedSteps:
    """The steps of a trainer, eager at first, then by graphs, one for each kind of step."""

    def __init__(
        self,
        order: Order,
        groups: Sequence[ParameterGroup],
        compute: Step,
        draws_from: Iterable[torch.Generator],
    ) -> None:
        """`draws_from` are the generators that a step draws from."""
        self._order, self._groups, self._compute = order, groups, compute
        self._generators = [generator for generator in draws_from if generator.device.type == "cuda"]
        device = groups[0].flat.device
        self._permutation = torch.empty_like(order.permutation, device=device)
        self._first = torch.arange(order.batch_size, device=device)
        #: The position of the next batch in the order, and of the next rates in their table.
        self._cursor, self._row = self._first.clone(), torch.zeros(1, dtype=torch.int64, device=device)
        #: (groups, batches, replicas where their rates differ, else 1).
        self._rates: Tensor | None = None
        self._varies = False
        #: The epoch's order and the next batch, as the device has them.
        self._at: tuple[int, int] | None = None
        #: None: this kind of step cannot be captured, and always runs eagerly.
        self.graphs: dict[Key, Graph | None] = {}
        self._warm: dict[Key, int] = {}

    def take(
        self, size: int, due: Sequence[ParameterGroup], rates: Callable[[int], list[list[list[float]]]]
    ) -> None:
        """Take the step of the batch that the order has just returned, of `size` samples.

        `rates(batch)` returns each group's rates over the epoch of this batch, of all replicas or of each; it
        is called only when the device's copy of the order is stale.
        """
        batch = self._order.batch - 1
        if self._at != (self._order.drawn, batch):
            self._place(batch, rates(batch))
        self._at = self._order.drawn, batch + 1
        key = size, tuple(group in due for group in self._groups), self._varies
        step = partial(self._step, size, due)
        if key not in self.graphs and self._warm.get(key, 0) >= WARM_UP and may_capture():
            self.graphs[key] = self._captured(step)
        graph = self.graphs.get(key)
        if graph is not None:
            graph()
        elif key in self.graphs:
            step()
        else:
            self._warm_up(key, step)

    def _step(self, size: int, due: Sequence[ParameterGroup]) -> Sequence[Tensor]:
        positions = self._permutation.index_select(-1, self._cursor[:size])
        self._cursor.add_(self._order.batch_size)
        if self._varies and self._rates is not None:
            for index, group in enumerate(self._groups):
                if group in due:
                    group.rate.view(1, -1).copy_(self._rates[index].index_select(0, self._row))
            self._row.add_(1)
        self._compute(positions, due)
        return ()

    def _place(self, batch: int, rates: list[list[list[float]]]) -> None:
        """Copy the order, rates and position to the device, asynchronously."""
        self._permutation.copy_(_pinned(self._order.permutation), non_blocking=True)
        torch.add(self._first, batch * self._order.batch_size, out=self._cursor)
        self._row.fill_(batch)
        table = torch.tensor(rates, dtype=torch.float64)
        self._varies = bool((table != table[:, :1]).any())
        if self._varies:
            if self._rates is None:
                self._rates = torch.empty_like(table, device=self._cursor.device)
            self._rates.copy_(_pinned(table), non_blocking=True)
        else:
            for group, line in zip(self._groups, rates, strict=True):
                own = line[batch]
                group.rate.fill_(own[0]) if len(own) == 1 else group.rate.copy_(_pinned(host_numbers(own)))

    def _warm_up(self, key: Key, step: Callable[[], object]) -> None:
        """Take an eager step on the capture stream; one is checked for reading values.

        Of compiled code nothing would be seen, and the graph of what reads a value is refused.
        """
        self._warm[key] = self._warm.get(key, 0) + 1
        with capture_stream():
            if self._warm[key] != WARM_UP or self._compute.compiled:
                step()
            elif reads_a_value(step):
                log.info("steps are not captured: the host reads a value of a tensor in them")
                self.graphs[key] = None

    def _captured(self, step: Callable[[], Sequence[Tensor]]) -> Graph | None:
        """The step as a graph that has not run yet; None where it cannot be captured."""
        try:
            return Graph(step, self._generators)
        except NotCapturable as error:
            log.warning("steps are not captured: %s", error)
            return None


def _pinned(tensor: Tensor) -> Tensor:
    """A copy in pinned memory, which the device can read asynchronously."""
    return tensor.clone().pin_memory()
