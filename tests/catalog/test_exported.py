"""The exported script of every item has the same start, data and losses where there is nothing but torch."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.catalog.call import sources
from glassnet.engine.conformance.places import made, placed, plannable
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.items.node import Context, Operation
from glassnet.engine.network import planner
from glassnet.engine.network.memory_layout import laid_out, memory_format
from glassnet.engine.probes import Probe
from glassnet.engine.training.trainer import Trainer
from tests.catalog.further import FURTHER
from tests.catalog.items import (
    TRAINED,
    Document,
    alternatives,
    at_a_place,
    every_trained_item,
    schema_of,
)


def first_number(option: Document, name: str, other: str, otherwise: float) -> float:
    return float(option[name] if name in option else option.get(other) or otherwise)


def other_values(item: type[Item], field: str) -> Iterator[Any]:
    """Right values that are not the default, from the field's schema."""
    schema = schema_of(item)
    definitions = schema.get("$defs", {})
    default = item.model_fields[field].default
    for option in alternatives(schema["properties"][field], definitions):
        if "enum" in option:
            yield from (value for value in option["enum"] if value != default)
        elif option.get("type") == "boolean":
            yield not default
        elif option.get("type") == "integer" and option.get("minimum", 0) >= 1:
            yield 2 if default != 2 else 3
        elif option.get("type") == "number":
            low = first_number(option, "minimum", "exclusiveMinimum", 0)
            high = first_number(option, "maximum", "exclusiveMaximum", 1)
            # Near the default: where a rate is so large that training is chaotic, no two programs agree.
            near = 0.7 * (default or 0) or (low + min(high, 1)) / 3
            yield min(max(near, low), high)


def cases() -> Iterator[tuple[str, Callable[[], Document]]]:
    """Each item as it is, with each of its options changed, and combinations that are worth it.

    By name, each with a function that finds it a place: that plans networks, too many for the collection of
    tests, which every worker repeats. Items that are one piece of code, as convolutions along one, two and
    three axes are, change an option in the first of them.
    """
    changed: set[tuple[object, str]] = set()
    for family, item in TRAINED:
        yield f"{family} {kind_of(item)}", partial(document_of, family, item)
        if issubclass(item, Probe):
            continue
        code = item.call if issubclass(item, Operation) else item
        for field in item.model_fields:
            if (code, field) in changed:
                continue
            changed.add((code, field))
            for number, value in enumerate(other_values(item, field)):
                name = f"{family} {kind_of(item)} {field} {number}"
                yield name, partial(document_of, family, item, **{field: value})
    for name, document in FURTHER.items():
        yield f"further {name}", partial(copy.deepcopy, document)


def document_of(family: str, item: type[Item], **options: Any) -> Document:
    document, _ = placed(family, item, **options) if options else at_a_place(family, item)
    return document


CASES = dict(cases())


@cache
def experiment_of(name: str) -> Experiment:
    """The experiment of a case. Raises InvalidExperiment."""
    return Experiment.parse(CASES[name]())


@cache
def trainable(name: str) -> bool:
    """Whether an experiment has a place for a case: not for too few samples, or an even kernel."""
    return plannable(CASES[name]())


#: What stands beside torch in an environment where only torch was installed.
RUNNER = """
import contextlib, importlib.machinery, io, pathlib, runpy, sys
BESIDE = {"torch", "torchgen", "functorch", "typing_extensions", "sympy", "mpmath", "filelock", "fsspec",
          "jinja2", "markupsafe", "networkx", "setuptools", "_distutils_hack"} | set(sys.stdlib_module_names)
class Installed(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        return super().find_spec(name, path, target) if top in BESIDE or top[0] == "_" else None
sys.meta_path = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, Installed]
import warnings
warnings.simplefilter("ignore")
import torch
torch.set_num_threads(1)
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        found = runpy.run_path(str(folder / "script.py"))
        network = found["Network"](dropout=found["stream"](found["SEED"], "dropout"))
        found["initialise"](network)
        data = list(found["data"]())
        data, (shift, scale, *_) = data[:4], [*data[4:], None, None]  # the rest is for validation
        if "prepared" in found:  # pictures are made ready batch by batch
            data[0], data[2] = (found["prepared"](pictures, shift, scale) for pictures in (data[0], data[2]))
        network.to(data[0].dtype)
        result = {"state": {name: t.clone() for name, t in network.state_dict().items()}, "data": data}
        with torch.no_grad():
            result["training"] = list(network(data[0][:16]))
            result["evaluated"] = list(network.eval()(data[0][:16]))
        with contextlib.redirect_stdout(io.StringIO()):
            trained, result["losses"] = found["train"](steps=20)
        result["trained"] = dict(trained.state_dict())
        if (folder / "main").exists():
            with contextlib.redirect_stdout(io.StringIO()) as said:
                runpy.run_path(str(folder / "script.py"), run_name="__main__")
            result["said"] = said.getvalue()
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    torch.save(result, folder / "result.pt")
assert not {"glassnet", "pydantic", "numpy", "safetensors", "sklearn"} & set(sys.modules)
"""


#: Scripts that run in one process: starting torch takes time, and so do many scripts one after the other.
TOGETHER = 60


@dataclass
class Standalone:
    """What the scripts did where there is nothing but torch."""

    folder: Path
    names: list[str]

    def result(self, name: str) -> Any:
        """What came of a script; the first that is asked for runs its neighbours as well."""
        first = self.names.index(name) // TOGETHER * TOGETHER
        group = self.folder / f"{first:04d}"
        if not group.exists():
            self._run(group, self.names[first : first + TOGETHER])
        return torch.load(group / f"{self.names.index(name):04d}" / "result.pt", weights_only=True)

    def _run(self, group: Path, names: list[str]) -> None:
        for name in names:
            place = group / f"{self.names.index(name):04d}"
            place.mkdir(parents=True)
            text, files = script(experiment_of(name))
            (place / "script.py").write_text(text, encoding="utf-8")
            for file, content in files.items():
                (place / file).write_bytes(content)
            if name in MAINS:
                (place / "main").touch()
        subprocess.run([sys.executable, "-I", "-c", RUNNER, str(group)], check=True, timeout=400)


@pytest.fixture(scope="module")
def standalone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Standalone:
    """The scripts of the tests that run."""
    named = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    asked = [name for name in CASES if name in named]
    return Standalone(tmp_path_factory.mktemp("exported"), [name for name in asked if trainable(name)])


MAINS = ["further a title of every sort", "datasets iris", "tasks regression"]


def is_over(trainer: Trainer) -> bool:
    """Whether a stop of a trainer holds after a step; they are read where an epoch ends."""
    step = trainer.steps_taken
    if not trainer.stopping.applied or step % trainer.steps_per_epoch:
        return False
    return trainer.stopping.read(step, trainer.evaluate(), evaluated=True, epoch_ends=True) is not None


#: Published networks and data sets with an option changed: hundreds of nodes or a thousand pictures each, and
#: a second or more. The script of each as it is, with every option written out, is run every time.
LONG = {
    name for name in CASES if name.startswith(("architectures ", "datasets ")) and name.count(" ") > 1
} | {f"architectures {kind}" for kind in ("densenet", "inception_v3", "inception_resnet_v2")}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.thorough if name in LONG else ()) for name in CASES],
)
def test_the_exported_script_does_the_same_where_there_is_only_torch(
    name: str, standalone: Standalone
) -> None:
    if not trainable(name):
        with pytest.raises(InvalidExperiment):
            script(experiment_of(name))
        return
    result = standalone.result(name)
    assert "error" not in result, result["error"]
    trainer = Trainer(experiment_of(name))
    state = trainer.network.state_dict()
    assert state.keys() == result["state"].keys()
    for key, tensor in state.items():
        assert torch.equal(tensor, result["state"][key]), key
    train, test = trainer.data.train, trainer.data.test
    for ours, theirs in zip(
        (train.inputs, train.targets, test.inputs, test.targets), result["data"], strict=True
    ):
        assert torch.equal(ours[:], theirs)
    with torch.no_grad():
        twin = Trainer(experiment_of(name))
        form = memory_format(twin.plan, "cpu", twin.experiment.training.precision)
        seen = laid_out(train.inputs[:16], form)
        training, evaluated = twin.network(seen), twin.evaluation_network(seen)
    for outputs, found in ((training, result["training"]), (evaluated, result["evaluated"])):
        for judged, theirs in zip(trainer.plan.loss_nodes, found, strict=True):
            assert torch.equal(outputs[judged], theirs)
    losses = []
    for _ in range(20):
        trainer.step()
        losses.append(trainer.take_loss())
        if is_over(trainer):
            break
    assert losses == pytest.approx(result["losses"], rel=1e-5, abs=1e-5)
    for key, tensor in trainer.network.state_dict().items():
        torch.testing.assert_close(tensor, result["trained"][key], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", MAINS)
def test_running_the_script_trains_and_says_how_well_it_did(name: str, standalone: Standalone) -> None:
    said = standalone.result(name)["said"].splitlines()
    experiment = experiment_of(name)
    assert len(said) == experiment.training.epochs + (2 if experiment.data.classes else 1)
    trainer = Trainer(experiment)
    for _ in range(trainer.steps):
        trainer.step()
    found = trainer.evaluate()
    assert said[experiment.training.epochs] == f"test loss {found['test_loss']:.4f}"
    if experiment.data.classes:
        assert said[-1] == f"test accuracy {found['test_accuracy']:.3f}"


@every_trained_item
def test_what_it_copies_into_scripts_stands_alone(family: str, item: type[Item]) -> None:
    if issubclass(item, Operation):
        shape = next(
            p.context
            for p in planner.plan(Experiment.parse(at_a_place(family, item)[0])).nodes
            if p.name == "item"
        )
        assert isinstance(shape, Context)
        call = made(item).call(shape)
        assert all(isinstance(text, str) for text in sources([call]))
        assert str(call).endswith(")")
