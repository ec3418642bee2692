"""What the reference page of an item says, gathered from the item's class."""

from __future__ import annotations

import json
import re
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import NamedTuple

from markupsafe import Markup
from pydantic import BaseModel

from glassnet.app.api.architecture_facts import facts
from glassnet.app.api.glossary import glossary
from glassnet.app.api.math import mathml
from glassnet.engine.catalog import Guide, Item, kind_of, plugins
from glassnet.engine.catalog.option_table import WORDS, Option, option_table
from glassnet.engine.conformance.places import made
from glassnet.engine.conformance.torch_calls import torch_calls
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment, Training, Update
from glassnet.engine.experiment.own_items import is_own
from glassnet.engine.figures import PLOTS, Slider, plotted
from glassnet.engine.items.node import Node
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.reference import FAMILIES, items_of

#: The parts of an experiment's document, which have pages like an item's.
EXPERIMENT: dict[str, type[BaseModel]] = {
    "experiment": Experiment,
    "training": Training,
    "updates": Update,
}

#: A publication as docstrings name it: authors, a year, and the place within it.
SOURCE = re.compile(
    r"[A-Z][\w’'-]+(?:(?:, [A-Z][\w’'-]+)* & [A-Z][\w’'-]+| et al\.)? (?:18|19|20)\d\d[a-z]?"
    r"(?:, (?:(?:section|equation|algorithm|figure|table|chapter)s?|appendix) [\w.]+(?: (?:to|and) [\d.]+)?)*"
)

#: Calls shown of a block; a published network has hundreds.
MOST_CALLS = 12


class Relative(NamedTuple):
    """Another item of a family."""

    kind: str
    label: str
    words: str


class Family(NamedTuple):
    """A family of items, as the index lists it."""

    name: str
    title: str
    words: str
    items: list[Relative]

    @property
    def compared(self) -> bool:
        """Whether its items can be laid side by side."""
        return self.name in PLOTS


class ItemPage(NamedTuple):
    """The words of an item's page."""

    family: Family
    kind: str
    label: str
    words: str
    paragraphs: list[Markup]
    options: list[Option]
    #: The options that all nodes have.
    common: Sequence[Option] = ()
    #: Lines of what it computes, and of its derivative; each as an equation, where it has its LaTeX.
    formula: Sequence[str] = ()
    equations: Sequence[Markup] = ()
    guide: Guide | None = None
    #: The controls of its figure; None where its family has none.
    controls: Sequence[Slider] | None = None
    #: Where the experiment that shows it opens.
    example: str = ""
    #: The address of its page in the gallery; empty where it has none.
    gallery: str = ""
    #: Publications that its docstring names.
    sources: Sequence[str] = ()
    #: Lines of PyTorch, and how many more there are.
    calls: Sequence[str] = ()
    further_calls: int = 0
    #: Whether the calls are of a narrower network than the defaults say.
    narrowed: bool = False
    #: The plug-in that brings it; empty where Glassnet does.
    plugin: str = ""


@cache
def family(name: str) -> Family:
    """A family with its items. Raises KeyError where there is none of that name."""
    if name == "experiment":
        parts = [Relative(kind, kind.capitalize(), _first_line(part)) for kind, part in EXPERIMENT.items()]
        return Family(name, "Experiment", "The document that says everything about a run.", parts)
    title, _, words = (_home(name).__doc__ or name).split("\n", 1)[0].partition(": ")
    items = [
        Relative(kind, each.label(), _after_colon(each.summary()))
        for kind, each in items_of(name).items()
        if not is_own(each)
    ]
    return Family(name, title, words[:1].upper() + words[1:], items)


def families() -> list[Family]:
    """Every family of the reference, in the order of the catalogue, and the parts of an experiment."""
    return [family(name) for name in (*FAMILIES, "experiment")]


@cache
def item_page(name: str, kind: str) -> ItemPage:
    """The page of an item of a family. Raises KeyError where there is none."""
    if name == "experiment":
        return _page_of_part(kind)
    item = items_of(name)[kind]
    calls = _calls(name, item)
    shared = set(Node.model_fields) if issubclass(item, Node) else set()
    options = option_table(item)
    text = item.reference()
    formula = [line for fact in ("formula", "derivative") for line in _lines(getattr(item, fact, ""))]
    provider = plugins.load().provider(item)
    return ItemPage(
        family=family(name),
        kind=kind,
        label=item.label(),
        words=_after_colon(item.summary()),
        formula=formula,
        equations=_equations(item, formula),
        guide=item.guide,
        controls=plotted(name, item) if name in PLOTS else None,
        example=_example(name, item),
        gallery=f"/gallery/{kind}" if name == "architectures" and kind in facts().entries else "",
        paragraphs=_paragraphs(text),
        sources=list(dict.fromkeys(SOURCE.findall(" ".join(f"{item.summary()} {text}".split())))),
        options=[option for option in options if option.name not in shared],
        common=[option for option in options if option.name in shared],
        calls=calls[:MOST_CALLS],
        further_calls=max(0, len(calls) - MOST_CALLS),
        narrowed="width" in item.model_fields and bool(calls),
        plugin="" if provider is None else provider.name,
    )


def texts() -> Iterator[str]:
    """What the pages of the reference say of families and items, besides what the catalogue says."""
    for each in families():
        yield from (each.title, each.words)
        for relative in each.items:
            yield from (relative.label, relative.words)
    yield from WORDS
    yield from (term.formula for term in glossary().values() if term.formula)
    for name in FAMILIES:
        for item in items_of(name).values():
            yield from map(str, _paragraphs(item.reference()))
            yield from (option.help for option in option_table(item))
            yield from _guide_texts(item.guide)
    for part in EXPERIMENT.values():
        yield from map(str, _paragraphs((part.__doc__ or "").partition("\n")[2]))
        yield from (option.help for option in option_table(part))


def _guide_texts(guide: Guide | None) -> Iterator[str]:
    if guide is None:
        return
    yield from (*guide.pros, *guide.cons, guide.use, guide.example.look)
    for mistake in guide.mistakes:
        yield from (mistake.claim, mistake.truth)


def _page_of_part(kind: str) -> ItemPage:
    part = EXPERIMENT[kind]
    head, _, text = (part.__doc__ or "").partition("\n")
    return ItemPage(
        family=family("experiment"),
        kind=kind,
        label=kind.capitalize(),
        words=head,
        paragraphs=_paragraphs(text),
        options=option_table(part),
    )


def _home(name: str) -> ModuleType:
    """The package that defines a family, whose docstring says what the family is."""
    base, _ = FAMILIES[name]
    return sys.modules[base.homes[0] if vars(base).get("homes") else base.__module__]


def _equations(item: type[Item], formula: Sequence[str]) -> list[Markup]:
    """The item's equations; the first has the plain text of all as an annotation."""
    tex = item.guide.tex if item.guide else ()
    return [mathml(each, "" if index else "  ".join(formula)) for index, each in enumerate(tex)]


def _example(name: str, item: type[Item]) -> str:
    """The address of the experiment that shows an item; empty where it says of none."""
    if item.guide is None:
        return ""
    lab = item.guide.example.lab
    return f"/labs/{lab}{_lab_settings(item)}" if lab else f"/?item={name}/{kind_of(item)}"


def _lab_settings(item: type[Item]) -> str:
    """The fragment with which a lab opens on an item, as `static/labs/lab.js` reads it."""
    if not issubclass(item, CostSurface):
        return ""
    settings = {"surface": made(item).model_dump(mode="json")}
    return f"#l1={urlsafe_b64encode(json.dumps(settings).encode()).decode().rstrip('=')}"


def _calls(name: str, item: type[Item]) -> list[str]:
    """The item in PyTorch; nothing where a plug-in's cannot be built, which `glassnet check` explains."""
    try:
        return torch_calls(name, item)
    except (InvalidDocument, TypeError, ValueError):
        return []


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().split("\n", 1)[0]


def _after_colon(summary: str) -> str:
    """`Adam: momentum and …` → `Momentum and …`; what has no name in front stays."""
    words = summary.partition(": ")[2] or summary
    return words[:1].upper() + words[1:]


def _lines(formula: str) -> list[str]:
    """`a;  b` → the formula's lines, which are separated by two blanks or more."""
    return [line.strip().rstrip(";") for line in re.split(r"\s{2,}", formula.strip()) if line.strip()]


def _paragraphs(text: str) -> list[Markup]:
    """The paragraphs of a text, but for those that name publications and nothing else."""
    joined = (" ".join(each.split()) for each in text.split("\n\n"))
    return [_marked(each) for each in joined if SOURCE.sub("", each).strip(" .;,")]


def _marked(text: str) -> Markup:
    """A text in which what stands between backticks is code."""
    pieces = enumerate(text.split("`"))
    return Markup().join(Markup("<code>{}</code>").format(each) if at % 2 else each for at, each in pieces)
