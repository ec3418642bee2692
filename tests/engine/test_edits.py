"""Edits: RFC 6902 patches, whatever they hold, and what may change while training goes on."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.engine.errors import InvalidCommand, InvalidDocument, InvalidExperiment
from glassnet.engine.experiment.edits import MAX_OPERATIONS, apply_patch, is_live
from glassnet.engine.experiment.experiment import Experiment
from tests.engine.experiments import mlp, resolve

BASE = mlp(4, 4)

Patch = list[dict[str, Any]]


def bad(patch: Any) -> list[str]:
    """The pointers of the problems with a patch; each resolves in the command."""
    with pytest.raises(InvalidCommand) as caught:
        apply_patch(BASE, patch)
    for problem in caught.value.problems:
        resolve(problem.pointer, {"patch": patch})
        assert len(problem.message) < 300
    return [problem.pointer for problem in caught.value.problems]


def test_all_six_operations() -> None:
    patch: Patch = [
        {"op": "test", "path": "/title", "value": "Untitled"},
        {"op": "replace", "path": "/title", "value": "New"},
        {"op": "add", "path": "/network/2", "value": {"kind": "dropout"}},
        {"op": "copy", "from": "/network/0/units", "path": "/network/3/units"},
        {"op": "move", "from": "/network/2", "path": "/network/1"},
        {"op": "remove", "path": "/network/2"},
    ]
    edited = apply_patch(BASE, patch)
    assert edited.title == "New"
    assert [node.name for node in edited.network] == ["linear1", "dropout1", "linear2", "tanh2", "output"]
    assert mlp(4, 4) == BASE, "the experiment itself stays"


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        (None, "/patch"),
        ({}, "/patch"),
        ("[]", "/patch"),
        ([{"op": "replace", "path": "/title", "value": "x"}] * (MAX_OPERATIONS + 1), "/patch"),
        ([5], "/patch/0"),
        ([None], "/patch/0"),
        ([[]], "/patch/0"),
        ([{}], "/patch/0"),
        ([{"op": "replace"}], "/patch/0"),
        ([{"op": "replace", "path": "/title"}], "/patch/0"),
        ([{"op": "replace", "path": 5, "value": 1}], "/patch/0"),
        ([{"op": "replace", "path": "title", "value": 1}], "/patch/0"),
        ([{"op": 5, "path": "/title"}], "/patch/0"),
        ([{"op": "remove", "path": "/network/9"}], "/patch/0"),
        ([{"op": "remove", "path": "/network/-"}], "/patch/0"),
        ([{"op": "replace", "path": "/network/x", "value": 1}], "/patch/0"),
        ([{"op": "add", "path": "/title/x", "value": 1}], "/patch/0"),
        ([{"op": "copy", "path": "/title"}], "/patch/0"),
        ([{"op": "copy", "from": "/nowhere", "path": "/title"}], "/patch/0"),
        ([{"op": "copy", "from": ["/title"], "path": "/title"}], "/patch/0"),
        ([{"op": "move", "from": "/network", "path": "/network/0"}], "/patch/0"),
        ([{"op": "test", "path": "/seed", "value": 1}], "/patch/0"),
        (
            [{"op": "replace", "path": "/title", "value": "x"}, {"op": "remove", "path": "/none"}],
            "/patch/1",
        ),
    ],
)
def test_patches_that_do_not_fit_are_refused_at_the_operation(patch: Any, pointer: str) -> None:
    assert bad(patch) == [pointer]


def test_a_patch_whose_result_is_no_experiment_is_refused_as_an_experiment() -> None:
    with pytest.raises(InvalidExperiment) as caught:
        apply_patch(BASE, [{"op": "replace", "path": "/network/0/units", "value": -1}])
    assert [problem.pointer for problem in caught.value.problems] == ["/network/0/units"]


def test_copies_of_copies_are_refused_before_they_fill_the_memory() -> None:
    doubling: Patch = [{"op": "add", "path": "/x", "value": []}]
    doubling += [{"op": "copy", "from": "", "path": f"/x/{number}"} for number in range(60)]
    (pointer,) = bad(doubling)
    assert 5 < int(pointer.removeprefix("/patch/")) < 20


def test_many_small_copies_are_fine() -> None:
    patch: Patch = [
        {"op": "copy", "from": "/network/1", "path": "/network/2"},
        {"op": "remove", "path": "/network/2/name"},
    ]
    assert len(apply_patch(BASE, patch * 400).network) == len(BASE.network) + 400


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [50, 200, 500, 1_000, 5_000, 100_000])
def test_values_deep_within_values_are_refused(depth: int) -> None:
    for path in ("/title", "/network/0", "/network/0/inputs", "/extra"):
        with pytest.raises(InvalidDocument):
            apply_patch(BASE, [{"op": "add", "path": path, "value": nested(depth)}])


def test_a_patch_is_not_changed_by_being_applied() -> None:
    patch: Patch = [
        {"op": "add", "path": "/network/0", "value": {"kind": "linear", "name": "new"}},
        {"op": "add", "path": "/network/0/units", "value": 3},
    ]
    before = copy.deepcopy(patch)
    assert apply_patch(BASE, patch).document()["network"][0]["units"] == 3
    assert patch == before


PATHS = ["", "/", "/title", "/seed", "/network", "/network/0", "/network/-", "/network/01", "/network/1/kind"]
PATHS += ["/data/noise", "/x", "/training/updates/0", "title", "/~2"]
paths = st.sampled_from(PATHS)
values: st.SearchStrategy[Any] = (
    st.none() | st.integers(-3, 3) | st.text(max_size=3) | st.just([]) | st.just({"kind": "tanh"})
)
operations = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": paths | values,
        "from": paths | values,
        "value": values,
    },
)


@given(st.lists(operations, max_size=5))
def test_any_patch_is_applied_or_refused(patch: Patch) -> None:
    before = BASE.document()
    try:
        edited = apply_patch(BASE, patch)
    except InvalidCommand as error:
        for problem in error.problems:
            resolve(problem.pointer, {"patch": patch})
    except InvalidExperiment:
        pass
    else:
        assert Experiment.parse(edited.document()) == edited
    assert BASE.document() == before


# Live -----------------------------------------------------------------------------------------------------


def edited(*changes: tuple[str, Any]) -> Experiment:
    return apply_patch(BASE, [{"op": "replace", "path": path, "value": value} for path, value in changes])


@pytest.mark.parametrize(
    ("changes", "live"),
    [
        ([], True),
        ([("/title", "x")], True),
        ([("/watch", [{"kind": "weights"}])], True),
        ([("/training/epochs", 3)], True),
        ([("/training/updates/0/optimizer/learning_rate", 0.5)], True),
        ([("/training/updates/0/optimizer/beta1", 0.5), ("/title", "x")], True),
        ([("/training/updates/0/optimizer", {"kind": "sgd"})], False),
        ([("/training/updates/0/schedule", {"kind": "cosine"})], False),
        ([("/training/batch_size", 3)], False),
        ([("/training/updates/0/optimizer/learning_rate", 0.5), ("/training/batch_size", 3)], False),
        ([("/network/0/units", 3)], False),
        ([("/network/0/name", "other")], False),
        ([("/data/noise", 0.1)], False),
        ([("/seed", 1)], False),
        ([("/training/regularizers", [{"kind": "l2"}])], False),
    ],
)
def test_live_is_what_differs_in_live_fields_alone(changes: list[tuple[str, Any]], live: bool) -> None:
    assert is_live(BASE, edited(*changes)) == live
