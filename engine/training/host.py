"""From the device to the host."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def on_host(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors in the host's memory: themselves if they are there, else copies that are waited for once.

    What is then made of them for a frame is many small operations, which the host does sooner than it
    launches them on a GPU.
    """
    if not any(tensor.is_cuda for tensor in tensors):
        return list(tensors)
    copies = [
        torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True).copy_(tensor, non_blocking=True)
        for tensor in tensors
    ]
    torch.cuda.current_stream().synchronize()
    return copies
