"""All texts of the site in one file, `app/texts/en.json`, which a translation has the keys of.

    python -m tools.texts

`scripts` has what the page's scripts declare, by script and name (Node reads them, `gather.js`); `pages` the
texts of templates and of the tables behind them; `catalogue`, `fields`, `glossary`, `gallery` and `reference`
those of items, options and examples, and of their pages. All but those of scripts are their own keys.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any

from tools import node
from tools.package import ROOT, use_this_checkout

use_this_checkout()

from glassnet.app.api.architecture_facts import in_order  # noqa: E402
from glassnet.app.api.architecture_facts import texts as architecture_texts  # noqa: E402
from glassnet.app.api.architecture_fields import variant_fields  # noqa: E402
from glassnet.app.api.error_handlers import DETAILS  # noqa: E402
from glassnet.app.api.gallery import examples, groups, races  # noqa: E402
from glassnet.app.api.glossary import glossary  # noqa: E402
from glassnet.app.api.item_page import texts as reference_texts  # noqa: E402
from glassnet.app.api.reference import SPOKEN, choices_of, experiment_schema, sentence_case  # noqa: E402
from glassnet.app.api.search import site_pages  # noqa: E402
from glassnet.app.core.languages import TEXTS  # noqa: E402
from glassnet.app.core.templates import messages  # noqa: E402
from glassnet.engine.catalog import catalog  # noqa: E402
from glassnet.engine.reference import reference  # noqa: E402
from glassnet.engine.studies import Study  # noqa: E402

FILE = TEXTS / "en.json"


def gathered() -> dict[str, dict[str, Any]]:
    """Every text of the site by the part it is of."""
    parts: dict[str, Iterable[str]] = {
        "pages": [*messages(), *_tables()],
        "catalogue": _spoken(reference()),
        "fields": _fields(),
        "glossary": _spoken([term.model_dump() for term in glossary().values()]),
        "gallery": _gallery(),
        "reference": reference_texts(),
    }
    found: dict[str, dict[str, Any]] = {"scripts": _of_scripts()}
    known: set[str] = set()
    for part, texts in parts.items():
        own = sorted({text for text in texts if text.strip()} - known)
        known.update(own)
        found[part] = {text: text for text in own}
    return found


def written(parts: dict[str, dict[str, Any]]) -> str:
    """The texts as the file has them, in a fixed order."""
    return json.dumps(parts, ensure_ascii=False, indent=1) + "\n"


def _of_scripts() -> dict[str, Any]:
    path, _ = node.find()
    asked = subprocess.run([path, ROOT / "tools" / "texts" / "gather.js"], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(asked.stdout)
    return found


def _tables() -> Iterator[str]:
    """The texts of the tables that pages are made from."""
    for hit in site_pages():
        yield from (hit.part, hit.title, hit.words)
    yield from ("Nothing here", *DETAILS.values())


def _spoken(value: Any) -> Iterator[str]:
    """The texts in a document of JSON: the values of fields that are read."""
    if isinstance(value, list):
        for each in value:
            yield from _spoken(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in SPOKEN:
                yield from filter(_is_text, each if isinstance(each, list) else [each])
            else:
                yield from _spoken(each)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _fields() -> Iterator[str]:
    """The names of options as forms write them, and what their schemas say."""
    for schema in (experiment_schema(), *(study.model_json_schema() for study in catalog(Study).values())):
        for definition in (schema, *schema.get("$defs", {}).values()):
            for name, field in definition.get("properties", {}).items():
                yield from map(sentence_case, (name, *choices_of(field)))
                yield from _spoken(field)


def _gallery() -> Iterator[str]:
    for group in groups():
        yield from (group.title, group.description)
    for example in examples():
        yield from (example.title, example.question, example.notice)
        if example.picture is not None:
            yield example.picture.shows
    for race in races().values():
        yield from (race.title, *(entry["name"] for entry in race.entries))
    yield from architecture_texts()
    for _, item, _ in in_order():
        for field in variant_fields(item):
            yield from (sentence_case(field.name), field.help, *field.choices)
