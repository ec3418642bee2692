"""The numeric precision of training.

Weights, optimizer state and everything that is displayed are float32 or float64: bfloat16 and TF32 affect
only how a step is computed. Micikevicius et al. 2018 (mixed precision); Kalamkar et al. 2019 (bfloat16).
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import torch

#: What platform.machine() says of processors whose instructions for bfloat16 torch can tell.
X86 = ("x86_64", "AMD64")

Precision = Literal["float32", "tf32", "bfloat16", "float64"]


def dtype_of(precision: Precision) -> torch.dtype:
    """The dtype of weights, optimizer state and inputs."""
    return torch.float64 if precision == "float64" else torch.float32


def computing(precision: Precision, device: str) -> AbstractContextManager[object]:
    """The context manager for the forward and backward passes of a training step."""
    kind = torch.device(device).type
    if precision == "bfloat16":
        # Without the cache of cast weights: a CUDA graph would keep those of its capture.
        return torch.autocast(kind, torch.bfloat16, cache_enabled=False)
    return _tf32() if precision == "tf32" and kind == "cuda" else nullcontext()


def emulated(precision: Precision, device: str) -> str | None:
    """Why a precision is slower than float32 on this machine, for users; None where it is not known to be."""
    if precision != "bfloat16" or torch.device(device).type != "cpu" or platform.machine() not in X86:
        return None
    has = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return None if has else "bfloat16 is emulated: this processor has no instructions for it"


def exact_float32(*, deterministic: bool = False) -> None:
    """Make products on a GPU as exact as those of the CPU, and convolutions reproducible.

    By default torch lets convolutions round their inputs to TF32 (10 bits), and choose algorithms that sum
    in a varying order. With `deterministic`, all other kernels that do so raise a RuntimeError.
    """
    _set_float32("ieee")
    torch.backends.cudnn.deterministic = True
    # Read before the first product: with a workspace of fixed size cuBLAS sums in the same order each time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if torch.are_deterministic_algorithms_enabled() != deterministic:  # setting it costs seconds of imports
        torch.use_deterministic_algorithms(deterministic)
    # The flag would also fill memory that is about to be overwritten, which changes no result.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@contextmanager
def _tf32() -> Iterator[None]:
    _set_float32("tf32")
    try:
        yield
    finally:
        _set_float32("ieee")


def _set_float32(kind: Literal["ieee", "tf32"]) -> None:
    cudnn: Any = torch.backends.cudnn  # replaces itself with an object that type checkers do not know
    matmul = torch.backends.cuda.matmul
    # The older flags too: where the two disagree, whatever reads those (torch.export) raises a RuntimeError.
    cudnn.allow_tf32 = matmul.allow_tf32 = kind == "tf32"
    for backend in (matmul, cudnn.conv, cudnn.rnn):
        backend.fp32_precision = kind
