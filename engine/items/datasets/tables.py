"""Real measurements that come with scikit-learn: iris, wine, breast cancer, diabetes, digits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, option
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.min_max import MinMax
from glassnet.engine.items.normalizations.standardize import Standardize


class Table(Undivided, ABC):
    """Rows of measurements."""

    columns: ClassVar[tuple[str, ...]]
    rows: ClassVar[int]

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @abstractmethod
    def bunch(self) -> tuple[Any, Any]:
        """(data, target) of scikit-learn's loader."""

    @property
    def count(self) -> int:
        return self.rows

    @property
    def shape(self) -> Shape:
        return (len(self.columns),)

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.columns

    def read(self, blobs: Blobs) -> tuple[Tensor, Tensor]:
        data, target = self.bunch()
        inputs = torch.from_numpy(np.asarray(data, np.float32)).reshape(self.rows, *self.shape)
        if self.classes is None:
            return inputs, torch.from_numpy(np.asarray(target, np.float32))[:, None]
        return inputs, torch.from_numpy(np.asarray(target, np.int64))


class Iris(Table):
    """Iris: 150 flowers of three species, four lengths in centimetres. Fisher 1936; two species overlap."""

    kind: Literal["iris"] = "iris"
    classes: ClassVar[tuple[str, ...] | None] = ("setosa", "versicolor", "virginica")
    columns: ClassVar[tuple[str, ...]] = ("sepal length", "sepal width", "petal length", "petal width")
    rows: ClassVar[int] = 150

    def bunch(self) -> tuple[Any, Any]:
        return _load("iris")


class Wine(Table):
    """Wine: 178 wines of three growers in Italy, 13 chemical measurements of very different size.

    Without normalisation proline, in the hundreds, dominates all other measurements.
    """

    kind: Literal["wine"] = "wine"
    classes: ClassVar[tuple[str, ...] | None] = ("grower 1", "grower 2", "grower 3")
    columns: ClassVar[tuple[str, ...]] = (
        "alcohol",
        "malic acid",
        "ash",
        "alcalinity of ash",
        "magnesium",
        "total phenols",
        "flavanoids",
        "nonflavanoid phenols",
        "proanthocyanins",
        "color intensity",
        "hue",
        "od280/od315",
        "proline",
    )
    rows: ClassVar[int] = 178

    def bunch(self) -> tuple[Any, Any]:
        return _load("wine")


class BreastCancer(Table):
    """Breast cancer: 569 tumours, malignant or benign, 30 measurements of cell nuclei (Wisconsin, 1995)."""

    kind: Literal["breast_cancer"] = "breast_cancer"
    classes: ClassVar[tuple[str, ...] | None] = ("malignant", "benign")
    columns: ClassVar[tuple[str, ...]] = tuple(
        f"{statistic} {quantity}"
        for statistic in ("mean", "error of", "worst")
        for quantity in (
            "radius",
            "texture",
            "perimeter",
            "area",
            "smoothness",
            "compactness",
            "concavity",
            "concave points",
            "symmetry",
            "fractal dimension",
        )
    )
    rows: ClassVar[int] = 569

    def bunch(self) -> tuple[Any, Any]:
        return _load("breast_cancer")


class Diabetes(Table):
    """Diabetes: 442 patients, ten measurements, and how far the disease went in a year (25 to 346).

    Efron et al. 2004. Targets are standardised too, so that an error of 1 is one standard deviation.
    """

    kind: Literal["diabetes"] = "diabetes"
    classes: ClassVar[tuple[str, ...] | None] = None
    columns: ClassVar[tuple[str, ...]] = (
        "age",
        "sex",
        "body mass index",
        "blood pressure",
        "total cholesterol",
        "LDL",
        "HDL",
        "cholesterol / HDL",
        "log triglycerides",
        "blood sugar",
    )
    rows: ClassVar[int] = 442

    def bunch(self) -> tuple[Any, Any]:
        return _load("diabetes", scaled=False)

    @property
    def normalize_values(self) -> Normalization:
        return Standardize()


class Digits(Images, Table):
    """Digits: 1,797 handwritten digits as pictures of 8×8 pixels, each from 0 to 16.

    Alpaydin & Kaynak 1998. One channel: (1, 8, 8).
    """

    kind: Literal["digits"] = "digits"
    classes: ClassVar[tuple[str, ...] | None] = tuple("0123456789")
    columns: ClassVar[tuple[str, ...]] = ("ink",)
    rows: ClassVar[int] = 1797
    brightest: ClassVar[float | None] = 16.0
    drawn: ClassVar[Literal["plain", "filled", "centred"]] = "filled"
    whole_numbers: ClassVar[bool] = False
    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        MinMax(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @property
    def shape(self) -> Shape:
        return (1, 8, 8)

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.columns

    def bunch(self) -> tuple[Any, Any]:
        return _load("digits")


@cache
def _load(name: str, **options: Any) -> tuple[Any, Any]:
    # Imported here: scikit-learn takes a second to import, and most experiments do not need it.
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")(**options)
    return bunch.data, bunch.target
