"""Inputs from the data set."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.load import Data
from glassnet.engine.files.blobs import Blobs


class SampleInput(Input):
    """Sample: one of the data set, by its position in the training or test set."""

    kind: Literal["sample"] = "sample"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Its class is known: right and wrong can be told.",),
        cons=("One of the training set says little of new ones.",),
        use="To go through the data.",
        example=Example(
            "Choose a sample of the test set, and see what each layer makes of it.",
            preset="digits-convolution",
        ),
    )
    set: Literal["train", "test"] = option("test", "Which set it is from.")
    index: int = option(0, "Its position in the set, from 0.", ge=0, le=10**9)

    def raw(self, data: Data, blobs: Blobs) -> Tensor:
        samples = data.train if self.set == "train" else data.test
        if self.index >= len(samples):
            raise ValueError(
                f"sample {self.index} of the {self.set} set; expected one of 0 to {len(samples) - 1}"
            )
        return samples.raw[self.index : self.index + 1].float()

    def source(self, data: Data) -> Tensor | None:
        signals = (data.train if self.set == "train" else data.test).source
        return None if signals is None else signals[self.index : self.index + 1]

    def target(self, data: Data) -> int | None:
        found = self.targets(data)
        return None if found is None or data.dataset.family != "class" else int(found[0])

    def targets(self, data: Data) -> Tensor | None:
        samples = data.train if self.set == "train" else data.test
        return samples.targets[self.index : self.index + 1] if self.index < len(samples) else None
