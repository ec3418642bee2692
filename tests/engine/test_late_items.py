"""Items that are defined when the catalogue has been read: in a notebook, in a module imported late."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal

import pytest
import torch

from glassnet.engine.catalog import catalog, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.catalog.late import withdraw
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.datasets import Undivided
from glassnet.engine.items.node import Context, Node
from glassnet.engine.network.planner import plan
from glassnet.engine.training.trainer import Trainer


class Waves(torch.nn.Module):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.rate * x)


def half_wave(x: torch.Tensor) -> torch.Tensor:
    """A function that a node is, without a module."""
    return torch.sin(x) * (x > 0)


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


@pytest.fixture
def give() -> Iterator[Callable[[Any], None]]:
    class Plain(Activation):
        """Plain: whatever the test gives as its call."""

        kind: Literal["late_plain"] = "late_plain"
        given: ClassVar[Any] = half_wave

        def call(self, context: Context) -> Call:
            found: Call = type(self).given
            return found

    yield lambda given: setattr(Plain, "given", given)
    withdraw(Plain)


@pytest.mark.parametrize(
    ("function", "printed"),
    [(staticmethod(half_wave), "Applied(half_wave)"), (torch.sin, "Applied(torch.sin)")],
)
def test_a_function_of_tensors_is_a_node(give: Callable[[Any], None], function: Any, printed: str) -> None:
    give(function)
    found = experiment(
        {"kind": "linear", "units": 3, "name": "dense"}, {"kind": "late_plain", "name": "node"}
    )
    trainer = Trainer(found)
    values = trainer.evaluation_network(trainer.data.train.inputs[:4])
    assert torch.equal(values["node"], getattr(function, "__func__", function)(values["dense"]))
    trainer.step()
    text = script(found)[0]
    assert printed in text
    compile(text, "script.py", "exec")
    assert ("def half_wave" in text) == ("half" in printed)


MODULE = "expected a Call that makes a torch.nn.Module"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Call(half_wave), rf"half_wave\(\) cannot be called: .*; {MODULE} \(.*: return half_wave\)"),
        (Call("torch.zeros", 2), rf"torch.zeros\(2\) gives a Tensor; {MODULE}"),
        (3, rf"call\(\) of Plain gives a int; {MODULE}, or a function of tensors"),
        (staticmethod(lambda x: x.tolist), "late_plain gives a .*; expected a tensor"),
    ],
)
def test_what_is_no_module_is_refused_with_what_was_expected(
    give: Callable[[Any], None], given: Any, said: str
) -> None:
    give(given)
    with pytest.raises(InvalidExperiment, match=rf"^/network/0: node 'late_plain1': {said}"):
        plan(experiment({"kind": "late_plain"}))


def test_a_lambda_trains_and_cannot_be_exported(give: Callable[[Any], None]) -> None:
    give(staticmethod(lambda x: -x))
    found = experiment({"kind": "late_plain"})
    Trainer(found).step()
    with pytest.raises(TypeError, match=r"a lambda has no name .*; expected a function made by def"):
        script(found)


POINTS, CLASSES = torch.rand(20, 2), torch.arange(20) % 2


@pytest.fixture(scope="module")
def given() -> Iterator[type[Undivided]]:
    class Given(Undivided):
        """Given: whatever the test gives as its samples."""

        kind: Literal["late_given"] = "late_given"
        generated: ClassVar[Any] = None
        samples: ClassVar[Any] = (POINTS, CLASSES)
        classes: ClassVar[tuple[str, ...] | None] = ("no", "yes")
        count: ClassVar[int] = 20
        shape: ClassVar[tuple[int, ...]] = (2,)
        inputs: ClassVar[tuple[str, ...]] = ("x1", "x2")

        def generate(self) -> Call | None:
            found: Call | None = type(self).generated
            return found

        def read(self, blobs: Blobs) -> tuple[torch.Tensor, torch.Tensor]:
            found: tuple[torch.Tensor, torch.Tensor] = type(self).samples
            return found

    yield Given
    withdraw(Given)


LATE_DATA = {"data": {"kind": "late_given"}, "network": [{"kind": "linear", "units": None}]}


def test_a_late_data_set_is_trained_on(given: type[Undivided]) -> None:
    trainer = Trainer(Experiment.parse(LATE_DATA))
    trainer.step()
    assert (len(trainer.data.train), len(trainer.data.test)) == (16, 4)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("generated", (POINTS, CLASSES), r"generate() of Given gives a tuple; expected a Call"),
        ("samples", POINTS, "read() of Given gives a Tensor; expected two tensors: inputs, targets"),
        ("samples", (POINTS.double(), CLASSES), "inputs float64 (20, 2); expected float32 or uint8 (20, 2)"),
        ("samples", (POINTS[:, :1], CLASSES), "inputs float32 (20, 1); expected float32 or uint8 (20, 2)"),
        ("samples", (POINTS, CLASSES[:-1]), "targets int64 (19,); expected int64 (20,)"),
        ("samples", (POINTS, CLASSES + 1), "gives classes from 1 to 2; expected 0 to 1"),
    ],
)
def test_samples_that_are_not_as_announced_are_refused(
    given: type[Undivided], monkeypatch: pytest.MonkeyPatch, name: str, value: Any, said: str
) -> None:
    monkeypatch.setattr(given, name, value)
    with pytest.raises(InvalidExperiment, match="^/data: .*" + re.escape(said)):
        Trainer(Experiment.parse(LATE_DATA))
