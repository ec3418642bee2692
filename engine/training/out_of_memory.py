"""Recognition of errors that mean that memory has run out."""

from __future__ import annotations


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that an allocation failed, by Python or one of torch's allocators."""
    said = str(error).lower()  # CUBLAS_STATUS_ALLOC_FAILED is one, too
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("alloc" in said or "out of memory" in said)
    )
