"""Edits: JSON patches on an experiment, and whether training can go on with the result."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, Literal

import jsonpatch
import jsonpointer

from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidCommand, Problem
from glassnet.engine.experiment.experiment import MAX_BYTES, Experiment

MAX_OPERATIONS = 1000


def apply_patch(experiment: Experiment, patch: Any) -> Experiment:
    """The experiment after an RFC 6902 patch.

    Raises InvalidCommand with a pointer into `/patch` where the patch is malformed or does not apply, and
    InvalidExperiment, with pointers into the experiment, where the result is not a valid experiment.
    """
    if not isinstance(patch, list) or len(patch) > MAX_OPERATIONS:
        size = f"a list of {len(patch):,}" if isinstance(patch, list) else f"a {type(patch).__name__}"
        raise InvalidCommand(
            [Problem("/patch", f"{size}; expected a list of at most {MAX_OPERATIONS:,} operations")]
        )
    return Experiment.parse(patched(experiment.document(), patch))


def patched(document: Any, patch: list[Any]) -> Any:
    """The document after the operations of a patch; `document` itself may be modified.

    Raises InvalidCommand with a pointer into `/patch` where an operation does not apply.
    """
    budget = MAX_BYTES
    try:
        # A copy, because later operations may change what earlier ones put in.
        operations = deepcopy(patch)
    except RecursionError:
        raise InvalidCommand([Problem("/patch", "too deep; expected values of fewer levels")]) from None
    for index, operation in enumerate(operations):
        try:
            budget -= _copied(document, operation)
            if budget < 0:
                raise InvalidCommand([Problem(f"/patch/{index}", "copies too much; expected smaller copies")])
            document = jsonpatch.apply_patch(document, [operation], in_place=True)
        except jsonpatch.JsonPatchTestFailed as error:
            raise InvalidCommand([Problem(f"/patch/{index}", f"the test failed: {error}")]) from None
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError) as error:
            # The library's message ends with the whole document: leave that out.
            message = str(error).split(" in {", 1)[0].split(" in [", 1)[0]
            raise InvalidCommand(
                [Problem(f"/patch/{index}", f"{message}; expected an operation that fits")]
            ) from None
    return document


def _copied(document: Any, operation: Any) -> int:
    """The number of characters an operation adds by copying: repeated copies of copies could fill memory."""
    if not isinstance(operation, dict) or operation.get("op") != "copy":
        return 0
    return len(json.dumps(jsonpointer.resolve_pointer(document, str(operation.get("from")))))


def is_live(before: Document, after: Document) -> bool:
    """Whether two experiments differ only in fields that may change while training goes on."""
    return type(before) is type(after) and all(
        _same(getattr(before, name), getattr(after, name)) or _is_live_field(info.json_schema_extra)
        for name, info in type(before).model_fields.items()
    )


def trains_alike(before: Experiment, after: Experiment) -> bool:
    """Whether two experiments train the same, whatever they are called, show and are computed by."""
    computed = {"device": after.training.device, "compile": after.training.compile}
    training = before.training.model_copy(update=computed)
    shown = {"title": after.title, "watch": after.watch, "collect": after.collect}
    return before.model_copy(update={**shown, "training": training}) == after


def _same(before: Any, after: Any) -> bool:
    match before, after:
        case Document(), Document():
            return is_live(before, after)
        case list(), list():
            return len(before) == len(after) and all(map(_same, before, after))
        case _:
            return bool(before == after)


def _is_live_field(hints: Any) -> bool:
    return isinstance(hints, dict) and hints.get("live") is True


def stale(revision: int, current: int) -> str:
    """The problem of an edit that was made for another revision than the current one."""
    return f"{revision} is out of date; the experiment is at revision {current}"


def how_applied(*, live: bool) -> Literal["live", "rebuilt"]:
    """How an edit was carried out: by the same trainer, or by one that was built anew."""
    return "live" if live else "rebuilt"
