"""Streams and events of a pretended device, on which transfers are late, as they may be on a GPU.

What is computed is there at once. A transfer on a stream of its own is done when its stream is waited for;
before that its target holds nonsense, and what it reads may have changed, or its memory be another tensor's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock
from weakref import ref

import torch
from torch import Tensor

#: What a transfer's target holds before it is done.
NONSENSE = 0xEE


class Stream:
    """A stream with transfers that are to be done."""

    def __init__(self) -> None:
        self.transfers: list[Callable[[], object]] = []
        #: Tensors whose memory stays until the stream has done its work.
        self.recorded: list[Tensor] = []

    def transfer(self, copy: Callable[[Tensor, Tensor], object], target: Tensor, source: Tensor) -> None:
        """Copy later: the memory of a tensor that nobody holds then may be used for something else."""
        target.view(torch.uint8).fill_(NONSENSE)
        held = ref(source)

        def now() -> None:
            there = held()
            if there is not None:
                copy(target, there)

        self.transfers.append(now)

    def synchronize(self) -> None:
        transfers, self.transfers = self.transfers, []
        for transfer in transfers:
            transfer()
        self.recorded.clear()

    def wait_stream(self, other: Stream) -> None:
        other.synchronize()

    def wait_event(self, event: Event) -> None:
        event.synchronize()


#: The streams that are current, the innermost last; the first computes at once.
CURRENT = [Stream()]


class Event:
    """An event that comes to pass once it is waited for, or has been asked for."""

    def __init__(self) -> None:
        self._stream: Stream | None = None

    def record(self, stream: Stream | None = None) -> None:
        self._stream = stream or CURRENT[-1]

    def query(self) -> bool:
        passed = self._stream is None or not self._stream.transfers
        self.synchronize()
        return passed

    def synchronize(self) -> None:
        if self._stream is not None:
            self._stream.synchronize()


def is_late(target: Tensor, source: Tensor, *, non_blocking: bool) -> bool:
    """Whether a copy is one that is done later."""
    return non_blocking and len(CURRENT) > 1 and source.is_cuda and not target.is_cuda


@contextmanager
def on(stream: Stream) -> Iterator[None]:
    """In place of torch.cuda.stream."""
    CURRENT.append(stream)
    try:
        yield
    finally:
        CURRENT.pop()


@contextmanager
def pretended_streams() -> Iterator[None]:
    """Let torch.cuda's streams and events be these."""
    instead = {
        "torch.cuda.current_stream": lambda: CURRENT[-1],
        "torch.cuda.stream": on,
        "torch.cuda.Event": Event,
        "glassnet.engine.training.host_copy._stream": Stream,
    }
    patches = [mock.patch(name, new) for name, new in instead.items()]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
