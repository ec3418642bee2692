"""ImageLayout: the memory format of a training's images, by rule on the CPU and by measuring on a GPU.

Which format is quicker on a GPU depends on the card, the precision and the network, so both are tried on
copies when a pass is first needed. What was measured is part of the state, on every device: a run that is
resumed, forked or moved there and back computes the same bits.
"""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.func import functional_call

from glassnet.engine.experiment.precision import Precision, computing
from glassnet.engine.network.memory_layout import laid_out
from glassnet.engine.network.module import Network

log = logging.getLogger(__name__)

#: The name of the state's tensor: the place in FORMATS of what was measured, 0 where nothing was.
NAME = "layout/images"
FORMATS = (None, torch.contiguous_format, torch.channels_last)

#: Passes in a row, and rounds of which the quickest counts; by how much channels last has to be quicker.
PASSES, ROUNDS, MARGIN = 4, 3, 0.03

#: What was measured in this process: trainings of the same network compute alike.
_MEASURED: dict[str, torch.memory_format] = {}


class ImageLayout:
    """The memory format of one training's images."""

    def __init__(
        self, by_rule: torch.memory_format, measure: Callable[[], torch.memory_format] | None
    ) -> None:
        """`measure` takes the place of the rule, where it is given."""
        self._by_rule, self._measure = by_rule, measure
        #: The place in FORMATS of what was measured, here or where the state comes from.
        self.measured = 0

    @property
    def is_measured(self) -> bool:
        """Whether it is a matter of measuring, so that it may be another with another state."""
        return self._measure is not None

    @property
    def form(self) -> torch.memory_format:
        """The memory format, measured where that is still to be done."""
        if self._measure is None:
            return self._by_rule
        form = FORMATS[self.measured]
        if form is None:
            form = self._measure()
            self.measured = FORMATS.index(form)
        return form

    def restore(self, measured: int) -> None:
        """Take over what was measured; anything else is measured anew."""
        self.measured = measured if 0 <= measured < len(FORMATS) else 0


def faster_format(
    network: Network, wanted: Sequence[str], dropout: torch.Generator, precision: Precision, inputs: Tensor
) -> torch.memory_format:
    """The memory format in which forward and backward of a batch take less time on a GPU.

    Neither the network's tensors nor its generator change. Without memory for it, the contiguous one.
    """
    shared: list[object] = [*network.parameters(), *network.buffers()]
    memo: dict[int, object] = {id(thing): thing for thing in shared}
    memo[id(dropout)] = torch.Generator(dropout.device)
    twin = copy.deepcopy(network, memo)
    copies = {name: tensor.detach().clone() for name, tensor in twin.named_buffers()}

    def run(images: Tensor) -> None:
        with torch.enable_grad(), computing(precision, str(images.device)):
            outputs = functional_call(twin, copies, (images,))
            total = torch.stack([outputs[name].float().mean() for name in wanted]).sum()
            torch.autograd.grad(total, list(twin.parameters()), allow_unused=True)

    formats = torch.contiguous_format, torch.channels_last
    try:
        batches = [laid_out(inputs, form) for form in formats]
        contiguous, last = (min(times) for times in zip(*_rounds(run, batches), strict=True))
    except torch.OutOfMemoryError:
        return torch.contiguous_format
    log.info("channels last takes %.2f of the time of contiguous images", last / contiguous)
    return torch.channels_last if last < contiguous * (1 - MARGIN) else torch.contiguous_format


def measured_once(key: str, measure: Callable[[], torch.memory_format]) -> torch.memory_format:
    """What was measured for a key before in this process, or is now."""
    if key not in _MEASURED:
        _MEASURED[key] = measure()
    return _MEASURED[key]


def _rounds(run: Callable[[Tensor], None], batches: Sequence[Tensor]) -> list[list[float]]:
    """The seconds that passes over each batch took, round by round; the first passes do not count."""
    for batch in batches:
        run(batch)
    return [[_seconds(run, batch) for batch in batches] for _ in range(ROUNDS)]


def _seconds(run: Callable[[Tensor], None], batch: Tensor) -> float:
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(PASSES):
        run(batch)
    torch.cuda.synchronize()
    return time.perf_counter() - began
