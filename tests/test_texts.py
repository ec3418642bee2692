"""The file of all texts, which a translation has the keys of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from glassnet.app.core.languages import TEXTS
from tools.texts import FILE, written
from tools.texts.pseudo import accented, translation

ROOT = Path(__file__).parents[1]

#: A place for a value in a text of a script or of a template.
PLACE = re.compile(r"\{\w+\}|%\(\w+\)s")


@pytest.fixture(scope="module")
def english() -> dict[str, Any]:
    """In a process of its own: others' tests may have defined items in this one."""
    gather = "import json; from tools.texts import gathered; print(json.dumps(gathered()))"
    done = subprocess.run(
        [sys.executable, "-c", gather], capture_output=True, text=True, cwd=ROOT, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Every text by the keys that lead to it."""
    if isinstance(value, str):
        return {path: value}
    return {key: text for name, each in value.items() for key, text in leaves(each, (*path, name)).items()}


def test_the_file_has_every_text(english: dict[str, Any]) -> None:
    assert FILE.read_text(encoding="utf-8") == written(english), "run `python -m tools.texts`"
    assert len(leaves(english)) > 3000


def faults(said: dict[str, Any], english: dict[str, Any]) -> list[str]:
    """What a translation has that the English texts have not: keys, and places for values."""
    known = leaves(english)
    found = []
    for path, text in leaves(said).items():
        # Other languages have other plural forms.
        original = known.get(path) or known.get((*path[:-1], "other"))
        if original is None:
            found.append(f"{' / '.join(path)}: there is no such text")
        elif Counter(PLACE.findall(text)) - Counter(PLACE.findall(original) * 9):
            found.append(f"{' / '.join(path)}: {text!r} has a place that {original!r} has not")
    return found


@pytest.mark.parametrize(
    "tag", [path.stem for path in sorted(TEXTS.glob("*.json")) if path != FILE] or ["en"], ids=str
)
def test_a_translation_has_no_other_keys_and_places(tag: str, english: dict[str, Any]) -> None:
    assert faults(json.loads((TEXTS / f"{tag}.json").read_text(encoding="utf-8")), english) == []


def test_another_key_or_place_in_a_translation_is_found() -> None:
    english = {"scripts": {"a": {"units": {"one": "{count} unit", "other": "{count} units"}}}}
    polish = {"scripts": {"a": {"units": {"few": "{count} jednostki", "many": "{counts}"}, "more": "więcej"}}}
    assert faults(polish, english) == [
        "scripts / a / units / many: '{counts}' has a place that '{count} units' has not",
        "scripts / a / more: there is no such text",
    ]


def test_the_pseudo_language_leaves_places_and_tags_as_they_are() -> None:
    assert accented("Add {count} of <b>%(name)s</b> &amp; go") == "Àďď {count} óf <b>%(name)s</b> &amp; ģó"
    assert translation({"scripts": {"a": {"undo": "Undo"}}}) == {"scripts": {"a": {"undo": "Ûńďó"}}}
