"""Checks that a data set's samples match its declaration, as its class may be new and untested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from glassnet.engine.catalog.call import Call
from glassnet.engine.errors import DataError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.targets import IGNORED, Family


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
    wanted = _expected(dataset)
    fitting = len(targets.shape) == len(wanted.shape) and all(
        size in (None, given) for given, size in zip(targets.shape, wanted.shape, strict=True)
    )
    if targets.dtype != wanted.dtype or not fitting:
        raise DataError(f"{where} gives targets {_said(targets)}; expected {wanted.words}")
    if wanted.classes is not None:
        _check_classes(targets[wanted.classes], dataset, where)
    if dataset.family == "boxes":
        _check_boxes(targets, dataset, where)


class _Expected(NamedTuple):
    """What the targets of a family are to be."""

    dtype: torch.dtype
    #: None: an axis of any size.
    shape: tuple[int | None, ...]
    words: str
    #: Where in the targets their classes are; None: they have none.
    classes: Any = None


def _expected(dataset: Dataset) -> _Expected:
    n, sizes = dataset.count, dataset.shape[1:]
    match dataset.family:
        case "class":
            return _Expected(torch.int64, (n,), f"int64 ({n},)", ...)
        case "values":
            return _Expected(torch.float32, (n, None), f"float32 ({n}, values)")
        case "masks":
            return _Expected(torch.uint8, (n, *sizes), f"uint8 {(n, *sizes)}", ...)
        case "boxes":
            return _Expected(torch.float32, (n, None, 5), f"float32 ({n}, boxes, 5)", (..., 4))
        case "instance_masks":
            return _Expected(
                torch.uint8, (n, None, *sizes), f"uint8 ({n}, objects, {', '.join(map(str, sizes))})"
            )
        case "tokens":
            return _Expected(torch.int64, (n, None), f"int64 ({n}, tokens)")
        case "reconstruction":
            return _Expected(torch.float32, (n, *dataset.shape), f"float32 {(n, *dataset.shape)}")


#: The number that stands for no class, by family: of a pixel that is ignored, and of no box.
_NONE: Mapping[Family, int] = {"masks": IGNORED, "boxes": -1}


def _check_classes(classes: Tensor, dataset: Dataset, where: str) -> None:
    none = _NONE.get(dataset.family)
    told = classes if none is None else classes[classes != none]
    if not len(told):
        return
    least, most, last = int(told.min()), int(told.max()), len(dataset.classes or ()) - 1
    if least < 0 or most > last:
        ignored = "" if none is None else f", and {none} for none"
        raise DataError(f"{where} gives classes from {least} to {most}; expected 0 to {last}{ignored}")


def _check_boxes(boxes: Tensor, dataset: Dataset, where: str) -> None:
    """Raise DataError for a box outside its picture, upside down, without an area, or of no numbers."""
    height, width = dataset.shape[1:]
    left, top, right, bottom, kind = boxes.unbind(dim=-1)
    sound = (left >= 0) & (top >= 0) & (left < right) & (top < bottom) & (right <= width) & (bottom <= height)
    wrong = (~sound & (kind != -1)).nonzero()
    if len(wrong):
        picture, place = wrong[0].tolist()
        x0, y0, x1, y1 = (f"{value:g}" for value in boxes[picture, place, :4].tolist())
        raise DataError(
            f"{where} gives picture {picture} a box from {x0}, {y0} to {x1}, {y1};"
            f" expected left < right ≤ {width} and top < bottom ≤ {height}, from 0"
        )


def _said(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
