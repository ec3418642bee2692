"""A pseudo-language for tests: all texts with accents on their letters; what has none is declared nowhere."""

from __future__ import annotations

import re
from typing import Any

#: Its tag, as CLDR has it.
TAG = "en-XA"

_PLAIN = "ABCDEGHIJKLNOPRSTUWYZabcdeghijklnoprstuwyz"
_ACCENTED = "ÀƁĆĎÈĢĤÎĴĶĹŃÓƤŔŚŢÛŴÝŽàƀćďèģĥîĵķĺńóƥŕśţûŵýž"
_ACCENTS = str.maketrans(_PLAIN, _ACCENTED)

#: What is no text within one: places for values, tags and entities.
_CODE = re.compile(r"(\{\w+\}|%\(\w+\)s|%%|<[^>]+>|&\w+;)")


def accented(text: str) -> str:
    """A text with accents on its letters, those of places for values and of tags apart."""
    return "".join(part if _CODE.fullmatch(part) else part.translate(_ACCENTS) for part in _CODE.split(text))


def translation(parts: dict[str, Any]) -> dict[str, Any]:
    """The translation of all texts into the pseudo-language."""
    return {name: _translated(part) for name, part in parts.items()}


def _translated(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _translated(each) for name, each in value.items()}
    return accented(value)
