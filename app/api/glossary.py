"""The glossary: what words of the pages mean that no item says. Its texts are in `app/glossary.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field

from glassnet.engine.catalog import Document

TEXTS = Path(__file__).resolve().parent.parent / "glossary.toml"


class Term(Document):
    """A word of the page, explained."""

    title: str = Field(description="The word, as a heading.", min_length=1)
    words: str = Field(description="What it means, in a sentence or two.", min_length=1)
    formula: str | None = Field(None, description="How it is computed.", min_length=1)
    shown: list[str] = Field([], description="How the page writes it besides, in small letters.")
    see: str | None = Field(
        None,
        description="The page that says more, below `/reference`; left out, the word's own entry.",
        pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)?$",
    )


@cache
def glossary() -> dict[str, Term]:
    """Every term by its name, in the order of the file. Raises ValueError where the file has a fault."""
    read = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    return {name: Term.model_validate(entry) for name, entry in read.items()}
