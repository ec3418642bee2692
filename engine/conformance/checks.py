"""The checks of one item: documented, read, trained, looked at and exported as every item is.

`tests/catalog/` holds Glassnet's own items to the same, and to all their options; this is
what an author runs over a plug-in, by `glassnet check`.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.conformance.places import (
    APART,
    OUTPUT,
    Document,
    hosts,
    made,
    placed,
    plannable,
    read,
    value_at,
    whole,
)
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import encode
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.probes import Picture
from glassnet.engine.studies import FreeStudy, NetworkStudy, StudyFrame
from glassnet.engine.training.trainer import Trainer

#: Steps that an item is trained for, in Glassnet and by the exported script.
STEPS = 5

#: How far a script's losses may be from Glassnet's.
TOLERANCE = 1e-5


class Fault(Exception):
    """A promise that an item does not keep, in one line."""


def faults(family: str, item: type[Item]) -> list[str]:
    """What is wrong with an item of a family, a line for each check that it does not pass."""
    found = []
    for check in _checks(family, item):
        try:
            check(family, item)
        except Fault as fault:
            found.append(str(fault))
        except Exception as error:  # noqa: BLE001 other people's code: whatever it is, the item is at fault
            said = (str(error).splitlines() or [""])[0]
            found.append(f"{(check.__doc__ or '').rstrip('.')}: {type(error).__name__}: {said}")
    return found


Check = Callable[[str, type[Item]], None]


def _checks(family: str, item: type[Item]) -> Iterator[Check]:
    yield from (_documented, _described)
    if issubclass(item, Node) and not plannable(placed(family, item)[0]):
        yield _fits  # and there is nothing to do the rest with
        return
    yield from (_read_again, _strict)
    if issubclass(item, Picture):
        yield _looked_at
    elif issubclass(item, NetworkStudy | FreeStudy):
        yield _studied
    elif family not in APART and not _is_absent(item):
        yield from (_trained, _exported)


def _is_absent(item: type[Item]) -> bool:
    """Whether it is a data set whose samples are not here: own ones, or published ones."""
    return issubclass(item, Dataset) and made(item).check(Blobs()) is not None


def _documented(family: str, item: type[Item]) -> None:
    """Its docstring and options are documented."""
    if not re.match(r"\S.{1,40}: \S", item.summary()) or not item.summary().endswith((".", ")")):
        raise Fault(f"its docstring begins {item.summary()[:60]!r}; expected `Label: what it is.`")
    for name, field in item.model_fields.items():
        if name != "kind" and not (field.description or "").endswith("."):
            raise Fault(f"option '{name}' is described by {field.description!r}; expected a sentence")


def _described(family: str, item: type[Item]) -> None:
    """The catalogue and the schema describe it."""
    json.dumps(item.entry(), allow_nan=False)
    json.dumps(item.model_json_schema(), allow_nan=False)


def _fits(family: str, item: type[Item]) -> None:
    """A network can be built with it."""
    assert issubclass(item, Node)
    among_vectors = next(hosts(item, {"kind": kind_of(item)}))
    try:
        planner.plan(Experiment.parse(among_vectors))
    except InvalidDocument as error:
        raise Fault(f"it fits into no network here; among vectors, {error.problems[0]}") from None


def _read_again(family: str, item: type[Item]) -> None:
    """It is read from JSON, and read again as it was written."""
    first = read(family, placed(family, item)[0])
    if read(family, json.loads(first.model_dump_json())) != first:
        raise Fault("an experiment with it is another when it is written and read again")


def _strict(family: str, item: type[Item]) -> None:
    """An option that it does not have is refused."""
    document, pointer = placed(family, item)
    value_at(document, pointer)["colour"] = "red"
    try:
        read(family, document)
    except InvalidDocument as error:
        if [problem.pointer for problem in error.problems] == [f"{pointer}/colour"]:
            return
    raise Fault("an option that it does not have is taken; expected it to be refused at its place")


def _trained(family: str, item: type[Item]) -> None:
    """It trains, and goes the same way again."""
    document = placed(family, item)[0]
    first, again = (Trainer(Experiment.parse(document), replay=replay) for replay in (True, False))
    for trainer in (first, again):
        for _ in range(STEPS):
            trainer.step()
    ours, theirs = first.state(), again.state()
    for name in ours.keys() - {"loss/sum", "loss/count"}:
        if not torch.equal(ours[name], theirs[name]):
            raise Fault(f"'{name}' is another when the same steps are taken again; expected the same bits")
    bad = [name for name, value in first.evaluate().items() if value != value]
    if bad:
        raise Fault(f"{', '.join(bad)} after {STEPS} steps is no number; expected one")


def _exported(family: str, item: type[Item]) -> None:
    """Its exported script does the same."""
    experiment = Experiment.parse(placed(family, item)[0])
    theirs, trainer = _losses_of_script(experiment), Trainer(experiment)
    for step, loss in enumerate(theirs, 1):
        trainer.step()
        ours = trainer.take_loss()
        if abs(ours - loss) > TOLERANCE * max(1.0, abs(ours)):
            raise Fault(f"the loss of step {step} is {ours:.7g} here and {loss:.7g} in its exported script")


def _losses_of_script(experiment: Experiment) -> list[float]:
    text, files = script(experiment)
    with TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder, "script.py")
        path.write_text(text, encoding="utf-8")
        for name, content in files.items():
            path.with_name(name).write_bytes(content)
        _, losses = runpy.run_path(str(path))["train"](steps=STEPS)
    return [float(loss) for loss in losses]


# Probes and studies ----------------------------------------------------------------------------------------


def _subjects() -> Iterator[Trainer]:
    """What may be looked at: a network among vectors, and one among images."""
    yield Trainer(Experiment.parse(whole()))
    maps: list[Document] = [{"kind": "conv2d", "filters": 4}, {"kind": "relu"}, {"kind": "flatten"}, OUTPUT]
    yield Trainer(Experiment.parse(whole(data={"kind": "digits"}, network=maps)))


def _looked_at(family: str, item: type[Item]) -> None:
    """It sees something of a network, and changes nothing."""
    assert issubclass(item, Picture)
    probe = made(item)

    def look(trainer: Trainer) -> dict[str, Any]:
        before = trainer.state()
        arrays = probe.prepare(trainer)()
        for name, tensor in trainer.state().items():
            if not torch.equal(tensor, before[name]):
                raise Fault(f"looking changes '{name}' of the trainer; expected it to change nothing")
        return arrays

    _first_of(look)


def _studied(family: str, item: type[Item]) -> None:
    """It comes to its first frame."""
    study = made(item)

    def look(trainer: Trainer) -> dict[str, Any]:
        if isinstance(study, NetworkStudy):
            study.check(trainer.plan)
            study.check_experiment(trainer.experiment)
            frame: StudyFrame = next(study.compute(trainer))
        else:
            assert isinstance(study, FreeStudy)
            frame = next(study.compute())
        if not 0 <= frame.done <= 1:
            raise Fault(f"it says that {frame.done} of its work is done; expected 0 to 1")
        return frame.arrays

    _first_of(look)


def _first_of(look: Callable[[Trainer], dict[str, Any]]) -> None:
    """Look at one subject after the other, until one is not refused. Raises Fault where all are."""
    refusals = []
    for trainer in _subjects():
        try:
            arrays = look(trainer)
        except (ValueError, InvalidDocument) as error:
            refusals.append(str(error))
            continue
        if not arrays:
            raise Fault("it shows nothing; expected at least one array")
        encode({}, arrays)
        return
    raise Fault(f"it applies to no network here: {'; '.join(dict.fromkeys(refusals))}")
