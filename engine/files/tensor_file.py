"""Safetensors documents written and mapped without another copy of the tensors in memory.

The library's own `save` makes all the bytes before the first is written, and its `save_file` refuses
tensors that are parts of one large tensor, as a trainer's are.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

#: The most bytes of a piece after the header: a few milliseconds of writing.
PIECE = 4 << 20

#: The safetensors names of the dtypes of a trainer's state.
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
    """The document in pieces: the header, then at most PIECE bytes at a time.

    Of tensors on a GPU, so much is on the host at once, copied on the stream that is current then.
    """
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    # The widest dtype first, so that every tensor is aligned.
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
        data = tensor.detach().contiguous().flatten().view(torch.uint8)
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE].cpu().numpy().data


def mapped(path: Path) -> dict[str, Tensor]:
    """Read-only tensors mapped from a document whose header has been checked.

    Writing into one crashes the process. The library's own mapping is writable, for which the system
    reserves as much memory as the file is long.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    types = {name: kind for kind, name in NAMES.items()}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "The given NumPy array is not writable")
                flat = torch.from_numpy(data[start:end])
            kind = types[entry["dtype"]]
            aligned = flat if start % kind.itemsize == 0 else flat.clone()
            found[name] = aligned.view(kind).view(entry["shape"])
    return found
