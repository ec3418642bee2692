"""Tensors as one safetensors document, without another copy of them in memory.

The library's own `save` makes all the bytes before the first is written, and its `save_file` refuses
tensors that are parts of one large tensor, as a trainer's are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

#: Bytes of the largest piece after the header: a few milliseconds of writing.
PIECE = 4 << 20

#: What safetensors calls the types of a trainer's state.
NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def pieces(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> Iterator[bytes | memoryview]:
    """The document in pieces: the header, then at most PIECE bytes at a time."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    # The widest first, so that every tensor begins where its type may.
    ordered = sorted(tensors.items(), key=lambda entry: -entry[1].element_size())
    place = 0
    for name, tensor in ordered:
        end = place + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [place, end],
        }
        place = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for _, tensor in ordered:
        data = tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]
