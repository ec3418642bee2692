"""The numbers that training computes with.

Weights, optimizer state and everything that is looked at are float32, or float64: bfloat16 and TF32 are
ways to compute a step. Micikevicius et al. 2018 (mixed precision); Kalamkar et al. 2019 (bfloat16).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import torch

Precision = Literal["float32", "tf32", "bfloat16", "float64"]


def dtype_of(precision: Precision) -> torch.dtype:
    """What weights, optimizer state and inputs are kept in."""
    return torch.float64 if precision == "float64" else torch.float32


def computing(precision: Precision, device: str) -> AbstractContextManager[object]:
    """What the forward and backward of a training step run in."""
    kind = torch.device(device).type
    if precision == "bfloat16":
        # Without the cache of cast weights: a CUDA graph would keep those of its capture.
        return torch.autocast(kind, torch.bfloat16, cache_enabled=False)
    return _tf32() if precision == "tf32" and kind == "cuda" else nullcontext()


def exact_float32(*, deterministic: bool = False) -> None:
    """Make the products of a GPU as exact as those of the CPU, and its convolutions the same each time.

    torch lets convolutions round their inputs to TF32 (10 bits), and choose among algorithms of which some
    add up in an order of their own. `deterministic` refuses all other kernels that do, by a RuntimeError.
    """
    _set_float32("ieee")
    torch.backends.cudnn.deterministic = True
    # Read before the first product: with a workspace of a fixed size cuBLAS adds up the same way each time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if torch.are_deterministic_algorithms_enabled() != deterministic:  # to set it imports for seconds
        torch.use_deterministic_algorithms(deterministic)
    # It would also fill whatever is about to be written, which changes no result.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@contextmanager
def _tf32() -> Iterator[None]:
    _set_float32("tf32")
    try:
        yield
    finally:
        _set_float32("ieee")


def _set_float32(kind: Literal["ieee", "tf32"]) -> None:
    cudnn: Any = torch.backends.cudnn  # a module that replaced itself, which types do not see
    for backend in (torch.backends.cuda.matmul, cudnn.conv, cudnn.rnn):
        backend.fp32_precision = kind
