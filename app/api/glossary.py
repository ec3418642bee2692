"""The glossary: what words of the pages mean that no item says. Its texts are in `app/glossary.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field

from glassnet.app.api.methods import METHODS
from glassnet.engine.catalog import Document

TEXTS = Path(__file__).resolve().parent.parent / "glossary.toml"


class Term(Document):
    """A word of the page, explained."""

    label: str = Field(description="The word, as a heading.", min_length=1)
    description: str = Field(description="What it means, in a sentence or two.", min_length=1)
    formula: str | None = Field(default=None, description="How it is computed.", min_length=1)
    shown: list[str] | None = Field(
        default=None, description="How pages write it, in small letters; left out, as the label."
    )
    see: str | None = Field(
        default=None,
        description="The page that says more; left out, the word's own entry.",
        pattern=r"^/[a-z0-9_/-]+$",
    )


@cache
def glossary() -> dict[str, Term]:
    """Every term by its name: those of the file, and the methods. Raises ValueError where it has a fault."""
    read = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    methods = {
        f"method_{method.name.replace('-', '_')}": Term(
            label=method.title, description=method.words, see=method.path
        )
        for method in METHODS.values()
    }
    return {name: Term.model_validate(entry) for name, entry in read.items()} | methods
