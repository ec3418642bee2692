"""HostCopy and DeviceCopy: copies of a state on their way from a GPU to a file, while it goes on computing.

Copying from a GPU directly would wait for all steps that are queued there. Instead the tensors are packed on
the device, between two steps, and the pack is transferred to pinned memory on a stream of its own: the steps
that follow are computed meanwhile, and change nothing of what is transferred. Of a large state the pack stays
on the device, and comes to the host in the pieces that are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
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


class DeviceCopy(Mapping[str, Tensor]):
    """Tensors of a GPU as they were when the copy was begun, by name, in its own memory.

    For a state so large that the host is not to hold it once more. Read them within `reading`.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        """Raises torch.OutOfMemoryError where there is no memory for them on their device."""
        there = {name: torch.empty_like(tensor) for name, tensor in tensors.items() if tensor.is_cuda}
        copy_all(list(there.values()), [tensors[name] for name in there])
        own = {name: tensor.detach().clone() for name, tensor in tensors.items() if name not in there}
        #: Those of the host, as generators' states, are copied there.
        self._tensors = {name: own[name] if name in own else there[name] for name in tensors}
        self._made = torch.cuda.Event()  # type: ignore[no-untyped-call]
        self._made.record()

    @classmethod
    def where_it_fits(cls, tensors: Mapping[str, Tensor]) -> DeviceCopy | None:
        """The copy; None where it would leave others no more than as much of the GPU's memory."""
        if (
            2 * sum(tensor.nbytes for tensor in tensors.values() if tensor.is_cuda)
            > torch.cuda.mem_get_info()[0]
        ):
            return None
        try:
            return cls(tensors)
        except torch.OutOfMemoryError:  # the limit of this process is nearer
            return None

    @property
    def arrived(self) -> bool:
        """Whether reading waits for no steps: those before the copy are done."""
        return bool(self._made.query())  # type: ignore[no-untyped-call]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A context in which tensors are copied to the host beside the steps that are queued."""
        stream = _stream()
        stream.wait_event(self._made)
        with torch.cuda.stream(stream):
            yield

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


#: A state as it was at a step, which is read while training goes on.
Copied = HostCopy | DeviceCopy


def copied(tensors: Mapping[str, Tensor], *, large: bool) -> Copied | None:
    """A copy of a state to be written beside the steps; None where a large one is to be written at once."""
    if not large:
        return HostCopy(tensors)
    there = any(tensor.is_cuda for tensor in tensors.values())
    return DeviceCopy.where_it_fits(tensors) if there else None


def reading(state: Mapping[str, Tensor] | None) -> AbstractContextManager[None]:
    """The context in which a state's tensors are to be read."""
    return state.reading() if isinstance(state, DeviceCopy) else nullcontext()


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
