"""Every item brings what its page says: for and against, equations, and an experiment that shows it."""

from __future__ import annotations

import json
import re
import unicodedata
from html import unescape

import pytest

from glassnet.app.api.item_example import example_of
from glassnet.app.api.math import mathml
from glassnet.app.api.pages import LABS
from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.conformance.guides import missing
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.own_items import is_own
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.reference import FAMILIES, items_of
from glassnet.engine.training.trainer import Trainer

#: Those that have a page; an item of a notebook, which other tests may have imported, has none.
ITEMS = [(family, item) for family in FAMILIES for item in items_of(family).values() if not is_own(item)]
SHOWN = [(family, item) for family, item in ITEMS if item.guide is not None and not item.guide.example.lab]

every_item = pytest.mark.parametrize(
    ("family", "item"), ITEMS, ids=[f"{family}-{kind_of(item)}" for family, item in ITEMS]
)


@every_item
def test_its_guide_is_whole(family: str, item: type[Item]) -> None:
    assert missing(family, item) == []
    json.dumps(item.entry()["guide"])


@every_item
def test_its_equations_are_read_and_its_experiment_is_one(family: str, item: type[Item]) -> None:
    assert item.guide is not None
    for tex in item.guide.tex:
        assert "merror" not in mathml(tex)
    if item.guide.example.lab:
        assert item.guide.example.lab in LABS
        return
    document = example_of(family, item)
    assert document is not None
    assert Experiment.parse(document).document() == document


def trained(family: str, item: type[Item]) -> None:
    """Its experiment takes three steps."""
    document = example_of(family, item)
    assert document is not None
    experiment = Experiment.parse(document)
    assert experiment.data.check(Blobs()) is None, "its data are not there"
    trainer = Trainer(experiment)
    for _ in range(3):
        trainer.step()
    assert all(value == value for value in trainer.evaluate().values())


ONE_EACH = dict(reversed(SHOWN))


@pytest.mark.parametrize("family", ONE_EACH)
def test_an_experiment_that_shows_an_item_trains(family: str) -> None:
    trained(family, ONE_EACH[family])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("family", "item"), SHOWN, ids=[f"{family}-{kind_of(item)}" for family, item in SHOWN]
)
def test_every_experiment_that_shows_an_item_trains(family: str, item: type[Item]) -> None:
    trained(family, item)


def letters(text: str) -> set[str]:
    """The Greek letters and digits of a formula, without accents, indices or exponents."""
    plain = unicodedata.normalize("NFKC", text).replace("ς", "σ")
    return {each for each in plain if "α" <= each <= "ω"}


@every_item
def test_its_equation_names_what_its_formula_names(family: str, item: type[Item]) -> None:
    """The formula in plain text stands in cards, the equation on the page: both are the same one."""
    formula = f"{getattr(item, 'formula', '')} {getattr(item, 'derivative', '')}"
    if item.guide is not None and item.guide.tex and formula.strip():
        written = unescape(re.sub(r"<[^>]+>", " ", " ".join(mathml(tex) for tex in item.guide.tex)))
        tex = re.sub(r"\\\w+", "", written)
        assert letters(formula) <= letters(tex)
