"""Architectures: published networks as blocks."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from glassnet.engine.catalog import option
from glassnet.engine.items.architectures.torchvision_names import TorchvisionNames
from glassnet.engine.items.blocks import Expansion
from glassnet.engine.items.node import Context, Shape
from glassnet.engine.items.targets import Family


class Architecture(Expansion, ABC):
    """A published network with its sizes as options."""

    takes: ClassVar[tuple[int, ...] | None] = (2,)

    #: When it was first shown; its samples and the number of its classes then. None where no paper says.
    year: ClassVar[int | None] = None
    published_input: ClassVar[Shape | None] = None
    published_classes: ClassVar[int] = 1000
    #: The targets that its answers are for.
    answers: ClassVar[Family] = "class"
    #: The losses that read its answers, where those that its task begins with cannot; `node` is one inside.
    losses: ClassVar[Sequence[Mapping[str, Any]]] = ()

    width: float = option(
        1.0,
        "Every layer's width as a share of the published one, to train where time is short.",
        ge=0.01,
        le=2,
    )
    classes: int | None = option(
        None, "The number of outputs; empty: as many as the task needs.", ge=1, le=10**6
    )

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """With the year in which it was first shown."""
        return super().entry() | {"year": cls.year}

    def torchvision_names(self) -> TorchvisionNames | None:
        """How torchvision calls the nodes, where it has the same network; None where it has not."""
        return None

    def heads(self) -> Mapping[str, float]:
        """The outputs beside the last one, by their names inside, and what their losses weigh in training."""
        return {}

    def class_count(self, context: Context) -> int:
        """The number of classes, for layers that need it. Raises ValueError where none is known."""
        classes = self.classes or context.width
        if classes is None:
            raise ValueError("classes is empty, and no loss reads the node; expected a number of classes")
        return classes

    def wide(self, published: int) -> int:
        """The width of a layer whose published width is `published`."""
        return max(1, round(published * self.width))


class Stemmed(Architecture, ABC):
    """An architecture whose first layers make pictures of 224 pixels a quarter of their side."""

    stem: Literal["published", "small"] = option(
        "published",
        "The first layers: as published, or 3×3 without strides and pooling, for pictures of 8 to 64 pixels.",
    )
