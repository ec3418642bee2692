"""Items that are defined when the catalogue has been read: in a notebook, in a module imported late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
import torch

from glassnet.engine.catalog import catalog, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.catalog.late import withdraw
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Context, Node
from glassnet.engine.network.planner import plan


class Waves(torch.nn.Module):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.rate * x)


def experiment(*nodes: dict[str, Any]) -> Experiment:
    return Experiment.parse(
        {"data": {"kind": "circle"}, "network": [*nodes, {"kind": "linear", "units": None}]}
    )


@pytest.fixture
def wave() -> Iterator[type[Activation]]:
    experiment()  # from now on every model is built

    class Wave(Activation):
        """Wave: a sine."""

        kind: Literal["late_wave"] = "late_wave"
        rate: float = option(1.0, "How quickly it goes.", gt=0, le=10)

        def call(self, context: Context) -> Call:
            return Call(Waves, self.rate)

    yield Wave
    withdraw(Wave)


def test_a_class_is_known_from_its_definition_on(wave: type[Activation]) -> None:
    assert catalog(Node)["late_wave"] is wave
    found = experiment({"kind": "late_wave", "rate": 2.0})
    assert isinstance(found.network[0], wave)
    assert Experiment.parse(found.text()) == found
    assert "late_wave" in str(Experiment.model_json_schema())
    assert [placed.kind for placed in plan(found).nodes] == ["late_wave", "linear"]


def test_it_is_known_inside_blocks_that_were_built_before_it(wave: type[Activation]) -> None:
    body = [{"kind": "linear", "units": 2}, {"kind": "late_wave"}]
    found = experiment({"kind": "residual", "body": body})
    assert "late_wave" in [placed.kind for placed in plan(found).nodes]


def test_its_bad_options_are_refused_as_everywhere(wave: type[Activation]) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        experiment({"kind": "late_wave", "rate": 0})
    assert str(refused.value) == "/network/0/rate: 0; expected a number above 0 and at most 10"


def test_of_two_definitions_the_later_counts() -> None:
    def defined(units: int) -> type[Activation]:
        class Twice(Activation):
            """Twice: defined as often as its cell is run."""

            kind: Literal["late_twice"] = "late_twice"

            def call(self, context: Context) -> Call:
                return Call("torch.nn.LazyLinear", units) if units else Call("torch.nn.Identity")

        return Twice

    first = defined(0)
    before = plan(experiment({"kind": "late_twice"}))
    second = defined(5)
    try:
        assert catalog(Node)["late_twice"] is second
        after = plan(experiment({"kind": "late_twice"}))
        assert (before["late_twice1"].shape, after["late_twice1"].shape) == ((2,), (5,))
    finally:
        withdraw(first)
        withdraw(second)


def test_a_kind_that_is_taken_is_refused_and_changes_nothing() -> None:
    before = catalog(Node)
    for _ in range(2):
        with pytest.raises(TypeError, match="two items of kind 'tanh'"):

            class Mine(Activation):
                """Mine: another tanh."""

                kind: Literal["tanh"] = "tanh"

                def call(self, context: Context) -> Call:
                    return Call("torch.nn.Tanh")

    assert catalog(Node) == before
    assert experiment({"kind": "tanh"}).network[0].kind == "tanh"


def test_a_class_that_pydantic_cannot_build_is_refused_and_changes_nothing() -> None:
    experiment()
    with pytest.raises(Exception, match="Nowhere"):

        class Broken(Activation):
            """Broken: an option of no type."""

            kind: Literal["late_broken"] = "late_broken"
            strength: Nowhere = 1  # type: ignore[name-defined] # noqa: F821

            def call(self, context: Context) -> Call:
                return Call("torch.nn.Tanh")

    assert "late_broken" not in catalog(Node)
    assert experiment({"kind": "relu"}).network[0].kind == "relu"
