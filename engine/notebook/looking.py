"""Probes and studies of a network, computed from a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment, parse_probes
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import Arrays
from glassnet.engine.notebook.runs import BLOBS, Run
from glassnet.engine.probes import Picture, Probe
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study, parse_study
from glassnet.engine.training.checkpoint import first_replica
from glassnet.engine.training.trainer import Trainer

#: What can be looked into.
Subject = Trainer | Run | Experiment

#: Arrays by name, as numpy has them.
Views = dict[str, np.ndarray]


def open_probe(subject: Subject, probe: str | Probe, **options: Any) -> Callable[[], Views]:
    """A function that computes a probe of a network's current state at each call.

        look = glassnet.open_probe(trainer, "surface", resolution=100)
        for _ in range(10):
            trainer.step()
            pictures = look()  # {"output": uint8 (100, 100), "output.range": float32 (2,), …}

    `probe` is a kind of `catalog("probes")` with its options, or an item. Its arrays are described in
    the probe's docstring; the training is not changed. Of a run, the newest checkpoint is used.
    Raises InvalidCommand where there is no such probe or option, ValueError where it cannot apply.
    """
    item = probe if isinstance(probe, Probe) else parse_probes([{"kind": probe, **options}])[0]
    if not isinstance(item, Picture):
        raise InvalidCommand.at(
            "/probes/0/kind", f"'{item.kind}' gives rows; expected a picture, or Run.rows"
        )
    trainer = _trainer(subject)
    if item.follows_updates:  # never off: another look may be open that follows them
        trainer.record_updates(True)
    look = item.prepare(trainer.replica(item.replica))
    return lambda: _views(look())


def observe(subject: Subject, probe: str | Probe, **options: Any) -> Views:
    """A probe of a trainer, a run or an experiment in its current state: arrays by name.

        pictures = glassnet.observe(run, "surface", resolution=100)
        pictures["output"]  # uint8 (100, 100)

    Options and results are those of `open_probe`, which is faster for repeated use. Raises the same errors.
    """
    return open_probe(subject, probe, **options)()


def study(
    subject: Subject | None,
    study: str | Study,
    *,
    report: Callable[[float], None] | None = None,
    **options: Any,
) -> Views:
    """The result of a study of a network, or of one that needs none: arrays by name.

        found = glassnet.study(run, "landscape", resolution=11)
        race = glassnet.study(None, "optimizer_race", steps=200)

    `study` is a kind of `catalog("studies")` with its options, or an item; its arrays are described
    in its docstring. It works on a copy of the network. `report` is called with the share done, from 0 to 1.
    Raises InvalidCommand where there is no such study or option, ValueError where it cannot apply.
    """
    item = study if isinstance(study, Study) else parse_study({"kind": study, **options})
    if isinstance(item, NetworkStudy):
        if subject is None:
            raise ValueError(f"'{item.kind}' is of a network; expected a trainer, a run or an experiment")
        trainer = _copy(_trainer(subject))
        item.check(trainer.plan)
        item.check_experiment(trainer.experiment)
        frames = item.compute(trainer)
    else:
        assert isinstance(item, FreeStudy)
        frames = item.compute()
    last: Arrays = {}
    for done, arrays in frames:
        last = arrays
        if report is not None:
            report(done)
    return _views(last)


def _trainer(subject: Subject) -> Trainer:
    match subject:
        case Trainer():
            return subject
        case Run():
            return subject.trainer()
        case Experiment():
            return Trainer(subject, blobs=Blobs(BLOBS))
    raise TypeError(f"{type(subject).__name__}; expected a Trainer, a Run or an Experiment")


def _copy(trainer: Trainer) -> Trainer:
    """A copy of a trainer in the same state, for a study to train; of several replicas, of the first."""
    experiment = trainer.experiment.of_replica(0)
    copy = Trainer(experiment, device=trainer.device, blobs=trainer.blobs, share_data_with=trainer)
    copy.load(first_replica(trainer.state()))
    return copy


def _views(arrays: Arrays) -> Views:
    return {name: array.cpu().numpy() for name, array in arrays.items()}
