"""Import of a state dict that another program has written: safetensors, or a file of torch.save.

It runs in a process of its own (`python -m glassnet.engine.files.weights_import SOURCE TARGET`) with bounded
memory and time. What is read becomes one safetensors document of whole, finite tensors; torch.load reads
with `weights_only`, so that no code in a file is run, and no size that a file claims is taken before it is
compared with what may be. The result, or the error, is a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from glassnet.engine.errors import DataError
from glassnet.engine.files import tensor_file, weights
from glassnet.engine.files.image_import.isolation import isolate

#: The most bytes of all tensors together; VGG-16's are 553 MB.
MOST_BYTES = 1 << 30

#: The keys below which training scripts keep the state dict among other things.
WITHIN = ("state_dict", "model_state_dict", "model")

#: What torch.nn.DataParallel puts before every name.
PARALLEL = "module."

#: How the archive and the pickle of torch.save begin, and a safetensors document from its ninth byte on.
ARCHIVE, PICKLE, HEADER = b"PK\x03\x04", b"\x80", b"{"

#: The types of numbers that a document of ours has no name for, and what they become.
WIDER = {torch.int8: torch.int32, torch.int16: torch.int32}


def read_state_dict(path: Path, most: int = MOST_BYTES) -> dict[str, Tensor]:
    """The state dict in a file. Raises DataError, which names the key where one is at fault."""
    with path.open("rb") as file:
        head = file.read(9)
    if head[8:9] == HEADER:
        found = weights.tensors(path, weights.described(path))
    elif head.startswith((ARCHIVE, PICKLE)):
        found = _without_prefix(_tensors(_unpickled(path)))
    else:
        raise DataError("it is neither safetensors nor a file of torch.save; expected one of them")
    if not found:
        raise DataError("there is no tensor in it; expected a state dict")
    size = sum(tensor.numel() * tensor.element_size() for tensor in found.values())
    if size > most:
        raise DataError(f"its tensors have {size:,} bytes; expected at most {most:,}")
    return {name: _whole(name, tensor) for name, tensor in found.items()}


def _unpickled(path: Path) -> Any:
    """What torch.save has written, if that is tensors and plain values alone."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise DataError(f"unpacked it has {size:,} bytes; expected at most {MOST_BYTES:,}")
    try:
        # The open file and not its path: torch.load would read what is called .safetensors as such.
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        refused = str(error).partition("WeightsUnpickler error: ")[2].partition("\n")[0]
        why = f" ({refused[:200]})" if refused else ""
        raise DataError(
            f"it holds more than tensors, and reading it could run code{why}; expected a state dict, as "
            "torch.save(model.state_dict(), PATH) writes"
        ) from None
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, IndexError, OSError) as error:
        raise DataError(f"it cannot be read: {str(error).partition(chr(10))[0][:200]}") from None


def _tensors(value: Any) -> dict[str, Tensor]:
    """The tensors of a state dict, or of one inside a training script's checkpoint. Raises DataError."""
    if not isinstance(value, Mapping):
        raise DataError(f"it holds a {type(value).__name__}; expected a state dict: tensors by name")
    inside = next((value[key] for key in WITHIN if isinstance(value.get(key), Mapping)), value)
    for key, each in inside.items():
        if not isinstance(key, str) or not isinstance(each, Tensor):
            raise DataError(
                f"'{str(key)[:80]}' is a {type(each).__name__}; expected tensors by name, as in a state dict"
            )
    return dict(inside)


def _without_prefix(found: dict[str, Tensor]) -> dict[str, Tensor]:
    if found and all(name.startswith(PARALLEL) for name in found):
        return {name.removeprefix(PARALLEL): tensor for name, tensor in found.items()}
    return found


def _whole(name: str, tensor: Tensor) -> Tensor:
    """The tensor with memory of its own. Raises DataError where it cannot be weights."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        raise DataError(f"'{name}' has numbers of {tensor.dtype}, {tensor.layout}; expected plain real ones")
    if tensor.is_floating_point():
        wrong = int((~torch.isfinite(tensor)).sum())
        if wrong:
            counted = "1 number that is" if wrong == 1 else f"{wrong:,} numbers that are"
            raise DataError(f"'{name}' has {counted} not finite; expected finite ones")
    if tensor.dtype in tensor_file.NAMES:
        return tensor
    if tensor.dtype not in WIDER:
        raise DataError(f"'{name}' has numbers of {tensor.dtype}; expected float or int")
    return tensor.to(WIDER[tensor.dtype])


def write(source: Path, target: Path) -> dict[str, Any]:
    """Write the state dict of a file as one document; returns what is told of it. Raises DataError."""
    found = read_state_dict(source)
    with target.open("wb") as file:
        for piece in tensor_file.pieces(found):
            file.write(piece)
    return {"tensors": len(found), "numbers": sum(tensor.numel() for tensor in found.values())}


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 where the target is written, else 2."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    options = parser.parse_args(arguments)
    isolate(options.memory, options.seconds)
    try:
        said = write(options.source, options.target)
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "more memory than allowed would be needed; expected a smaller file"}
    except OSError as error:
        said = {"failed": f"the weights cannot be written: {error.strerror}"}
    sys.stdout.write(json.dumps(said) + "\n")
    return 0 if "tensors" in said else 2


if __name__ == "__main__":
    sys.exit(main())
