"""The gallery: examples to start from, each with its question and a picture of what it becomes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.app.core.places import ROOT
from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.node import Node
from glassnet.engine.network.published import Published, published

PRESETS = Path(__file__).resolve().parent.parent / "presets"

#: The texts of the gallery: its groups, and each example's group, question and what to notice.
TEXTS = PRESETS.parent / "gallery.json"

#: The pictures (`make gallery`), and what each of them was made of.
PICTURES = ROOT / "static" / "gallery"


class Group(NamedTuple):
    """Examples under one heading."""

    name: str
    title: str
    description: str


class Picture(NamedTuple):
    """What a picture of an example shows, and of what it was made."""

    #: The hash of the experiment (`tools/gallery`): another experiment needs another picture.
    experiment: str
    step: int
    seed: int
    #: What the picture shows, for those who do not see it.
    shows: str


class Example(NamedTuple):
    """An experiment to start from."""

    name: str
    experiment: Experiment
    group: str
    question: str
    notice: str
    picture: Picture | None
    #: The study that the card begins beside the example itself, by its kind.
    study: str = ""
    #: The race that the example takes part in, by its name.
    race: str = ""

    @property
    def title(self) -> str:
        return self.experiment.title

    @property
    def slug(self) -> str:
        """The name without its number: the card's anchor in the gallery."""
        return self.name.partition("-")[2]

    @property
    def address(self) -> str:
        """The address that begins the example, and its study or its race where it has one."""
        study = "variants" if self.race else self.study
        return f"/?example={self.name}" + (f"&study={study}" if study else "")

    @property
    def begins(self) -> str:
        """What the button says that begins its race; empty where it has none."""
        return races()[self.race].title if self.race else ""

    def preset(self) -> dict[str, Any]:
        """The example as `GET /api/presets` has it."""
        return {
            "name": self.name,
            "title": self.title,
            "group": next(group.title for group in groups() if group.name == self.group),
            "question": self.question,
            "notice": self.notice,
            "experiment": self.experiment.document(),
            "race": races()[self.race].document() if self.race else None,
        }

    def published(self) -> Published | None:
        """The published size of the architecture that the example trains, if it trains one."""
        item = catalog(Node).get(self.experiment.network[0].kind)
        return published(item) if item is not None and issubclass(item, Architecture) else None


class Race(NamedTuple):
    """A race of examples that one press begins: each trains its own network from its own start."""

    title: str
    #: The steps of each, and how often they are evaluated.
    steps: int
    rows: int
    #: The series that is drawn first.
    curve: str
    #: The examples with their names in the race.
    entries: list[dict[str, str]]

    def document(self) -> dict[str, Any]:
        """The race as `GET /api/presets` has it."""
        return self._asdict()


@cache
def races() -> dict[str, Race]:
    """The races of examples by their names."""
    return {name: Race(**race) for name, race in _texts()["races"].items()}


@cache
def groups() -> tuple[Group, ...]:
    """The headings of the gallery in order."""
    return tuple(Group(**group) for group in _texts()["groups"])


@cache
def examples() -> tuple[Example, ...]:
    """Every preset with its texts and picture, by name; the first is shown on a first visit."""
    texts, pictures = _texts()["examples"], json.loads((PICTURES / "pictures.json").read_text("utf-8"))
    return tuple(
        Example(
            path.stem,
            Experiment.parse(path.read_bytes()),
            **texts[path.stem],
            picture=Picture(**pictures[path.stem]) if path.stem in pictures else None,
        )
        for path in sorted(PRESETS.glob("*.json"))
    )


@cache
def arranged() -> list[tuple[Group, list[tuple[Example, Published | None]]]]:
    """The groups with their examples; of architectures, in the order of their years, the published sizes."""
    cards = [(example, example.published()) for example in examples()]
    cards.sort(key=lambda card: card[1].year if card[1] else 0)
    return [(group, [card for card in cards if card[0].group == group.name]) for group in groups()]


def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(TEXTS.read_text("utf-8"))
    return texts
