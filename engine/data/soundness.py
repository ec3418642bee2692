"""Checks that a data set's samples match its declaration, as its class may be new and untested."""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset


def drawn(dataset: Dataset, generator: torch.Generator, blobs: Blobs) -> tuple[Tensor, Tensor]:
    """A data set's inputs (samples, …) and targets, generated or read.

    Raises BlobMissing, and DataError where they do not match the data set's declaration.
    """
    call: object = dataset.generate()
    name = type(dataset).__name__
    if call is not None and not isinstance(call, Call):
        raise DataError(
            f"generate() of {name} gives a {type(call).__name__}; "
            "expected a Call, such as Call(draw, Name('generator'))"
        )
    given: object = dataset.read(blobs) if call is None else call.build(generator=generator)
    where = f"{'read' if call is None else 'generate'}() of {name}"
    if not (isinstance(given, tuple) and len(given) == 2 and all(isinstance(t, Tensor) for t in given)):
        raise DataError(f"{where} gives a {type(given).__name__}; expected two tensors: inputs, targets")
    inputs, targets = given
    _check_inputs(dataset, inputs, where)
    _check_targets(dataset, targets, where)
    return inputs, targets


def _check_inputs(dataset: Dataset, inputs: Tensor, where: str) -> None:
    kinds = (torch.float32, torch.uint8)
    plain = dataset.select() is None
    wanted = (dataset.count, *dataset.shape) if plain else (dataset.count, *inputs.shape[1:])
    if inputs.dtype not in kinds or tuple(inputs.shape) != wanted:
        raise DataError(f"{where} gives inputs {_said(inputs)}; expected float32 or uint8 {wanted}")


def _check_targets(dataset: Dataset, targets: Tensor, where: str) -> None:
    if dataset.classes is None:
        if targets.dtype != torch.float32 or targets.dim() != 2 or len(targets) != dataset.count:
            raise DataError(
                f"{where} gives targets {_said(targets)}; expected float32 ({dataset.count}, values)"
            )
        return
    if targets.dtype != torch.int64 or tuple(targets.shape) != (dataset.count,):
        raise DataError(f"{where} gives targets {_said(targets)}; expected int64 ({dataset.count},)")
    least, most, last = int(targets.min()), int(targets.max()), len(dataset.classes) - 1
    if least < 0 or most > last:
        raise DataError(f"{where} gives classes from {least} to {most}; expected 0 to {last}")


def _said(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
