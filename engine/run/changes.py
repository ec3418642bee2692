"""The changes of a run as journalled: edits, weights, resets, rewinds, ends by a stop, and findings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.edits import patched
from glassnet.engine.run.diagnosing import FINDING
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import LIVES, is_count

#: The events of changes.
CHANGES = ("edit", "weight", "stop", FINDING, *LIVES)

#: The operations of a patch that every reader knows.
SIMPLE = ("add", "remove", "replace")

#: What tells one weight from another.
_PLACE = ("type", "node", "parameter", "index", "life")

Document = dict[str, Any] | None


class Changes(NamedTuple):
    """Changes in order, and the experiment's document before the first of them; None where it is unknown."""

    experiment: Document
    events: list[dict[str, Any]]


def changes(directory: RunDirectory, most: int) -> Changes:
    """The newest changes, at most `most`, each with the `life` it was made in.

    An edit has its `patch`, or, where that does not lead from the edit before to it, as older events are
    thinned, the whole `experiment`. Of a weight that was dragged, only the last number counts.
    """
    start: Document = directory.document(0)
    kept: deque[dict[str, Any]] = deque()
    for event in _placed(directory):
        if kept and event["type"] == "weight" and _alike(event, kept[-1]):
            kept.pop()
        kept.append(event)
        if len(kept) > most:
            start = kept.popleft().get("experiment", start)
    return Changes(start, list(_brief(kept, start)))


def _placed(directory: RunDirectory) -> Iterator[dict[str, Any]]:
    """Each change with its life; edits with the experiment that they resulted in."""
    life = 0
    for event in directory.events():
        if event["type"] in CHANGES and is_count(event.get("step")):
            if event["type"] in LIVES:
                life = event["life"] if is_count(event.get("life")) else life + 1
            yield {**event, "life": life}


def _brief(events: Iterable[dict[str, Any]], document: Document) -> Iterator[dict[str, Any]]:
    """The events, with the patch of each edit alone where it leads from the document before to its own."""
    for event in events:
        if event["type"] == "edit":
            left_out = "experiment" if _leads(document, event) else "patch"
            document = event.get("experiment", document)
            event = {name: value for name, value in event.items() if name != left_out}
        yield event


def _leads(before: Document, edit: dict[str, Any]) -> bool:
    """Whether an edit's patch, of simple operations, leads from a document to the one it resulted in."""
    patch = edit.get("patch")
    if before is None or not isinstance(patch, list):
        return False
    try:
        simple = all(operation["op"] in SIMPLE for operation in patch)
        return simple and bool(patched(deepcopy(before), patch) == edit.get("experiment"))
    except (InvalidCommand, RecursionError, TypeError, KeyError):
        return False


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two changes are of the same weight."""
    return all(one.get(name) == other.get(name) for name in _PLACE)
