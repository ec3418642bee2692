"""Transfer: weights learned on another task, fixed or trained further, against training from scratch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.data.load import Data
from glassnet.engine.data.resampling import chosen
from glassnet.engine.errors import Diverged, InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.targets import WORDS
from glassnet.engine.network.graph import is_frozen, matches
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planner import plan
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training.trainer import Trainer

#: The trainings that are compared.
WAYS = ("scratch", "features", "fine_tuning")

#: The fewest classes of which half can be another task.
FEWEST_CLASSES = 4

#: Seconds between two frames.
EVERY = 0.25


class Transfer(NetworkStudy):
    """Transfer: the network trained from scratch, on fixed features of another task, and by fine-tuning.

    Where the experiment starts from a state dict (`training.start_from`), that is what is transferred.
    Otherwise the network is trained on the first half of the classes for `pretraining` steps; the task is
    then to tell the other half apart, from `samples` training samples. `scratch` starts with initial values;
    `features` keeps what is transferred fixed and trains the other nodes (feature extraction);
    `fine_tuning` trains everything. All have the same seed, batches and steps. Arrays: `steps` int32 (rows,);
    for each way and each series of an evaluation `WAY.SERIES` float32 (rows,), NaN where it is not computed
    yet, or diverged; at the end `gain` float32 (), how much lower the test loss is by fine-tuning than from
    scratch, in the mean over all rows after the first. A transfer that helps has a higher start, a steeper
    slope or a higher asymptote (Torrey & Shavlik 2009, figure 2).
    """

    kind: Literal["transfer"] = "transfer"
    panel = Panel("Transfer", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Same data, batches and steps: only the start and what is trained differ.",),
        cons=("One seed. Fixed features of too different a task hold the network back.",),
        use="To see what weights of another task are worth where samples are few.",
        example=Example(
            "Forty pictures of the digits 5 to 9, with weights learned on 0 to 4: all three signs.",
            preset="digits-transfer",
            claim={"metric": "gain", "op": ">", "value": 0.2},
        ),
        shows=("scratch.test_loss@steps", "features.test_loss@steps", "fine_tuning.test_loss@steps"),
    )
    pretraining: int = option(
        400, "The steps on the first half of the classes.", unit="steps", ge=1, le=10**5
    )
    samples: int = option(40, "The training samples of the other half.", ge=2, le=10**5)
    steps: int = option(100, "The steps of each training that is compared.", unit="steps", ge=1, le=10**6)
    rows: int = option(25, "The number of evaluations after the first.", ge=2, le=200)

    def check_experiment(self, experiment: Experiment) -> None:
        try:
            transferred(plan(experiment), experiment)
        except ValueError as error:
            raise InvalidCommand.at("/study", str(error)) from None

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        steps = np.unique(np.linspace(0, self.steps, self.rows + 1).astype(np.int32)).tolist()
        found: dict[str, Tensor] = {"steps": torch.tensor(steps, dtype=torch.int32)}
        tasks = _Tasks(trainer, self.pretraining, self.samples)
        due = time.monotonic()
        for number, way in enumerate(WAYS):
            for row, metrics in _measured(tasks.trainer(way), steps):
                _put(found, way, row, metrics)
                if time.monotonic() >= due:
                    yield StudyFrame((number + row / len(steps)) / len(WAYS), _copied(found))
                    due = time.monotonic() + EVERY
        found["gain"] = _gain(found)
        yield StudyFrame(1.0, _copied(found))


class _Tasks:
    """The trainers of each way."""

    def __init__(self, parent: Trainer, pretraining: int, samples: int) -> None:
        self._parent, self._experiment = parent, parent.experiment
        self._nodes = transferred(parent.plan, parent.experiment)
        self._data, self._weights = parent.data, dict[str, Tensor]()
        if parent.experiment.training.start_from is None:
            half = len(parent.experiment.data.classes or ()) // 2
            known = self._made(parent.experiment, of_classes(parent.data, 0, half))
            for _ in range(pretraining):
                known.step()
            self._weights = self._kept(known)
            self._data = of_classes(parent.data, half, samples=samples)

    def trainer(self, way: str) -> Trainer:
        """A trainer before its first step."""
        training = self._experiment.training
        changes: dict[str, object] = {"start_from": None} if way == "scratch" else {}
        if way == "features":
            changes = {"frozen": [*training.frozen, *self._nodes]}
        experiment = self._experiment.model_copy(update={"training": training.model_copy(update=changes)})
        made = self._made(experiment, self._data)
        if way != "scratch" and self._weights:
            made.load({**made.state(), **self._weights})
        return made

    def _made(self, experiment: Experiment, data: Data) -> Trainer:
        parent = self._parent
        return Trainer(experiment, device=parent.device, limits=parent.limits, blobs=parent.blobs, data=data)

    def _kept(self, trained: Trainer) -> dict[str, Tensor]:
        """Parameters and buffers of the nodes that are transferred."""
        return {
            name: tensor
            for name, tensor in trained.state().items()
            if name.startswith(("parameters/", "buffers/"))
            and name.partition("/")[2].rpartition(".")[0] in self._nodes
        }


def transferred(planned: Plan, experiment: Experiment) -> list[str]:
    """The nodes whose weights are transferred: those that a state dict gives, or all but the outputs.

    Raises ValueError where there is no other task, or fixed features would leave nothing to train.
    """
    training, start = experiment.training, experiment.training.start_from
    if start is None and experiment.data.family != "class":
        raise ValueError(
            f"the data have {WORDS[experiment.data.family]}, of which half is no other task; "
            "expected classes, or training.start_from to name weights"
        )
    if start is None and len(experiment.data.classes or ()) < FEWEST_CLASSES:
        raise ValueError(
            f"the data have fewer than {FEWEST_CLASSES} classes, of which half could be another task; "
            "expected more, or training.start_from to name weights"
        )
    trained = [p.name for p in planned.nodes if p.own and not is_frozen(p.name, training.frozen)]
    taken = [name for name in trained if name not in planned.loss_nodes]
    if start is not None:
        without = start.without
        taken = [
            name
            for name in trained
            if any(matches(pattern, name) for pattern in start.nodes)
            and not any(matches(pattern, name) for pattern in without)
        ]
    if not taken or len(taken) == len(trained):
        raise ValueError(
            "fixed features leave nothing to train, or nothing is transferred; expected a hidden layer, and "
            "training.start_from.without to name the output"
        )
    return taken


def of_classes(data: Data, first: int, end: int | None = None, samples: int | None = None) -> Data:
    """The data of the classes from `first` on, below `end`; of the training set so many `samples` at most."""

    def places(targets: Tensor) -> Tensor:
        fits = targets >= first if end is None else (targets >= first) & (targets < end)
        return fits.nonzero().flatten().cpu()

    validation = data.validation and chosen(data.validation, places(data.validation.targets))
    return replace(
        data,
        train=chosen(data.train, places(data.train.targets)[:samples]),
        validation=validation,
        test=chosen(data.test, places(data.test.targets)),
    )


def _measured(trainer: Trainer, steps: list[int]) -> Iterator[tuple[int, Mapping[str, float]]]:
    """The metrics of a training at these steps, by their place; they end where it diverges."""
    try:
        for row, step in enumerate(steps):
            while trainer.steps_taken < step:
                trainer.step()
            yield row, trainer.evaluate()
    except Diverged:
        return


def _put(found: dict[str, Tensor], way: str, row: int, metrics: Mapping[str, float]) -> None:
    for name, value in metrics.items():
        series = found.setdefault(f"{way}.{name}", torch.full((len(found["steps"]),), torch.nan))
        series[row] = value


def _gain(found: dict[str, Tensor]) -> Tensor:
    """How much lower the test loss is by fine-tuning, in the mean; NaN where a training diverged."""
    scratch, tuned = (found.get(f"{way}.test_loss") for way in ("scratch", "fine_tuning"))
    return torch.tensor(torch.nan) if scratch is None or tuned is None else (scratch - tuned)[1:].mean()


def _copied(found: dict[str, Tensor]) -> Arrays:
    return {name: tensor.clone() for name, tensor in found.items()}
