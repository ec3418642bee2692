"""Recognition of errors after which a GPU cannot be used by the process."""

from __future__ import annotations

import torch

from glassnet.engine.training.out_of_memory import is_out_of_memory

#: Parts of the messages of torch's errors of the device and its libraries.
MESSAGES = ("cuda error", "cuda driver error", "cudnn error", "cudnn_status", "cublas_status", "hip error")


def has_lost_device(error: BaseException) -> bool:
    """Whether an error means that the device is lost to this process: an illegal access, a failed card.

    Running out of memory does not count. Afterwards every call of the process to the device fails; only
    another process can go on.
    """
    if not isinstance(error, RuntimeError) or is_out_of_memory(error):
        return False
    said = str(error).lower()
    return isinstance(error, torch.AcceleratorError) or any(words in said for words in MESSAGES)
