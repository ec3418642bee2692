"""What the reference page of an item lacks: the guide that each item brings on its class."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.catalog import Guide, Item

#: Families whose items compute what an equation says.
FORMULATED = {
    "activations",
    "losses",
    "initializers",
    "normalizations",
    "optimizers",
    "regularizers",
    "schedules",
    "surfaces",
}

#: Families whose items give numbers of a range that can be said.
RANGED = {"activations", "losses"}


def missing(family: str, item: type[Item]) -> list[str]:
    """What an item's reference page lacks, a line each; empty where it is whole."""
    guide = vars(item).get("guide")
    if not isinstance(guide, Guide):
        return ["it has no guide of its own; expected what speaks for and against it, and an experiment"]
    return list(_missing(family, guide))


def _missing(family: str, guide: Guide) -> Iterator[str]:
    if not guide.pros or not guide.cons:
        yield "its guide says nothing for it, or nothing against it; expected a sentence of each"
    if not guide.use:
        yield "its guide does not say when to use it"
    if not guide.example.look:
        yield "its guide names no experiment, or not what to look for in it"
    if family in FORMULATED and not guide.tex:
        yield f"its guide has no formula in LaTeX, which {family} have"
    if family in RANGED and not (guide.domain and guide.codomain):
        yield f"its guide has no domain or no range, which {family} have"
    texts = [*guide.pros, *guide.cons, guide.use, guide.example.look]
    texts += [text for mistake in guide.mistakes for text in mistake]
    for text in texts:
        if text and not text.endswith((".", "?", ")")):
            yield f"'{text[:60]}' is no sentence; expected a full stop at its end"
