"""Degradation: a network with and without its shortcuts, as deep as it is and shallower, side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, Mistake, Panel, option
from glassnet.engine.errors import Diverged, InvalidCommand, InvalidDocument
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.node import Node
from glassnet.engine.network.depth import depth
from glassnet.engine.network.planner import plan
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History
from glassnet.engine.training.trainer import Trainer

#: Seconds of one network's turn, and between two frames.
TURN, EVERY = 0.1, 0.25


class Degradation(NetworkStudy):
    """Degradation: the training of the network with and without its shortcuts, and of shallower ones.

    `plain` leaves every shortcut out, `shortcuts` has them all; `shallow_plain` and `shallow_shortcuts`
    repeat an eighth of the layers that the network repeats (of a ResNet: 18 layers), where it repeats any.
    All have the same seed, batches and steps, and train in turns. Arrays: `steps` int32 (rows,); for each
    network `NETWORK.loss` float32 (rows,), the mean loss of its batches since the row before, NaN where it
    has not come so far, or diverged, and `NETWORK.layers` int32 (), its layers with weights; at the end
    `margin` float32 (), how much lower the last loss is with shortcuts than without. Where a deeper plain
    network has the higher training loss this is degradation, not overfitting (He et al. 2016, figures 1, 4).
    """

    kind: Literal["degradation"] = "degradation"
    panel = Panel("Degradation", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("Same data, batches and steps: only shortcuts and depth differ.",),
        cons=("One seed, and short: given longer, the plain network comes nearer.",),
        use="To see what shortcuts are for.",
        example=Example(
            "Fifty convolutions: without shortcuts they learn less than eight do, with them they do not.",
            preset="digits-fifty-layers-residual",
            claim={"metric": "margin", "op": ">", "value": 1.43},
        ),
        mistakes=(
            Mistake(
                "A deeper network trains worse because it overfits.",
                "Its training loss is the higher one: this is degradation.",
            ),
        ),
        shows=("plain.loss@steps", "shortcuts.loss@steps"),
    )
    steps: int = option(176, "The steps of each network.", unit="steps", ge=1, le=10**6)
    rows: int = option(16, "The number of means of the loss.", ge=1, le=200)

    def check_experiment(self, experiment: Experiment) -> None:
        try:
            for made in networks(experiment).values():
                plan(made)
        except InvalidDocument as error:
            raise InvalidCommand.at("/study", error.problems[0].message) from None
        except ValueError as error:
            raise InvalidCommand.at("/study", str(error)) from None

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        steps = np.unique(np.linspace(0, self.steps, self.rows + 1).astype(np.int32))[1:].tolist()
        courses = [_Course(name, made, trainer) for name, made in networks(trainer.experiment).items()]
        found: dict[str, Tensor] = {"steps": torch.tensor(steps, dtype=torch.int32)}
        for each in courses:
            found[f"{each.name}.layers"] = torch.tensor(depth(each.trainer.plan.nodes), dtype=torch.int32)
            found[f"{each.name}.loss"] = torch.full((len(steps),), torch.nan)
        due = time.monotonic()
        for row, step in enumerate(steps):
            for _ in _in_turns(courses, step):
                if time.monotonic() >= due:
                    taken = sum(each.trainer.steps_taken for each in courses)
                    yield StudyFrame(taken / (len(courses) * self.steps), _copied(found))
                    due = time.monotonic() + EVERY
            for each in courses:
                found[f"{each.name}.loss"][row] = each.loss()
        found["margin"] = (found["plain.loss"] - found["shortcuts.loss"])[-1]
        yield StudyFrame(1.0, _copied(found))


def networks(experiment: Experiment) -> dict[str, Experiment]:
    """The experiments that are compared, by name: without and with shortcuts, then shallower ones.

    Raises ValueError where the network has no shortcuts that could be left out or put in, and
    InvalidExperiment where it is none without them.
    """
    nodes = experiment.network
    plain, whole = ([node.with_shortcuts(present) for node in nodes] for present in (False, True))
    if plain == whole:
        raise ValueError(
            "the network has no shortcuts that could be left out; expected residual blocks, bottlenecks, or "
            "a ResNet"
        )
    found = {"plain": plain, "shortcuts": whole}
    shallow = {name: [node.shallower() for node in made] for name, made in found.items()}
    if shallow != found:
        found |= {f"shallow_{name}": made for name, made in shallow.items()}
    return {name: _with_network(experiment, made) for name, made in found.items()}


def _with_network(experiment: Experiment, nodes: list[Node]) -> Experiment:
    """The experiment with another network, from initial weights. Raises InvalidExperiment."""
    document: dict[str, Any] = experiment.document()
    document["network"] = [node.model_dump(mode="json") for node in nodes]
    document["training"]["start_from"] = None
    return Experiment.parse(document)


class _Course:
    """The training of one network."""

    def __init__(self, name: str, experiment: Experiment, parent: Trainer) -> None:
        self.name, self.diverged = name, False
        self.trainer = Trainer(
            experiment,
            device=parent.device,
            limits=parent.limits,
            blobs=parent.blobs,
            share_data_with=parent,
        )

    def advance(self, step: int) -> bool:
        """Train for a turn; returns whether the step is reached, or never will be."""
        until = time.monotonic() + TURN
        try:
            while not self.diverged and self.trainer.steps_taken < step and time.monotonic() < until:
                self.trainer.step()
        except Diverged:
            self.diverged = True
        return self.diverged or self.trainer.steps_taken >= step

    def loss(self) -> float:
        """The mean loss of the batches since it was last asked for; NaN where one was not finite."""
        try:
            return math.nan if self.diverged else self.trainer.take_loss()
        except Diverged:
            self.diverged = True
            return math.nan


def _in_turns(courses: list[_Course], step: int) -> Iterator[None]:
    """Train all of them up to a step."""
    waiting = courses
    while waiting:
        left = []
        for each in waiting:
            if not each.advance(step):
                left.append(each)
            yield
        waiting = left


def _copied(found: dict[str, Tensor]) -> Arrays:
    return {name: tensor.clone() for name, tensor in found.items()}
