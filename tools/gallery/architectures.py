"""What plans say of the architectures that the gallery names: `app/architectures.json`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from glassnet.app.api.architecture_facts import COMPUTED, facts, named_variants, variant_of
from glassnet.app.api.plots import option_value
from glassnet.engine.network.architecture import PlannedArchitecture, planned_architecture


def write() -> None:
    """Plan every variant, and write the file anew."""
    COMPUTED.write_text(json.dumps(computed_now(), separators=(",", ":")) + "\n", encoding="utf-8")


def computed_now() -> dict[str, Any]:
    """The document of the file, as plans of today say it."""
    plans = {name: planned(name) for name in named_variants()}
    return {
        "totals": {name: each.totals() for name, each in plans.items()},
        "drawn": {
            kind: {"nodes": drawn(plans[variant_of(kind, entry.shown)], entry.drawn)}
            for kind, entry in facts().entries.items()
        },
    }


def planned(variant: str) -> PlannedArchitecture:
    """The plan of a variant as addresses have it."""
    kind, _, query = variant.partition("?")
    return planned_architecture(kind, {name: option_value(name, text) for name, text in parse_qsl(query)})


def drawn(plan: PlannedArchitecture, names: list[str]) -> list[dict[str, Any]]:
    """The nodes of a plan that are in some blocks, or are named themselves."""
    return [
        node
        for node in plan.describe()["nodes"]
        if any(node["name"] == name or node["name"].startswith(f"{name}.") for name in names)
    ]
