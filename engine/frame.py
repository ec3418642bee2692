"""Frames: named arrays with a stamp, as bytes.

A frame is a safetensors document; the stamp is its `__metadata__`. The same bytes go to browsers, into
the run directory and into notebooks. A picture is a uint8 array `<name>` with a float32 array
`<name>.range` (…, 2): the values that 0 and 255 represent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import safetensors
import safetensors.numpy
import torch
from torch import Tensor

from glassnet.engine.errors import FrameError

#: Named arrays, as a frame carries them.
Arrays = dict[str, Tensor]


@dataclass(frozen=True)
class Stamp:
    """The origin and time of a frame: run, probe, key, and the step at which it was made."""

    run: str
    probe: str
    key: str
    #: Counts the key's frames within the run's life; for scalars, the journal's number of the first row.
    seq: int
    #: Rises with each reset and rewind.
    life: int
    revision: int
    step: int
    epoch: float

    def metadata(self) -> dict[str, str]:
        """The stamp as safetensors metadata: every value a string."""
        return {name: str(value) for name, value in asdict(self).items()}


def encode(metadata: Mapping[str, str], arrays: Mapping[str, Tensor | np.ndarray]) -> bytes:
    """A frame's bytes: one safetensors document. int64 is refused: it would reach the browser as BigInt."""
    plain = {name: _array(name, array) for name, array in arrays.items()}
    # Given neither arrays nor metadata, the library writes bytes that it cannot read; None avoids that.
    return safetensors.numpy.save(plain, metadata=dict(metadata) or None)


def decode(data: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Metadata and arrays of a frame. Raises FrameError where the bytes are not a frame."""
    try:
        arrays = safetensors.numpy.load(data)
        size = int.from_bytes(data[:8], "little")
        return json.loads(data[8 : 8 + size]).get("__metadata__", {}), arrays
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise FrameError(f"{len(data)} bytes are no frame: {error}") from None


def quantize(values: Tensor, scratch: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Values (maps, …) as uint8 of the same shape, and the values of 0 and 255: (maps, 2) float32.

    Each map is scaled by its own range. `scratch` (maps, numbers) float32 is a buffer to reuse, for
    callers who quantize often. The conversion goes through int8, which torch vectorises: from float32
    to uint8 directly takes nine times as long.
    """
    rows = values.reshape(len(values), -1).float()
    low, high = rows.amin(dim=1, keepdim=True), rows.amax(dim=1, keepdim=True)
    scale = torch.where(high > low, 255 / (high - low), 0)
    # Shift, then scale: values that are large and close together would be lost in a product's rounding.
    levels = torch.sub(rows, low, out=scratch).mul_(scale).sub_(128).round_().to(torch.int8)
    picture = levels.view(torch.uint8).bitwise_xor_(128)
    return picture.reshape(values.shape), torch.cat([low, high], dim=1)


def _array(name: str, array: Tensor | np.ndarray) -> np.ndarray:
    plain = array.detach().cpu().numpy() if isinstance(array, Tensor) else array
    if plain.dtype == np.int64:
        raise FrameError(f"'{name}' is int64; expected int32 or a float")
    return np.asarray(plain, order="C")
