"""Probes, studies and tasks: what they show of a small network that was trained for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from torch import Tensor

from glassnet.engine.catalog import Item, catalog
from glassnet.engine.conformance.places import OUTPUT, judging, whole
from glassnet.engine.errors import InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.figures.arrays import parts_of
from glassnet.engine.figures.figure import Axis, Chart, Figure, Line
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.targets import Family
from glassnet.engine.items.tasks import Task
from glassnet.engine.probes import Collector, Probe, Scalars
from glassnet.engine.probes import Picture as PictureProbe
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study
from glassnet.engine.training.trainer import Trainer

#: Steps of the small networks: a fifth of a second, once for each process.
STEPS = 120

#: The same of networks whose answer is a picture's, which take longer.
STEPS_OF_PICTURES = 20

#: Steps that a probe with memory follows.
FOLLOWED = 40

#: Options of studies, and the most that they may be here.
SHORT = {"samples": 200}

#: Seconds after which a study is not asked for a further frame.
PATIENCE = 0.5

NOTE = "Of a small network after {steps} steps: the arrays that it gives, as they are."
FREE = "What it has found after its first moments: the arrays that it gives, as they are."


def probe(item: Probe) -> Figure:
    """The arrays of a probe, or the rows of one of scalars. Raises ValueError where it suits no example."""
    if isinstance(item, Scalars):
        return _rows(item)
    assert isinstance(item, PictureProbe)
    return _first_shown(item, lambda trainer: _look(item, trainer))


def _look(item: PictureProbe, trainer: Trainer) -> Mapping[str, Tensor]:
    """The arrays of a probe; of one with memory, after it has followed some steps."""
    look = item.prepare(trainer)
    if not isinstance(look, Collector):
        return look()
    followed = _fork(trainer)
    look = item.prepare(followed)
    assert isinstance(look, Collector)
    for _ in range(FOLLOWED):
        look.collect()
        followed.step()
    return look()


def study(item: Study) -> Figure:
    """The arrays of a study's first frames."""
    item = item.model_copy(update=_smaller(item))
    if isinstance(item, FreeStudy):
        return Figure(parts_of(_latest(item.compute()), _shows(item)), FREE)
    assert isinstance(item, NetworkStudy)

    def look(trainer: Trainer) -> Mapping[str, Tensor]:
        item.check(trainer.plan)
        item.check_experiment(trainer.experiment)
        return _latest(item.compute(_fork(trainer)))

    return _first_shown(item, look)


def task(item: Task) -> Figure:
    """Losses and metrics of training and test set, as the task measures them."""
    trainer = Trainer(Experiment.parse(_judged_by(item)))
    rows: list[dict[str, float]] = []
    steps = _steps(item)
    for step in range(steps + 1):
        if step % 5 == 0:
            rows.append(trainer.evaluate())
        trainer.step()
    return Figure(_curves(rows, 5), NOTE.format(steps=steps))


#: Small data by the family of targets.
DATA: dict[Family, dict[str, Any]] = {
    "class": {"kind": "spiral", "samples": 100},
    "values": {"kind": "regression_gauss"},
    "masks": {"kind": "shape_masks", "samples": 40, "size": 16},
    "boxes": {"kind": "shape_scenes", "samples": 40, "size": 32},
}


def _steps(item: Task) -> int:
    return STEPS_OF_PICTURES if item.family in ("masks", "boxes") else STEPS


def _judged_by(item: Task) -> dict[str, Any]:
    """An experiment with the task, on data that suit it."""
    document = whole(data=DATA[item.family], task=item.model_dump(mode="json"))
    if item.family in ("masks", "boxes"):
        dataset = catalog(Dataset)[DATA[item.family]["kind"]].model_validate(DATA[item.family])
        document["network"] = item.starter(dataset)
    return document


def _curves(rows: list[dict[str, float]], every: int) -> tuple[Chart, ...]:
    """A chart for each metric, with a line for each set."""
    steps = [float(every * index) for index in range(len(rows))]
    metrics = list(dict.fromkeys(name.partition("_")[2] for name in rows[0]))
    charts = []
    for metric in metrics:
        sets = [name for name in rows[0] if name.partition("_")[2] == metric]
        lines = tuple(Line(name.partition("_")[0], steps, [row[name] for row in rows]) for name in sets)
        charts.append(Chart(metric.replace("_", " "), Axis("step"), Axis(metric.replace("_", " ")), lines))
    return tuple(charts)


def _rows(item: Scalars) -> Figure:
    trainer = Trainer(Experiment.parse(whole()))
    rows: list[dict[str, float]] = []
    steps: list[float] = []
    for step in range(STEPS):
        trainer.step()
        if item.due(trainer):
            rows.append(item.row(trainer))
            steps.append(float(step + 1))
    charts = (
        Chart(name.replace("_", " "), Axis("step"), Axis(name), (Line("", steps, [r[name] for r in rows]),))
        for name in rows[0]
    )
    return Figure(tuple(charts), NOTE.format(steps=STEPS))


def _subjects() -> Iterator[Trainer]:
    """Networks trained for a moment: of images, which show more, of points, of masks and of boxes."""
    yield from reversed(_of_classes())
    yield _with_shortcuts()
    yield _of_pictures("segmentation")
    yield _of_pictures("detection")


@cache
def _with_shortcuts() -> Trainer:
    """A network with shortcuts, as it starts."""
    nodes: list[dict[str, Any]] = [
        {"kind": "conv2d", "filters": 4},
        {"kind": "residual_conv2d", "filters": 4},
        {"kind": "flatten"},
        OUTPUT,
    ]
    document = whole(data={"kind": "digits"}, network=nodes, task=judging("output"))
    return Trainer(Experiment.parse(document))


@cache
def _of_pictures(task: str) -> Trainer:
    """A small network for a task whose answer is a picture's."""
    item = catalog(Task)[task].model_validate({"kind": task})
    trainer = Trainer(Experiment.parse(_judged_by(item)))
    for _ in range(_steps(item)):
        trainer.step()
    return trainer


@cache
def _of_classes() -> tuple[Trainer, ...]:
    """A network among points, and one among images, trained for a moment."""
    maps: list[dict[str, Any]] = [
        {"kind": "conv2d", "filters": 4, "name": "convolution"},
        {"kind": "relu"},
        {"kind": "flatten"},
        OUTPUT,
    ]
    digits = {"kind": "digits", "augmentations": [{"kind": "shift"}]}
    documents = (whole(), whole(data=digits, network=maps, task=judging("output")))
    trainers = tuple(Trainer(Experiment.parse(document)) for document in documents)
    for trainer in trainers:
        for _ in range(STEPS):
            trainer.step()
    return trainers


def _fork(trainer: Trainer) -> Trainer:
    """A trainer of its own in the same state, which a study may train."""
    copy = Trainer(trainer.experiment)
    copy.load(trainer.state())
    return copy


def _smaller(item: Study) -> dict[str, float]:
    """The options of a study that make it long, at values at which it is short."""
    return {name: most for name, most in SHORT.items() if (getattr(item, name, None) or 0) > most}


def _shows(item: Item) -> tuple[str, ...]:
    return () if item.guide is None else item.guide.shows


def _first_shown(item: Item, look: Callable[[Trainer], Mapping[str, Tensor]]) -> Figure:
    """What is shown of the first network to which it applies."""
    refusals = []
    for trainer in _subjects():
        try:
            arrays = look(trainer)
        except (ValueError, InvalidDocument) as error:
            refusals.append(str(error))
            continue
        return Figure(parts_of(arrays, _shows(item)), NOTE.format(steps=trainer.steps_taken))
    raise ValueError("; ".join(dict.fromkeys(refusals)))


def _latest(frames: Iterator[Any]) -> Mapping[str, Tensor]:
    """The arrays of the last frame within the patience, of the first at least."""
    began, arrays = time.monotonic(), {}
    for frame in frames:
        arrays = frame.arrays
        if time.monotonic() - began > PATIENCE:
            break
    return arrays
