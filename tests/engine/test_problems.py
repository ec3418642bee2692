"""Problems: short plain words, one line, at pointers that are exact."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from glassnet.engine.catalog import Document, catalog, option
from glassnet.engine.errors import InvalidExperiment, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.validation import problems_of
from glassnet.engine.items.node import Node
from tests.engine.experiments import refused


def words(**node: Any) -> dict[str, str]:
    """What is said of a node, by option."""
    problems = refused(Experiment.parse, {"data": {"kind": "spiral"}, "network": [node]})
    return {pointer.removeprefix("/network/0/"): message for pointer, message in problems.items()}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (
            {"kind": "linear", "units": "many", "bias": 1, "inputs": "a", "weights": 5},
            {
                "units": "'many'; expected a whole number from 1 to 10¹²",
                "bias": "1; expected true or false",
                "inputs": "'a'; expected a list of at most 64",
                "weights": "5; expected the name of a node, or node:port",
            },
        ),
        ({"kind": "linear", "units": 0.5}, {"units": "0.5; expected a whole number from 1 to 10¹²"}),
        ({"kind": "dropout", "p": 1}, {"p": "1; expected a number of at least 0 and below 1"}),
        (
            {"kind": "linear", "name": "A"},
            {"name": "'A'; expected a name of at most 40 small letters, digits and _, a letter first"},
        ),
        ({"kind": "linear", "inputs": ["?"]}, {"inputs/0": "'?'; expected the name of a node, or node:port"}),
        ({"kind": "linear", "initializer": 7}, {"initializer": "7; expected an object with a kind"}),
    ],
)
def test_a_message_is_the_value_and_what_was_expected(node: dict[str, Any], said: dict[str, str]) -> None:
    assert words(**node) == said


@pytest.mark.parametrize(("padding", "shown"), [("foo", "'foo'"), (-1, "-1"), (True, "true"), (None, "null")])
def test_a_field_of_several_types_has_one_problem_that_names_them_all(padding: Any, shown: str) -> None:
    expected = f"{shown}; expected a whole number from 0 to 1024, a list of 1 to 3, 'valid', 'same' or 'full'"
    with pytest.raises(InvalidExperiment) as caught:
        Experiment.parse({"data": {"kind": "spiral"}, "network": [{"kind": "conv2d", "padding": padding}]})
    assert caught.value.problems == (Problem("/network/0/padding", expected),)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({}, "a number"),
        ({"ge": 1}, "a number of at least 1"),
        ({"le": 2.5}, "a number of at most 2.5"),
        ({"gt": 0}, "a number above 0"),
        ({"lt": 20_000}, "a number below 20,000"),
        ({"gt": 0, "le": 1e-3}, "a number above 0 and at most 0.001"),
        ({"ge": 0, "lt": 10**9}, "a number of at least 0 and below 10⁹"),
        ({"gt": -1, "lt": 2**40}, "a number above -1 and below 1,099,511,627,776"),
    ],
)
def test_bounds_are_words(bounds: dict[str, float], said: str) -> None:
    class Bounded(Document):
        number: Annotated[float, Field(**bounds)] = option(1.0, "A number.")

    with pytest.raises(ValidationError) as caught:
        Bounded.model_validate({"number": "x"})
    (problem,) = problems_of(caught.value, {"number": "x"}, Bounded)
    assert problem == Problem("/number", f"'x'; expected {said}")


def test_no_option_of_any_node_is_refused_in_the_librarys_words() -> None:
    for kind, item in catalog(Node).items():
        for name in set(item.model_fields) - {"kind"}:
            for value in ("\n", -(10**30), [None], {"a": 1}):
                for message in words(kind=kind, **{name: value}).values():
                    assert "expected" in message
                    assert "nput should" not in message
                    assert "alue error" not in message


@pytest.mark.parametrize(
    ("pointer", "message", "line"),
    [
        ("", "wrong", "document: wrong"),
        ("/a\nb", "'c\nd'", r"/a\nb: 'c\nd'"),
        ("/\u2028\x1b[31m", "x", r"/\u2028\x1b[31m: x"),
        ("/" + "k" * 900_000, "x", f"/{'k' * 49}…{'k' * 50}: x"),
    ],
)
def test_a_problem_is_one_clear_line_and_its_pointer_exact(pointer: str, message: str, line: str) -> None:
    problem = Problem(pointer, message)
    assert str(problem) == line
    assert problem.pointer == pointer
    assert "\n" not in problem.message
    assert len(Problem("", "x" * 10**6).message) < 1100


@pytest.mark.parametrize("key", ["a\nb", "k" * 900_000, "\x00"])
def test_unknown_fields_of_any_name_are_told_in_one_line(key: str) -> None:
    with pytest.raises(InvalidExperiment) as caught:
        Experiment.parse({"data": {"kind": "spiral", key: 1}, key: {"kind": key}})
    assert {problem.pointer for problem in caught.value.problems} == {f"/{key}", f"/data/{key}"}
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
