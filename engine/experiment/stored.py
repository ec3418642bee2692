"""Experiment documents as they are stored on disk, by this version or by one with fewer options."""

from __future__ import annotations

from typing import Any


def stored(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the options added or renamed since it was written, set to the behaviour of that time.

    Documents are stored with every default written out, so a missing option did not exist then. Documents
    that users send are completed with today's defaults instead.
    """
    data, task, watch = (document.get(part) for part in ("data", "task", "watch"))
    # Samples were always split at random before data sets had an option for it.
    if isinstance(data, dict) and "split" not in data:
        document = {**document, "data": {**data, "split": "random"}}
    # A hinge decided each of several classes against the rest before it had to be told to.
    if isinstance(task, dict) and isinstance(task.get("losses"), list):
        document = {
            **document,
            "task": {**task, "losses": [_one_against_rest(one) for one in task["losses"]]},
        }
    if isinstance(watch, list):
        document = {**document, "watch": [_renamed(probe) for probe in watch]}
    return document


def _one_against_rest(loss: Any) -> Any:
    """The loss, which decides each class against the rest where it is a hinge without a word about it."""
    if not isinstance(loss, dict) or loss.get("kind") != "hinge" or "one_against_rest" in loss:
        return loss
    return {**loss, "one_against_rest": True}


def _renamed(probe: Any) -> Any:
    """The probe with its options under today's names: the predicted class of `examples` was called `said`."""
    if not isinstance(probe, dict) or probe.get("kind") != "examples" or "said" not in probe:
        return probe
    return {"predicted" if name == "said" else name: value for name, value in probe.items()}
