"""Catalogs: items are found, told apart by kind, and ordered by where they stand."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from glassnet.engine.catalog import Choice, Document, Item, catalog, kind_of, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.node import Node
from glassnet.engine.items.optimizers import Optimizer
from tests.plugin_install import run_python


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package `rooms` that can be imported."""
    package = tmp_path / "rooms"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "rooms"]:
        del sys.modules[name]


class Shelf(Item, ABC):
    """What the tests' own items are."""

    homes: ClassVar[tuple[str, ...]] = ("rooms",)


FILE = '''
from typing import Literal
from tests.engine.test_catalog import {family}

class {name}({family}):
    """{name}: an item."""
    kind: Literal["{kind}"] = "{kind}"
'''


def test_items_are_found_in_the_order_of_their_files(home: Path) -> None:
    class Ordered(Shelf, ABC):
        """A family of this test alone."""

    globals()["Ordered"] = Ordered
    (home / "b.py").write_text(FILE.format(family="Ordered", name="Second", kind="second"))
    (home / "a.py").write_text(FILE.format(family="Ordered", name="First", kind="first"))
    assert list(catalog(Ordered)) == ["first", "second"]


def test_two_items_of_one_kind_are_an_error(home: Path) -> None:
    class Doubled(Shelf, ABC):
        """A family of this test alone."""

    globals()["Doubled"] = Doubled
    (home / "a.py").write_text(FILE.format(family="Doubled", name="One", kind="same"))
    (home / "b.py").write_text(FILE.format(family="Doubled", name="Other", kind="same"))
    with pytest.raises(TypeError, match="two items of kind 'same': One and Other"):
        catalog(Doubled)


def test_classes_without_a_kind_and_abstract_ones_are_no_items(home: Path) -> None:
    class Family(Shelf, ABC):
        """A family of this test alone."""

    class Abstract(Family, ABC):
        """Has a kind, but cannot be made."""

        kind: Literal["abstract", "concrete"] = "abstract"

        @abstractmethod
        def act(self) -> None:
            """Something."""

    class Concrete(Abstract):
        """Concrete: can."""

        kind: Literal["concrete"] = "concrete"

        def act(self) -> None:
            return None

    assert catalog(Family) == {"concrete": Concrete}


def test_layers_activations_and_blocks_share_one_namespace() -> None:
    kinds = set(catalog(Node))
    assert {"linear", "relu", "residual"} <= kinds
    assert set(catalog(Activation)) < kinds


def test_a_choice_reads_the_kind_and_gives_that_item() -> None:
    choice: TypeAdapter[Any] = TypeAdapter(Annotated[Optimizer, Choice(Optimizer)])
    adam = choice.validate_python({"kind": "adam", "beta1": 0.5})
    assert (kind_of(type(adam)), adam.beta1) == ("adam", 0.5)
    schema = choice.json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(catalog(Optimizer))


def test_label_summary_and_reference_come_from_the_docstring() -> None:
    class Documented(Item):
        """Leaky thing: it leaks.

        f(x) = x, as published.
        """

        kind: Literal["documented"] = "documented"

    assert Documented.label() == "Leaky thing"
    assert Documented.summary() == "Leaky thing: it leaks."
    assert Documented.reference() == "f(x) = x, as published."


def test_option_writes_its_hints_into_the_schema() -> None:
    class Hinted(Document):
        rate: float = option(0.1, "The rate.", unit="1/s", log=True, live=True, gt=0, le=1)

    field = Hinted.model_json_schema()["properties"]["rate"]
    assert field == {
        "default": 0.1,
        "description": "The rate.",
        "exclusiveMinimum": 0,
        "maximum": 1,
        "scale": "log",
        "live": True,
        "unit": "1/s",
        "title": "Rate",
        "type": "number",
    }


@pytest.mark.parametrize(
    "change", [{"units": "8"}, {"units": 8.5}, {"units": True}, {"unit": 8}, {"bias": 1}, {"bias": "yes"}]
)
def test_documents_take_nothing_for_something_else(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Linear.model_validate({"kind": "linear", **change})


def test_documents_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Linear().units = 9


def test_no_import_builds_a_union_that_plugins_could_not_join_any_more() -> None:
    done = run_python("""
import importlib, pkgutil
import glassnet.engine
from glassnet.engine.catalog import catalog
for module in pkgutil.walk_packages(glassnet.engine.__path__, "glassnet.engine."):
    importlib.import_module(module.name)
    assert catalog.cache_info().currsize == 0, module.name
""")
    assert done.returncode == 0, done.stderr
