"""Real measurements that come with scikit-learn: iris, wine, breast cancer, diabetes, digits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, option
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.scikit_learn import data_file
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.datasets.labelled import Labelled
from glassnet.engine.items.node import Shape
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.normalizations.min_max import MinMax
from glassnet.engine.items.normalizations.standardize import Standardize

#: Numbers of a table, float64.
Rows = npt.NDArray[np.float64]


class Table(Undivided, ABC):
    """Rows of measurements."""

    columns: ClassVar[tuple[str, ...]]
    rows: ClassVar[int]

    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        Standardize(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @abstractmethod
    def table(self) -> tuple[Rows, Rows]:
        """The measurements, float64 (rows, columns), and the targets, (rows,)."""

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
        data, target = self.table()
        inputs = torch.from_numpy(np.asarray(data, np.float32)).reshape(self.rows, *self.shape)
        if self.classes is None:
            return inputs, torch.from_numpy(np.asarray(target, np.float32))[:, None]
        return inputs, torch.from_numpy(np.asarray(target, np.int64))


class Iris(Table, Labelled):
    """Iris: 150 flowers of three species, four lengths in centimetres. Fisher 1936; two species overlap."""

    kind: Literal["iris"] = "iris"
    classes: ClassVar[tuple[str, ...] | None] = ("setosa", "versicolor", "virginica")
    columns: ClassVar[tuple[str, ...]] = ("sepal length", "sepal width", "petal length", "petal width")
    rows: ClassVar[int] = 150
    guide: ClassVar[Guide | None] = Guide(
        pros=("Small, clean and famous; one species is separated by a line.",),
        cons=("150 flowers: the test share is a few dozen, and its accuracy jumps in steps.",),
        use="For a first classification of a table.",
        example=Example(
            "One species is right at once; the other two overlap.",
            preset="iris",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.9},
        ),
    )

    def table(self) -> tuple[Rows, Rows]:
        return _last_apart("iris.csv", skiprows=1)


class Wine(Table, Labelled):
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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Columns of very different size: normalization can be seen to matter.",),
        cons=("178 wines: a good result may be luck with the split.",),
        use="To see why inputs are standardized.",
        example=Example(
            "Set Normalize to None and train again: one column rules.",
            preset="wine",
        ),
    )

    def table(self) -> tuple[Rows, Rows]:
        return _last_apart("wine_data.csv", skiprows=1)


class BreastCancer(Table, Labelled):
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
    guide: ClassVar[Guide | None] = Guide(
        pros=("A real decision, with unequal costs of its two errors.",),
        cons=("Accuracy alone hides which error is made: look at recall.",),
        use="For precision and recall, and for thresholds.",
        example=Example(
            "Look at the metrics of each class, not at the accuracy alone.",
            preset="breast-cancer",
        ),
    )

    def table(self) -> tuple[Rows, Rows]:
        return _last_apart("breast_cancer.csv", skiprows=1)


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
    guide: ClassVar[Guide | None] = Guide(
        pros=("A regression with much noise: overfitting comes quickly.",),
        cons=("The best known fits explain about half of the variance.",),
        use="To see overfitting in a regression, and what cures it.",
        example=Example(
            "The test loss rises while the training loss goes on falling.",
            preset="diabetes",
            claim={"metric": "test_loss", "op": ">", "than": {"metric": "train_loss", "times": 2}},
        ),
    )

    def table(self) -> tuple[Rows, Rows]:
        return _rows("diabetes_data_raw.csv.gz"), _rows("diabetes_target.csv.gz")

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
    guide: ClassVar[Guide | None] = Guide(
        pros=("Real handwriting that trains in seconds.",),
        cons=("8×8 pixels: larger networks have nothing more to find.",),
        use="For first experiments with pictures.",
        example=Example(
            "Nine of ten are right after a few epochs; look at the mistakes.",
            preset="digits",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.9},
        ),
    )
    normalize: Annotated[Normalization, Choice(Normalization)] = option(
        MinMax(), "How inputs are shifted and scaled; fitted on the training set."
    )

    @property
    def shape(self) -> Shape:
        return (1, 8, 8)

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.columns

    def table(self) -> tuple[Rows, Rows]:
        return _last_apart("digits.csv.gz")


@cache
def _rows(name: str, **options: Any) -> Rows:
    """The numbers of a file of scikit-learn, packed or not."""
    return np.loadtxt(data_file(f"data/{name}"), **options)


def _last_apart(name: str, **options: Any) -> tuple[Rows, Rows]:
    """A file with commas: all columns but the last, and the last."""
    rows = _rows(name, delimiter=",", **options)
    return rows[:, :-1], rows[:, -1]
