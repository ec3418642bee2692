"""Data sets whose targets are classes, and wrong labels among those that are trained on."""

from __future__ import annotations

from abc import ABC
from typing import Self

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.targets import WORDS


class Labelled(Dataset, ABC):
    """A data set whose targets are classes."""

    label_noise: float = option(
        0.0,
        "Share of the training labels that are wrong: each of these is replaced by another class at random. "
        "The validation and the test set keep their labels.",
        ge=0,
        le=1,
    )

    @model_validator(mode="after")
    def _has_labels(self) -> Self:
        """Raises PydanticCustomError where labels are to be wrong, and samples have none."""
        if self.label_noise and self.family != "class":
            raise PydanticCustomError(
                "no_labels",
                "{share}: the targets are {targets}, which have no labels to replace; expected 0",
                {"pointer": "/label_noise", "share": self.label_noise, "targets": WORDS[self.family]},
            )
        return self

    def relabel(self) -> Call | None:
        if not self.label_noise or self.classes is None or self.family != "class":
            return None
        return Call(with_label_noise, Name("targets"), self.label_noise, len(self.classes), Name("generator"))


def with_label_noise(
    targets: torch.Tensor, share: float, classes: int, generator: torch.Generator
) -> torch.Tensor:
    """Labels of which a share is replaced by another class, any of them as likely: int64 (samples,)."""
    count = round(share * len(targets))
    chosen = torch.randperm(len(targets), generator=generator)[:count]
    away = torch.randint(1, classes, (count,), generator=generator)
    noisy = targets.clone()
    noisy[chosen] = (targets[chosen] + away) % classes
    return noisy
