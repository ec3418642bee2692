"""The Experiment: what it fills in, and what it says of documents that are none."""

from __future__ import annotations

import json
import keyword
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import MAX_BYTES, Experiment, parse_probes, read_json
from glassnet.engine.experiment.validation import MAX_PROBLEMS
from glassnet.engine.network import planner
from tests.engine.experiments import refused, resolve

MINIMAL: dict[str, Any] = {"data": {"kind": "spiral"}}


def with_network(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {**MINIMAL, "network": list(nodes)}


def nested(depth: int) -> dict[str, Any]:
    """Residual blocks, one inside the other."""
    node: dict[str, Any] = {"kind": "linear"}
    for _ in range(depth):
        node = {"kind": "residual", "body": [node]}
    return with_network(node)


# What is filled in -----------------------------------------------------------------------------------


def test_every_default_is_written_out() -> None:
    document = Experiment.parse(MINIMAL).document()
    assert document["version"] == 1
    assert document["training"]["updates"][0]["optimizer"]["kind"] == "adam"
    assert document["data"]["features"] == ["x1", "x2"]
    assert document["network"][0]["name"] == "output"


def test_a_document_with_every_default_written_out_stays_as_it_is() -> None:
    document = Experiment.parse(MINIMAL).document()
    assert Experiment.parse(document).document() == document
    assert Experiment.parse(json.dumps(document)).document() == document
    assert Experiment.parse(Experiment.parse(document).text().encode()).document() == document


def test_unnamed_nodes_get_their_kind_with_the_smallest_free_number() -> None:
    named = Experiment.parse(
        with_network(
            {"kind": "tanh"},
            {"kind": "linear", "name": "tanh2"},
            {"kind": "tanh"},
            {"kind": "residual", "body": [{"kind": "tanh"}]},
            {"kind": "linear", "units": None},
        )
    )
    assert [node.name for node in named.network] == ["tanh1", "tanh2", "tanh3", "residual1", "linear1"]
    assert named.document()["network"][3]["body"][0]["name"] == "tanh1"


def test_the_schema_tells_items_apart_by_kind() -> None:
    schema = Experiment.model_json_schema()
    mapping = schema["properties"]["data"]["discriminator"]["mapping"]
    assert {"spiral", "iris", "digits"} <= set(mapping)
    assert set(schema["required"]) == {"data"}


# What is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ({}, "", "'data' is missing"),
        ([], "", "a list of 0"),
        (None, "", "null"),
        (7, "", "7"),
        ({"data": None}, "/data", "null"),
        ({"data": {}}, "/data", "'kind' is missing"),
        ({"data": {"kind": "spirral"}}, "/data/kind", "did you mean 'spiral'"),
        ({"data": {"kind": 5}}, "/data/kind", "unknown kind '5'"),
        ({"data": {"kind": ["spiral"]}}, "/data/kind", "unknown kind"),
        ({**MINIMAL, "colour": 1}, "/colour", "unknown field 'colour'"),
        ({**MINIMAL, "a/b~c": 1}, "/a~1b~0c", "unknown field"),
        ({"data": {"kind": "spiral", "spiral": 1}}, "/data/spiral", "unknown field 'spiral'"),
        ({**MINIMAL, "version": 2}, "/version", "2"),
        ({**MINIMAL, "version": True}, "/version", "true; expected 1"),
        ({**MINIMAL, "version": 1.0}, "/version", "1.0; expected 1"),
        ({**MINIMAL, "seed": -1}, "/seed", "-1"),
        ({**MINIMAL, "seed": 1.0}, "/seed", "1.0"),
        ({**MINIMAL, "seed": True}, "/seed", "true"),
        ({**MINIMAL, "seed": "0"}, "/seed", "'0'"),
        ({**MINIMAL, "seed": 10**5000}, "/seed", "16,610 bits"),
        ({**MINIMAL, "title": ""}, "/title", "''"),
        ({**MINIMAL, "title": "x" * 201}, "/title", "xxx…"),
        ({"data": {"kind": "spiral", "noise": math.nan}}, "/data/noise", "NaN; expected a finite number"),
        ({"data": {"kind": "spiral", "noise": math.inf}}, "/data/noise", "Infinity"),
        ({"data": {"kind": "spiral", "samples": -5}}, "/data/samples", "-5"),
        (
            {"data": {"kind": "spiral", "features": []}},
            "/data/features",
            "a list of 0; expected a list of 1 to 7",
        ),
        ({"data": {"kind": "spiral", "features": ["x1", "x1"]}}, "/data/features", "stands 2 times"),
        ({"data": {"kind": "spiral", "features": ["x3"]}}, "/data/features/0", "x3"),
        (
            {"data": {"kind": "spiral", "normalize": {"kind": "no"}}},
            "/data/normalize/kind",
            "expected one of",
        ),
        ({**MINIMAL, "network": []}, "/network", "expected a list of 1 to 1000"),
        ({**MINIMAL, "network": {}}, "/network", "an object of 0"),
        ({**MINIMAL, "network": [5]}, "/network/0", "5"),
        ({**MINIMAL, "network": [{}]}, "/network/0", "'kind' is missing"),
        (with_network({"kind": "linear", "units": 0}), "/network/0/units", "0"),
        (with_network({"kind": "linear", "units": -8}), "/network/0/units", "-8"),
        (with_network({"kind": "linear", "units": 10**13}), "/network/0/units", "10000000000000"),
        (with_network({"kind": "linear", "initializer": {}}), "/network/0/initializer", "'kind' is missing"),
        (
            with_network({"kind": "linear", "initializer": {"kind": "uniform", "range": 0}}),
            "/network/0/initializer/range",
            "0",
        ),
        (with_network({"kind": "conv2d", "padding": "wide"}), "/network/0/padding", "wide"),
        (with_network({"kind": "conv2d", "padding": -1}), "/network/0/padding", "-1"),
        (with_network({"kind": "linear", "inputs": "a"}), "/network/0/inputs", "'a'"),
        (with_network({"kind": "linear", "inputs": ["A b"]}), "/network/0/inputs/0", "A b"),
        (
            with_network({"kind": "residual", "body": [{"kind": "linear"}, {"kind": "lineal"}]}),
            "/network/0/body/1/kind",
            "did you mean 'linear'",
        ),
        ({**MINIMAL, "training": {"batch_size": 0}}, "/training/batch_size", "0"),
        ({**MINIMAL, "training": {"updates": []}}, "/training/updates", "expected a list of 1 to 64"),
        (
            {**MINIMAL, "training": {"updates": [{"optimizer": {"kind": "sgd", "momentum": 1}}]}},
            "/training/updates/0/optimizer/momentum",
            "1",
        ),
        ({**MINIMAL, "training": {"precision": "float16"}}, "/training/precision", "float16"),
        (
            {**MINIMAL, "task": {"kind": "classification", "losses": []}},
            "/task/losses",
            "expected a list of 1 to 16",
        ),
        (
            {**MINIMAL, "watch": [{"kind": "surface"}, {"kind": "surface", "hz": 5}]},
            "/watch/1",
            "stands here twice",
        ),
        ({**MINIMAL, "watch": [{"kind": "surface", "hz": 31}]}, "/watch/0/hz", "31"),
    ],
)
def test_bad_documents_are_refused_at_the_right_pointer(document: Any, pointer: str, words: str) -> None:
    problems = refused(Experiment.parse, document)
    assert words in problems[pointer]


@pytest.mark.parametrize(
    "name",
    [
        "lambda",
        "training",
        "forward",
        "parameters",
        "half",
        "input",
        "self",
        "torch",
        "nn",
        "Linear",
        "1st",
        "_x",
        "a.b",
        "a" * 41,
        "",
        "é",
        "a\n",
    ],
)
def test_names_that_python_or_torch_need_are_refused(name: str) -> None:
    problems = refused(Experiment.parse, with_network({"kind": "linear", "name": name}))
    assert list(problems) == ["/network/0/name"]


def test_every_attribute_of_a_module_is_refused_as_a_name() -> None:
    taken = [name for name in (*dir(nn.Module()), *keyword.kwlist) if name[0].isalpha() and name.islower()]
    assert {"training", "to", "train", "for"} <= set(taken)
    for name in taken:
        refused(Experiment.parse, with_network({"kind": "linear", "name": name}))


def test_a_name_used_twice_is_refused_where_it_stands_the_second_time() -> None:
    node = {"kind": "linear", "name": "a"}
    assert list(refused(Experiment.parse, with_network(node, {"kind": "tanh"}, node))) == ["/network/2/name"]
    inside = {"kind": "residual", "body": [node, node]}
    assert list(refused(Experiment.parse, with_network(inside))) == ["/network/0/body/1/name"]


def test_problems_are_reported_together_but_not_by_the_thousand() -> None:
    document = with_network(*[{"kind": "linear", "units": -1}] * 500)
    assert len(refused(Experiment.parse, document)) == MAX_PROBLEMS


def test_a_million_nodes_are_refused_as_a_list_too_long() -> None:
    node = {"kind": "linear"}
    assert (
        "1,000,000; expected a list of 1 to 1000"
        in refused(Experiment.parse, with_network(*[node] * 1_000_000))["/network"]
    )


@pytest.mark.parametrize("depth", [17, 100, 150, 200, 300, 5_000, 100_000])
def test_blocks_deep_within_blocks_are_refused_at_whatever_depth(depth: int) -> None:
    refused(lambda document: planner.plan(Experiment.parse(document)), nested(depth))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        '{"data": {"kind": "spiral"}',
        '{"data": {"kind": "spiral", "noise": NaN}}',
        '{"data": {"kind": "spiral", "noise": Infinity}}',
        '{"data": {"kind": "spiral", "noise": 1e999}}',
        "[" * 100_000 + "]" * 100_000,
        '{"network":' * 50_000 + "1" + "}" * 50_000,
        '{"seed": ' + "9" * 100_000 + "}",
        b"\xff\xfe{}",
        '{"title": "\\ud800", "data": {"kind": "spiral"}}',
        " " * (MAX_BYTES + 1),
    ],
    ids=[
        "empty",
        "words",
        "cut off",
        "NaN",
        "Infinity",
        "too large a float",
        "deep list",
        "deep object",
        "too large a number",
        "no UTF-8",
        "half a surrogate",
        "too long",
    ],
)
def test_text_that_is_no_experiment_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidExperiment) as caught:
        Experiment.parse(text)
    for problem in caught.value.problems:
        assert problem.pointer == "" or resolve(problem.pointer, json.loads(text)) is not None
        assert len(problem.message) < 300


def test_reading_json_refuses_before_it_reads_too_much() -> None:
    with pytest.raises(InvalidExperiment, match="12 bytes long; expected at most 10"):
        read_json("[1, 2, 3, 4]", limit=10)


@pytest.mark.parametrize(
    ("number", "shown"), [("NaN", "NaN"), ("-Infinity", "-Infinity"), ("1e999", "Infinity")]
)
def test_numbers_that_are_not_finite_are_refused_where_they_stand(number: str, shown: str) -> None:
    """Everywhere: in fields of every type, and in parts that no model looks into."""
    text = f'{{"seed": {number}, "a/b": ["NaN", {{"c": {number}}}], "data": {{"noise": {number}}}}}'
    with pytest.raises(InvalidExperiment) as caught:
        read_json(text)
    assert {problem.pointer: problem.message for problem in caught.value.problems} == dict.fromkeys(
        ("/seed", "/a~1b/1/c", "/data/noise"), f"{shown}; expected a finite number"
    )


def test_not_a_finite_number_is_no_whole_number_either() -> None:
    for number in (math.nan, math.inf):
        assert list(refused(Experiment.parse, {**MINIMAL, "seed": number})) == ["/seed"]


def test_a_thousand_numbers_that_are_not_finite_are_twenty_problems() -> None:
    with pytest.raises(InvalidExperiment) as caught:
        read_json("[" + ",".join(["NaN"] * 1000) + "]")
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_a_byte_order_mark_is_skipped() -> None:
    text = json.dumps(MINIMAL)
    assert Experiment.parse(b"\xef\xbb\xbf" + text.encode()) == Experiment.parse("\ufeff" + text)


def test_a_viewers_probes_are_refused_with_pointers_into_its_demand() -> None:
    def ask(demand: dict[str, Any]) -> object:
        return parse_probes(demand["probes"])

    probes = [{"kind": "weights"}, {"kind": "surface", "resolution": 4}]
    assert list(refused(ask, {"probes": probes})) == ["/probes/1/resolution"]
    assert list(refused(ask, {"probes": [{"kind": "weights"}, {"kind": "weights"}]})) == ["/probes/1"]
    assert list(refused(ask, {"probes": "weights"})) == ["/probes"]


def test_a_problem_with_a_default_is_reported_where_the_document_ends() -> None:
    document = {"data": {"kind": "regression_plane"}}
    with pytest.raises(InvalidExperiment) as caught:
        planner.plan(Experiment.parse(document))
    assert [problem.pointer for problem in caught.value.problems] == ["/task/kind"]
    error = caught.value.within(document)
    assert type(error) is InvalidExperiment
    assert [(p.pointer, p.message) for p in error.problems] == [("", caught.value.problems[0].message)]
    partly = {**document, "task": {"kind": "classification"}}
    assert [p.pointer for p in caught.value.within(partly).problems] == ["/task/kind"]
    error = InvalidExperiment.at("/a~1b/1/c/0", "wrong")
    assert error.within({"a/b": [0, {"c": {}}]}).problems[0].pointer == "/a~1b/1/c"


# Any document at all ---------------------------------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["linear", "spiral", "kind", "*"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in inner for found in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {k: replaced(v, tuple(rest), new) if k == key else v for k, v in value.items()}
    return [replaced(v, tuple(rest), new) if k == key else v for k, v in enumerate(value)]


WHOLE = Experiment.parse(
    {
        "data": {"kind": "gauss"},
        "network": [
            {"kind": "input", "columns": [0]},
            {"kind": "residual", "body": [{"kind": "linear", "name": "a"}, {"kind": "tanh"}]},
            {"kind": "linear", "units": None},
        ],
        "training": {"regularizers": [{"kind": "l1"}, {"kind": "clip_norm"}]},
        "watch": [{"kind": "surface"}],
    }
).document()


@given(st.sampled_from(places(WHOLE)), json_values)
def test_whatever_stands_anywhere_the_document_is_read_or_refused_with_pointers(
    path: tuple[Any, ...], value: Any
) -> None:
    document = replaced(WHOLE, path, value)
    try:
        experiment = Experiment.parse(document)
        planner.plan(experiment)
    except InvalidExperiment as error:
        for problem in error.within(document).problems:
            resolve(problem.pointer, document)
    else:
        assert Experiment.parse(experiment.document()) == experiment
