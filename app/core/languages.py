"""The languages of pages: English, which stands in the code, and translations of all texts, a file each.

A translation is `app/texts/TAG.json`, or `texts/TAG.json` in the data directory, with the keys of
`app/texts/en.json` (`python -m tools.texts`): `scripts` has the texts of scripts by script and name, every
other part those of templates and of Python by the English text. What it lacks is shown in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from glassnet.app.core.settings import InvalidSetting

TEXTS = Path(__file__).resolve().parent.parent / "texts"

ENGLISH = "en"

P = ParamSpec("P")
T = TypeVar("T")

#: The tag of a language: `de`, `pt-BR`.
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class InvalidTranslation(InvalidSetting):
    """A file of texts that cannot be used."""


class Language(NamedTuple):
    """A language: its tag, the texts of scripts, and all others by the English ones."""

    tag: str = ENGLISH
    scripts: dict[str, Any] = {}  # noqa: RUF012 # never changed
    texts: dict[str, str] = {}  # noqa: RUF012

    @classmethod
    def read(cls, path: Path) -> Language:
        """The translation in a file. Raises InvalidTranslation where it is none."""
        try:
            parts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidTranslation(f"{path}: {error}; expected a translation as JSON") from None
        if not isinstance(parts, dict) or not all(isinstance(part, dict) for part in parts.values()):
            raise InvalidTranslation(f"{path}: expected an object of objects of texts, as en.json is")
        texts = {
            text: said for name, part in parts.items() if name != "scripts" for text, said in part.items()
        }
        if wrong := next((text for text, said in texts.items() if not isinstance(said, str)), None):
            raise InvalidTranslation(f"{path}: the translation of {wrong!r} is no text")
        return cls(path.stem, parts.get("scripts", {}), texts)

    def say(self, text: str) -> str:
        """A text in this language."""
        return self.texts.get(text, text)


_current: ContextVar[Language | None] = ContextVar("language", default=None)

_ENGLISH = Language()


def current() -> Language:
    """The language of the request that is answered."""
    return _current.get() or _ENGLISH


def say(text: str) -> str:
    """An English text in the language of the request that is answered."""
    return current().say(text)


def say_one_or_more(one: str, more: str, count: int) -> str:
    """One of two English texts, by a number, in the language of the request that is answered."""
    return say(one if count == 1 else more)


def translated(value: Any, names: frozenset[str]) -> Any:
    """A document of JSON with the texts of all fields of these names in the language of the request."""
    if isinstance(value, list):
        return [translated(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _said(each) if name in names else translated(each, names) for name, each in value.items()}


def _said(value: Any) -> Any:
    """A text, or a list of texts, in the language of the request; what is neither, as it is."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    return say(value) if isinstance(value, str) else value


def kept_by_language(made: Callable[P, T]) -> Callable[P, T]:
    """What a function returns, computed once for each language and arguments."""
    kept: dict[tuple[Any, ...], T] = {}

    @wraps(made)
    def of_language(*arguments: P.args, **named: P.kwargs) -> T:
        key = (current().tag, *arguments, *sorted(named.items()))
        if key not in kept:
            kept[key] = made(*arguments, **named)
        return kept[key]

    return of_language


def languages(data_dir: Path) -> dict[str, Language]:
    """English and every translation by its tag in small letters. Raises InvalidTranslation."""
    files = [*sorted(TEXTS.glob("*.json")), *sorted((data_dir / "texts").glob("*.json"))]
    found = {ENGLISH: Language()}
    for path in files:
        if path.stem == ENGLISH:
            continue
        if not TAG.fullmatch(path.stem):
            raise InvalidTranslation(f"{path}: expected the tag of a language as its name, such as de.json")
        found[path.stem.lower()] = Language.read(path)
    return found


def wanted(accepted: str) -> Iterator[str]:
    """The tags of an Accept-Language header, the most wanted first (RFC 9110, section 12.5.4)."""
    offers = []
    for offer in accepted.lower().split(","):
        tag, _, weight = offer.replace(" ", "").partition(";q=")
        if TAG.fullmatch(tag) and re.fullmatch(r"|[01](\.\d{0,3})?", weight):
            offers.append((-float(weight or 1), tag))
    yield from (tag for weight, tag in sorted(offers, key=lambda offer: offer[0]) if weight)


class Languages:
    """Answers each request in the server's language, or in the first of ours that the browser asks for."""

    def __init__(self, app: ASGIApp, data_dir: Path, language: str) -> None:
        self._app, self._found = app, languages(data_dir)
        if language != "auto" and language.lower() not in self._found:
            known = ", ".join(each.tag for each in self._found.values())
            raise InvalidTranslation(f"There are no texts in {language!r}; expected auto or one of {known}")
        self._always = self._found.get(language.lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _current.set(self._always or self._preferred(Headers(scope=scope)))
        await self._app(scope, receive, send)

    def _preferred(self, headers: Headers) -> Language:
        for tag in wanted(headers.get("accept-language", "")):
            for each in (tag, tag.partition("-")[0]):
                if each in self._found:
                    return self._found[each]
        return self._found[ENGLISH]
