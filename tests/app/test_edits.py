"""A problem of the patched experiment leads back into the patch."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.app.runs.patch_pointers import place_in_patch

PATCH: list[Any] = [
    {"op": "replace", "path": "/training/epochs", "value": 3},
    {"op": "add", "path": "/network/-", "value": {"kind": "linear", "units": -1}},
    {"op": "replace", "path": "/data", "value": {"kind": "spiral", "a/b": [1]}},
    {"op": "remove", "path": "/network/0"},
]


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/training/epochs", "/patch/0/value"),
        ("/network/5/units", "/patch/1/value/units"),
        ("/network/5/name", "/patch/1/value"),
        ("/data/a~1b/0", "/patch/2/value/a~1b/0"),
        ("/network/0", "/patch/3/path"),
        ("/network", "/patch/3/path"),
        ("/training", "/patch/0/path"),
        ("/seed", "/patch"),
    ],
)
def test_the_place_is_as_near_as_the_patch_allows(pointer: str, place: str) -> None:
    assert place_in_patch(pointer, PATCH) == place


def test_operations_that_are_none_are_passed_over() -> None:
    assert place_in_patch("/seed", [3, {"op": "add"}, {"path": 7}]) == "/patch"
