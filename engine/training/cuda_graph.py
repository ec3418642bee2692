"""CUDA graphs: the recorded kernels of a computation, launched together.

On a GPU a small network is bounded by the time that Python takes to launch its kernels one by one. A graph
launches the same kernels in the same order, and so gives the same bits. The rules are those of replay.py.
(CUDA programming guide, section "CUDA Graphs"; PyTorch, "CUDA semantics".)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor

from glassnet.engine.errors import NotCapturable

#: Held by what captures, and by what may wait for the whole device meanwhile, which a capture forbids.
_CAPTURING = threading.Lock()


class Graph:
    """A captured computation; calling it runs it again and returns what the function returned."""

    def __init__(
        self, compute: Callable[[], Sequence[Tensor]], draws_from: Iterable[torch.Generator] = ()
    ) -> None:
        """Capture a computation, which does not run yet. Raises NotCapturable.

        The computation must have run before, inside `capture_stream()`: libraries choose kernels and
        allocate workspaces on the first run. `draws_from` are the device's generators that it draws from.
        """
        # A graph stores addresses alone: keep the computation, which holds the tensors that it reads.
        self._compute = compute
        self._graph = torch.cuda.CUDAGraph()
        for generator in draws_from:
            self._graph.register_generator_state(generator)
        if not _CAPTURING.acquire(blocking=False):
            raise NotCapturable("code is compiled for the device at the same time")
        try:
            with torch.cuda.graph(self._graph, pool=_pool(), stream=_stream()):
                self._results = compute()
        except RuntimeError as error:
            raise NotCapturable(f"the device cannot hold it in a graph: {error}") from error
        finally:
            _CAPTURING.release()

    def __call__(self) -> Sequence[Tensor]:
        self._graph.replay()
        return self._results


@contextmanager
def no_captures() -> Iterator[None]:
    """A context in which nothing is captured: another thread may wait for the device in it."""
    with _CAPTURING:
        yield


def may_capture() -> bool:
    """Whether a capture can begin."""
    return not _CAPTURING.locked()


@contextmanager
def capture_stream() -> Iterator[None]:
    """A context that computes on the stream of captures, synchronised with the current stream."""
    here = torch.cuda.current_stream()
    _stream().wait_stream(here)
    with torch.cuda.stream(_stream()):
        yield
    here.wait_stream(_stream())


@cache
def _stream() -> torch.cuda.Stream:
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]


@cache
def _pool() -> Any:
    """The memory pool that all graphs of a process share, because they never run concurrently."""
    return torch.cuda.graph_pool_handle()
