"""SafeCopy: a copy of a state to return to, in memory, or in an unnamed file where the state is large."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor


class SafeCopy(Protocol):
    """A copy of a state, overwritten repeatedly by tensors of the same names, shapes and dtypes."""

    def put(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy these tensors, over what was put before."""

    def items(self) -> Iterable[tuple[str, Tensor]]:
        """What was put, one after the other."""


class InMemory:
    """A copy in memory, overwritten in place."""

    def __init__(self) -> None:
        self._kept: dict[str, Tensor] = {}

    def put(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy these tensors, over what was put before."""
        if not self._kept:
            self._kept = {name: tensor.clone() for name, tensor in tensors.items()}
            return
        copy_all([self._kept[name] for name in tensors], list(tensors.values()))

    def items(self) -> Iterable[tuple[str, Tensor]]:
        """What was put, one after the other."""
        return self._kept.items()


class OnDisk:
    """A copy in an unnamed temporary file, which is freed with the process. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 as long as this lives
        weakref.finalize(self, self._file.close)
        self._like: dict[str, Tensor] = {}

    def put(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy these tensors, over what was put before."""
        self._file.seek(0)
        self._like = {name: torch.empty_like(tensor, device="meta") for name, tensor in tensors.items()}
        for tensor in tensors.values():
            rest = _bytes(tensor.detach().cpu())
            while rest:  # the system writes at most 2 GiB at once
                rest = rest[self._file.write(rest) :]

    def items(self) -> Iterator[tuple[str, Tensor]]:
        """The copied tensors by name, each read on access."""
        self._file.seek(0)
        for name, like in self._like.items():
            tensor = torch.empty(like.shape, dtype=like.dtype)
            rest = _bytes(tensor)
            while rest:
                read = self._file.readinto(rest)
                if not read:
                    raise OSError("a copy of the state was cut short")
                rest = rest[read:]
            yield name, tensor


def copy_all(targets: Sequence[Tensor], sources: Sequence[Tensor]) -> None:
    """Copy tensors into others of their dtypes, all of a dtype in one call: on a GPU that is one kernel."""
    kinds: dict[tuple[torch.device, torch.dtype], tuple[list[Tensor], list[Tensor]]] = {}
    for target, source in zip(targets, sources, strict=True):
        ours, theirs = kinds.setdefault((source.device, source.dtype), ([], []))
        ours.append(target)
        theirs.append(source)
    for ours, theirs in kinds.values():
        torch._foreach_copy_(ours, theirs)


def _bytes(tensor: Tensor) -> memoryview:
    """The bytes of a tensor, without a copy where it is contiguous."""
    return tensor.contiguous().flatten().view(torch.uint8).numpy().data
