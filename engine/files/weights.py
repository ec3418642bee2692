"""Files of weights: a state dict as a safetensors document, looked at before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import safetensors
import torch
from torch import Tensor

from glassnet.engine.errors import DamagedFile, DataError
from glassnet.engine.files import tensor_file, untrusted

#: The most bytes of a header, and tensors; the largest networks that are published have some thousands.
MOST_HEADER, MOST_TENSORS = 8 << 20, 20_000

#: torch's types by their names in a header.
TYPES = {name: dtype for dtype, name in tensor_file.NAMES.items()}


def described(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name, on the meta device: shapes and types without numbers.

    Raises DataError where the file is no safetensors document, or claims more than it has.
    """
    with _opened(path) as file:
        names = list(file.keys())
        if len(names) > MOST_TENSORS:
            raise DataError(f"it has {len(names):,} tensors; expected at most {MOST_TENSORS:,}")
        return {name: _outline(name, file.get_slice(name)) for name in names}


def tensors(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """Some tensors of a file, read into memory. Raises DataError."""
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in names}


def _outline(name: str, part: Any) -> Tensor:
    kind = part.get_dtype()
    if kind not in TYPES:
        raise DataError(f"'{name}' has numbers of {kind}; expected one of {', '.join(TYPES)}")
    return torch.empty(part.get_shape(), dtype=TYPES[kind], device="meta")


def _opened(path: Path) -> Any:
    """The library's file, its header bounded and compared with the file's size."""
    try:
        with untrusted.open_regular(path) as file:
            size = int.from_bytes(untrusted.piece(file, 8), "little")
        if size > MOST_HEADER:
            raise DataError(f"its header claims {size:,} bytes; expected at most {MOST_HEADER:,}")
        return safetensors.safe_open(path, framework="pt")
    except DamagedFile as error:
        raise DataError(str(error)) from None
    except FileNotFoundError:
        raise DataError("it is not there any more") from None
    except safetensors.SafetensorError as error:
        raise DataError(f"it is no whole safetensors file: {error}") from None
