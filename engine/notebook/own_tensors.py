"""Own tensors as a data set: kept in this process, and in the directories of runs that use them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import safetensors.torch
import torch
from pydantic import AfterValidator, Field
from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.errors import BlobMissing, DataError
from glassnet.engine.files.blobs import BlobReference, Blobs
from glassnet.engine.files.storage import replace
from glassnet.engine.items.datasets import Dataset, Undivided
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.node import Shape

#: The file of a run directory that has the run's own tensors.
FILE = "own_data.safetensors"

#: Inputs and targets of this process, by reference.
_kept: dict[str, tuple[Tensor, Tensor]] = {}


def _sizes(sizes: list[int]) -> list[int]:
    if any(size < 1 for size in sizes):
        raise ValueError("expected sizes of at least 1")
    return sizes


class OwnData(Labelled, Undivided):
    """Own data: tensors of a notebook, referred to by their hash. `own_data` creates it."""

    kind: Literal["own_data"] = "own_data"

    blob: BlobReference = option("sha256:" + 64 * "0", "The hash of inputs and targets.")
    samples: int = option(2, "How many samples there are.", ge=2, le=100_000_000)
    sizes: Annotated[list[int], AfterValidator(_sizes)] = option(
        [1], "The shape of one sample: features, or channels, height and width.", min_length=1, max_length=4
    )
    labels: list[Annotated[str, Field(max_length=100)]] | None = option(
        None, "The names of the classes; left out where targets are values.", min_length=2, max_length=100_000
    )
    names: list[Annotated[str, Field(max_length=100)]] | None = option(
        None, "A name for each feature or channel.", max_length=100_000
    )

    @property
    def classes(self) -> tuple[str, ...] | None:
        return None if self.labels is None else tuple(self.labels)

    @property
    def count(self) -> int:
        return self.samples

    @property
    def shape(self) -> Shape:
        return tuple(self.sizes)

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.names or (f"x{number}" for number in range(1, self.sizes[0] + 1)))

    def check(self, blobs: Blobs) -> tuple[str, str] | None:
        if self.blob in _kept:
            return None
        absent = f"the tensors {self.blob[:19]}… are not in this process"
        return "/blob", f"{absent}; expected them to be given anew to own_data, or their run to be loaded"

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        problem = self.check(blobs)
        if problem is not None:
            raise BlobMissing(problem[1])
        return _kept[self.blob]


def own_data(
    x: Any,
    y: Any,
    *,
    classes: list[str] | None = None,
    names: list[str] | None = None,
    **options: Any,
) -> OwnData:
    """A data set of own samples and targets: tensors, arrays, lists, or columns of a table.

        x, y = torch.randn(200, 3), torch.randint(2, (200,))
        data = glassnet.own_data(x, y, classes=["no", "yes"], test_share=0.3)
        experiment = glassnet.Experiment.parse({"data": data, "network": [{"kind": "linear", "units": None}]})

    `x` is (samples, features) or (samples, channels, height, width), and becomes float32; uint8 pictures
    become 0 to 1. `y` is (samples,): whole numbers from 0, truth values or words are classes, which
    `classes` may name; numbers with a fraction, or (samples, values), are values, for the task `regression`.
    `names` are those of the features or channels; `options` those of every data set: test_share,
    validation_share, split, normalize, and label_noise of classes.

    The tensors are copied and stay in this process; a run of `train` keeps them in its directory. Raises
    DataError, with what was given and what was expected.
    """
    inputs = _inputs(x)
    targets, found = _targets(y, len(inputs))
    labels = _labels(classes, found)
    if names is not None and len(names) != inputs.shape[1]:
        raise DataError(f"{len(names)} names; expected {inputs.shape[1]}, one for each feature or channel")
    reference = _keep(inputs, targets)
    sizes = list(inputs.shape[1:])
    return OwnData(
        blob=reference,
        samples=len(inputs),
        sizes=sizes,
        labels=labels,
        names=names and list(names),
        **options,
    )


def store(dataset: Dataset, folder: Path) -> None:
    """Write a run's own tensors into its directory, where it has any. Raises StorageError."""
    if isinstance(dataset, OwnData):
        replace(folder / FILE, [_bytes(*_kept[dataset.blob])])


def recall(folder: Path) -> None:
    """Load the own tensors of a run directory into this process, where it has any. Raises DataError."""
    path = folder / FILE
    if not path.is_file():
        return
    try:
        found = safetensors.torch.load_file(path)
        _keep(found["inputs"], found["targets"])
    except (OSError, KeyError, safetensors.SafetensorError) as error:
        raise DataError(f"{path}: {error}; expected inputs and targets") from None


def _keep(inputs: Tensor, targets: Tensor) -> str:
    reference = f"sha256:{hashlib.sha256(_bytes(inputs, targets)).hexdigest()}"
    _kept[reference] = inputs, targets
    return reference


def _bytes(inputs: Tensor, targets: Tensor) -> bytes:
    return safetensors.torch.save({"inputs": inputs, "targets": targets})


# What people have --------------------------------------------------------------------------------------


def _inputs(x: Any) -> Tensor:
    given = _array("x", x)
    if (
        given.ndim < 2
        or given.ndim > 5
        or given.dtype.kind not in "fiub"
        or len(given) < 2
        or 0 in given.shape
    ):
        raise DataError(
            f"x is {_said(given)}; expected numbers of at least 2 samples: (samples, features) or "
            "(samples, channels, height, width)"
        )
    inputs = torch.tensor(given.astype(np.float32))
    if given.dtype == np.uint8 and given.ndim == 4:
        inputs /= 255
    _check_finite("x", inputs)
    return inputs


def _targets(y: Any, count: int) -> tuple[Tensor, list[str] | None]:
    """Targets, and the names of the classes where they are classes."""
    given = _array("y", y)
    if len(given) != count or given.ndim not in (1, 2):
        raise DataError(f"y is {_said(given)}; expected ({count},) classes or values, or ({count}, values)")
    if given.dtype.kind == "f" or given.ndim == 2:
        values = torch.tensor(given.astype(np.float32)).reshape(count, -1)
        _check_finite("y", values)
        return values, None
    if given.dtype.kind in "iu":
        if given.min() < 0:
            raise DataError(f"y has the class {given.min()}; expected whole numbers from 0, or words")
        labels = [str(label) for label in range(int(given.max()) + 1)]
        return torch.tensor(given.astype(np.int64)), labels
    found, places = np.unique(given.astype(str), return_inverse=True)
    return torch.tensor(places.astype(np.int64)).reshape(count), [str(label) for label in found]


def _labels(wanted: list[str] | None, found: list[str] | None) -> list[str] | None:
    if found is None:
        if wanted is not None:
            raise DataError("classes are named, and y has values; expected whole numbers or words in y")
        return None
    labels = found if wanted is None else [str(name) for name in wanted]
    if len(labels) < max(2, len(found)):
        raise DataError(
            f"{len(labels)} classes, of which y has {len(found)}; expected at least {max(2, len(found))}"
        )
    return labels


def _array(name: str, given: Any) -> np.ndarray:
    """A numpy array of a tensor on any device, a column of a table, or nested lists."""
    if isinstance(given, Tensor):
        given = given.detach().cpu()
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise DataError(f"{name} cannot be read as an array: {error}; expected equal sizes") from None
    if array.dtype.kind not in "fiubUSO" or array.ndim == 0:
        raise DataError(f"{name} is {_said(array)}; expected an array of numbers")
    return array


def _check_finite(name: str, values: Tensor) -> None:
    wrong = int((~values.isfinite()).sum())
    if wrong:
        raise DataError(f"{name} has {wrong:,} values that are not finite; expected none")


def _said(array: np.ndarray) -> str:
    return f"{array.dtype} {array.shape}"
