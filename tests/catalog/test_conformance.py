"""Every item of every catalogue keeps the promises of an item; found by discovery, listed nowhere.

Documented, in the schema, through JSON and back, refused with a pointer where a value is wrong, built and
trained; and its exported script has the same start, the same data and the same losses where there is
nothing but torch. Items that no experiment holds (studies, what is shown to a network) are read on their own.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

import pytest
import torch
from pydantic import TypeAdapter

from glassnet.engine.catalog import Choice, Item, catalog, kind_of
from glassnet.engine.catalog.call import sources
from glassnet.engine.conformance.places import (
    APART,
    OUTPUT,
    made,
    placed,
    plannable,
    read,
    whole,
)
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import decode, encode
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.node import Context, Operation
from glassnet.engine.network import planner
from glassnet.engine.probes import Picture, Probe
from glassnet.engine.reference import FAMILIES, reference
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study
from glassnet.engine.training.trainer import Trainer
from tests.catalog.further import FURTHER
from tests.engine.experiments import refused

Document = dict[str, Any]

ITEMS = [
    (family, item)
    for family, (base, root) in FAMILIES.items()
    for item in catalog(root).values()
    if issubclass(item, base)
]
FIELDS = [
    (family, item, name) for family, item in ITEMS for name in item.model_fields if name != "kind"
]  # fmt: skip

#: Own and downloaded data are not there; test_image_import and test_published have some.
ABSENT = [i for i in catalog(Dataset).values() if i.model_validate({"kind": kind_of(i)}).check(Blobs())]
TRAINED = [(family, item) for family, item in ITEMS if family not in APART and item not in ABSENT]

every_item = pytest.mark.parametrize(
    ("family", "item"), ITEMS, ids=[f"{family}-{kind_of(item)}" for family, item in ITEMS]
)
every_trained_item = pytest.mark.parametrize(
    ("family", "item"), TRAINED, ids=[f"{family}-{kind_of(item)}" for family, item in TRAINED]
)
every_field = pytest.mark.parametrize(
    ("family", "item", "field"), FIELDS, ids=[f"{f}-{kind_of(i)}-{name}" for f, i, name in FIELDS]
)

#: Families whose items compute something a reader may want to look up.
EXPLAINED = {"layers", "activations", "blocks", "optimizers", "initializers", "regularizers", "losses"}


@cache
def schema_of(item: type[Item]) -> Document:
    """The item's JSON Schema; one that refers to itself stands among its own definitions."""
    schema = item.model_json_schema()
    own = schema["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return {**schema, **own}


@cache
def kinds_offered(root: type[Item]) -> set[str]:
    """The kinds that the schema of a choice among a root's items lets one choose."""
    choice: TypeAdapter[Any] = TypeAdapter(Annotated[Any, Choice(root)])
    return set(choice.json_schema()["discriminator"]["mapping"])


@cache
def published() -> Document:
    return reference()


@cache
def _first_place(family: str, item: type[Item]) -> tuple[Document, str]:
    return placed(family, item)


def at_a_place(family: str, item: type[Item]) -> tuple[Document, str]:
    """A document that uses the item as it is, the test's own, and the pointer to it."""
    document, pointer = _first_place(family, item)
    return copy.deepcopy(document), pointer


# Documented, and in the schema -----------------------------------------------------------------------------


@every_item
def test_it_has_a_label_a_summary_and_words_for_every_option(family: str, item: type[Item]) -> None:
    assert item.__doc__ is not None
    assert re.match(r"\S.{1,40}: \S", item.summary()), "the docstring begins `Label: what it is`"
    assert item.summary().endswith((".", ")"))
    assert 1 < len(item.label()) <= 40
    if family in EXPLAINED:
        assert len(item.summary()) + len(item.reference()) > 80, "formula, shapes or source are missing"
    for name, field in item.model_fields.items():
        if name != "kind":
            assert field.description, f"{name} has no words"
            assert field.description.endswith("."), f"{name}: {field.description}"


@every_item
def test_its_schema_describes_every_option(family: str, item: type[Item]) -> None:
    schema = schema_of(item)
    assert schema["description"].startswith(item.summary().split("\n")[0][:20])
    assert schema["additionalProperties"] is False
    for name, field in schema["properties"].items():
        assert name == "kind" or field["description"]
    _, root = FAMILIES[family]
    assert kind_of(item) in kinds_offered(root)


@every_item
def test_it_is_in_the_published_reference(family: str, item: type[Item]) -> None:
    (entry,) = [entry for entry in published()[family] if entry["kind"] == kind_of(item)]
    assert (entry["label"], entry["summary"]) == (item.label(), item.summary())
    json.dumps(entry)


@every_item
def test_it_goes_through_json_and_back(family: str, item: type[Item]) -> None:
    document, pointer = at_a_place(family, item)
    first = read(family, document)
    again = read(family, json.loads(first.model_dump_json()))
    assert again == first
    part: Any = again
    for step in pointer.split("/")[1:]:
        part = part[int(step)] if isinstance(part, list) else getattr(part, step)
    assert type(part) is item
    plain = again.model_dump(mode="json")
    assert read(family, plain).model_dump(mode="json") == plain


# Wrong values are refused where they stand -----------------------------------------------------------------

SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 3,
    "number": 2.5,
    "string": "¿?",
    "array": [[[]]],
    "object": {"¿?": 1},
}


def alternatives(schema: Document, definitions: Document) -> list[Document]:
    """The plain schemas that a field's schema offers."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    parts = schema.get("anyOf", schema.get("oneOf"))
    if parts is None:
        return [schema]
    return [found for part in parts for found in alternatives(part, definitions)]


def allowed_types(options: list[Document]) -> set[str]:
    types = {
        option.get("type", "string" if "enum" in option or "const" in option else "") for option in options
    }
    return types | ({"integer"} if "number" in types else set())


def wrong_values(item: type[Item], field: str) -> Iterator[Any]:
    """Values of every wrong type, and the nearest that are out of range."""
    schema = schema_of(item)
    options = alternatives(schema["properties"][field], schema.get("$defs", {}))
    allowed = allowed_types(options)
    yield from (value for kind, value in SAMPLES.items() if kind not in allowed)
    if "string" in allowed or "object" in allowed:
        # Text that is no name, no reference and none of the choices; an object of no kind.
        limits = [option["maxLength"] for option in options if "maxLength" in option]
        free = any(
            o.get("type") == "string" and not ({"enum", "const", "pattern"} & o.keys()) for o in options
        )
        yield "x" * (max(limits) + 1) if free else SAMPLES["string"]
        yield SAMPLES["object"]
    if "number" in allowed:
        yield from (float("nan"), float("inf"), -float("inf"))
    numeric = [option for option in options if option.get("type") in ("number", "integer")]
    step = 1 if allowed & {"integer"} and "number" not in allowed else 1e-3
    for option in numeric:
        if "minimum" in option:
            yield option["minimum"] - step
        if "exclusiveMinimum" in option:
            yield option["exclusiveMinimum"]
        if "maximum" in option:
            yield option["maximum"] + max(step, abs(option["maximum"]) * 1e-9 if step < 1 else 1)
        if "exclusiveMaximum" in option:
            yield option["exclusiveMaximum"]
    for option in options:
        if option.get("type") == "array" and option.get("minItems"):
            yield []
        if option.get("type") == "array" and option.get("maxItems", 10**9) <= 10_000:
            yield [0] * (option["maxItems"] + 1)


@every_field
def test_wrong_values_are_refused_at_the_option(family: str, item: type[Item], field: str) -> None:
    document, pointer = at_a_place(family, item)
    wrong = list(wrong_values(item, field))
    assert wrong, "no value is wrong for it"
    target: Any = document
    for step in pointer.split("/")[1:]:
        target = target[int(step)] if isinstance(target, list) else target[step]
    for value in wrong:
        target[field] = value
        problems = refused(partial(read, family), document)
        assert all(found.startswith(f"{pointer}/{field}") for found in problems), (value, problems)


@every_item
def test_an_unknown_option_is_refused_at_its_place(family: str, item: type[Item]) -> None:
    document, pointer = at_a_place(family, item)
    target: Any = document
    for step in pointer.split("/")[1:]:
        target = target[int(step)] if isinstance(target, list) else target[step]
    target["colour"] = "red"
    assert list(refused(partial(read, family), document)) == [f"{pointer}/colour"]


# Built, trained, looked at ----------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@every_trained_item
def test_it_builds_trains_and_goes_on_from_its_state(family: str, item: type[Item], precision: str) -> None:
    document, _ = at_a_place(family, item)
    document["training"] = {**document["training"], "precision": precision}
    trainer = Trainer(Experiment.parse(document))
    for _ in range(3):
        trainer.step()
    other = Trainer(Experiment.parse(document), replay=False)
    for _ in range(3):
        other.step()
    state, theirs = trainer.state(), other.state()
    assert state.keys() == theirs.keys()
    for name in state.keys() - {"loss/sum", "loss/count"}:
        assert torch.equal(state[name], theirs[name]), name
    assert all(value == value for value in trainer.evaluate().values())


def subjects() -> Iterator[Document]:
    """Experiments to look at: a network among vectors, one among images, then one for each data set."""
    yield whole()
    maps: list[Document] = [{"kind": "conv2d", "filters": 4}, {"kind": "relu"}, {"kind": "max_pool2d"}]
    flat: list[Document] = [{"kind": "flatten"}, OUTPUT]
    yield whole(data={"kind": "digits"}, network=[*maps, *flat])
    yield whole(data={"kind": "digits", "augmentations": [{"kind": "shift"}]}, network=flat)
    for family, dataset in TRAINED:
        if family == "datasets":
            yield at_a_place(family, dataset)[0]


@pytest.mark.parametrize(
    "item", [i for f, i in ITEMS if f == "probes" and issubclass(i, Picture)], ids=kind_of
)
def test_a_picture_can_be_taken_of_some_experiment_or_is_refused_with_words(item: type[Picture]) -> None:
    taken, refusals = 0, []
    for document in subjects():
        trainer = Trainer(Experiment.parse(document))
        probe = made(item)
        try:
            arrays = probe.prepare(trainer)()
        except ValueError as error:
            refusals.append(str(error))
        else:
            taken += 1
            assert arrays
            encode({}, arrays)
    assert taken
    assert all("expected" in words for words in refusals)


@pytest.mark.parametrize("item", [i for _, i in ITEMS if issubclass(i, Study)], ids=kind_of)
def test_a_study_comes_to_its_first_sight_or_is_refused_with_words(item: type[Study]) -> None:
    study, refusals = made(item), []
    for document in subjects():
        try:
            if isinstance(study, NetworkStudy):
                trainer = Trainer(Experiment.parse(document))
                study.check(trainer.plan)
                frame = next(study.compute(trainer))
            else:
                assert isinstance(study, FreeStudy)
                frame = next(study.compute())
        except ValueError as error:
            refusals.append(str(error))
        else:
            break
    else:
        raise AssertionError(f"it applies to no experiment here: {refusals}")
    assert 0 <= frame.done <= 1
    assert frame.arrays
    assert decode(encode({}, frame.arrays))[1].keys() == frame.arrays.keys()
    assert all("expected" in words for words in refusals)


# Exported ---------------------------------------------------------------------------------------------------


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


def exported() -> Iterator[tuple[str, Experiment]]:
    """Each item as it is, with each of its options changed, and combinations that are worth it.

    Items that are one piece of code, as convolutions along one, two and three axes are, change an option in
    the first of them.
    """
    changed: set[tuple[object, str]] = set()
    for family, item in TRAINED:
        document, _ = at_a_place(family, item)
        yield f"{family} {kind_of(item)}", Experiment.parse(document)
        if issubclass(item, Probe):
            continue
        code = item.call if issubclass(item, Operation) else item
        for field in item.model_fields:
            if (code, field) in changed:
                continue
            changed.add((code, field))
            for number, value in enumerate(other_values(item, field)):
                document, _ = placed(family, item, **{field: value})
                if plannable(document):
                    yield f"{family} {kind_of(item)} {field} {number}", Experiment.parse(document)
    for name, document in FURTHER.items():
        yield f"further {name}", Experiment.parse(document)


EXPORTED = dict(exported())

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
            text, files = script(EXPORTED[name])
            (place / "script.py").write_text(text, encoding="utf-8")
            for file, content in files.items():
                (place / file).write_bytes(content)
            if name in MAINS:
                (place / "main").touch()
        subprocess.run([sys.executable, "-I", "-c", RUNNER, str(group)], check=True, timeout=400)


@pytest.fixture(scope="module")
def standalone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Standalone:
    """The scripts of the tests that run."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    return Standalone(tmp_path_factory.mktemp("exported"), [name for name in EXPORTED if name in asked])


MAINS = ["further a title of every sort", "datasets iris", "tasks regression"]


def is_over(trainer: Trainer) -> bool:
    """Whether a stop of a trainer holds after a step; they are read where an epoch ends."""
    step = trainer.steps_taken
    if not trainer.stopping.applied or step % trainer.steps_per_epoch:
        return False
    return trainer.stopping.read(step, trainer.evaluate(), evaluated=True, epoch_ends=True) is not None


#: Published networks with an option changed: hundreds of nodes each, and a second or more.
LONG = {name for name in EXPORTED if name.startswith("architectures ") and name.count(" ") > 1} | {
    f"architectures {kind}" for kind in ("densenet", "inception_v3", "inception_resnet_v2")
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.thorough if name in LONG else ()) for name in EXPORTED],
)
def test_the_exported_script_does_the_same_where_there_is_only_torch(
    name: str, standalone: Standalone
) -> None:
    result = standalone.result(name)
    assert "error" not in result, result["error"]
    trainer = Trainer(EXPORTED[name])
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
        twin = Trainer(EXPORTED[name])
        training, evaluated = twin.network(train.inputs[:16]), twin.evaluation_network(train.inputs[:16])
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
    experiment = EXPORTED[name]
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


def test_every_catalogue_has_items_and_every_item_a_family() -> None:
    found = {item for _, item in ITEMS}
    roots = {root for _, root in FAMILIES.values()}
    assert found == {item for root in roots for item in catalog(root).values()}
    assert len(found) == len(ITEMS), "an item stands in one family"
    for family, group in itertools.groupby(ITEMS, key=lambda pair: pair[0]):
        kinds = [kind_of(item) for _, item in group]
        assert len(set(kinds)) == len(kinds), family
