"""HostCopy: a copy of a state in host memory, which arrives there while a GPU goes on computing.

Copying from a GPU directly would wait for all steps that are queued there. Instead the tensors are packed on
the device, between two steps, and the pack is transferred to pinned memory on a stream of its own: the steps
that follow are computed meanwhile, and change nothing of what is transferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import torch
from torch import Tensor

from glassnet.engine.training.safe_copy import copy_all

#: Bytes to which tensors are aligned in a pack.
ALIGNED = 64


class HostCopy(Mapping[str, Tensor]):
    """Tensors as they were when the copy was begun, by name; reading one waits until all have arrived."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = {name: t if t.is_cuda else t.detach().clone() for name, t in tensors.items()}
        #: Recorded after the transfer; None where everything was on the host already.
        self._transferred: torch.cuda.Event | None = None
        there = {name: tensor for name, tensor in tensors.items() if tensor.is_cuda}
        if there:
            arriving, self._transferred = _transfer(list(there.values()))
            self._tensors.update(zip(there, arriving, strict=True))

    @property
    def arrived(self) -> bool:
        """Whether reading waits no more."""
        return self._transferred is None or bool(self._transferred.query())  # type: ignore[no-untyped-call]

    def __getitem__(self, name: str) -> Tensor:
        if self._transferred is not None:
            self._transferred.synchronize()
            self._transferred = None
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def _transfer(tensors: Sequence[Tensor]) -> tuple[list[Tensor], torch.cuda.Event]:
    """The tensors in host memory, which may be read after the event."""
    size = _places(tensors)[-1]
    pack = torch.empty(size, dtype=torch.uint8, device=tensors[0].device)
    arriving = torch.empty(size, dtype=torch.uint8, pin_memory=True)
    copy_all(_views(pack, tensors), tensors)
    stream = _stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        arriving.copy_(pack, non_blocking=True)
        transferred = torch.cuda.Event()  # type: ignore[no-untyped-call]
        transferred.record(stream)
    # The pack's memory is used again by later steps only after the transfer.
    pack.record_stream(stream)
    return _views(arriving, tensors), transferred


def _places(tensors: Sequence[Tensor]) -> list[int]:
    """The first byte of each tensor in a pack, and the size of the pack."""
    places = [0]
    for tensor in tensors:
        places.append(places[-1] + -(-tensor.nbytes // ALIGNED) * ALIGNED)
    return places


def _views(pack: Tensor, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The parts of a pack, each like its tensor."""
    return [
        pack[place : place + tensor.nbytes].view(tensor.dtype).view(tensor.shape)
        for place, tensor in zip(_places(tensors), tensors, strict=False)
    ]


@cache
def _stream() -> torch.cuda.Stream:
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]
