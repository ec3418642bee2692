"""Telling that a GPU has failed from everything else that can go wrong."""

from __future__ import annotations

import torch

from glassnet.engine.training.out_of_memory import is_out_of_memory

#: What torch's errors of the device and of its libraries have in them.
SAID = ("cuda error", "cuda driver error", "cudnn error", "cudnn_status", "cublas_status", "hip error")


def has_lost_device(error: BaseException) -> bool:
    """Whether an error says that the device cannot be computed with any more: an illegal access, a lost card.

    To have no memory is none of these. Afterwards every call of this process to the device fails; only
    another process can go on.
    """
    if not isinstance(error, RuntimeError) or is_out_of_memory(error):
        return False
    said = str(error).lower()
    return isinstance(error, torch.AcceleratorError) or any(words in said for words in SAID)
