"""Copies from the device to the host."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def on_host(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors in host memory: unchanged if they are there, else copied with one synchronisation.

    The many small operations that make a frame of them are faster on the host than as launches on a GPU.
    """
    if not any(tensor.is_cuda for tensor in tensors):
        return list(tensors)
    copies = [
        torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True).copy_(tensor, non_blocking=True)
        for tensor in tensors
    ]
    torch.cuda.current_stream().synchronize()
    return copies
