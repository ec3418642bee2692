"""Single: the parts of a trainer of one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.data.load import Data
from glassnet.engine.data.order import batches
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.memory_layout import laid_out, may_be_channels_last, memory_format
from glassnet.engine.network.module import evaluation_network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.starting_weights import started_network
from glassnet.engine.random_streams import stream
from glassnet.engine.training.batches import TrainingBatches
from glassnet.engine.training.compilation import Compilation
from glassnet.engine.training.criterion import Criterion, encoder
from glassnet.engine.training.evaluator import Evaluator
from glassnet.engine.training.image_layout import ImageLayout, faster_format, measured_once
from glassnet.engine.training.parameter_groups import ParameterGroup, in_turns, parameter_groups
from glassnet.engine.training.passes import training_pass
from glassnet.engine.training.regularization import apply_regularizer
from glassnet.engine.training.step import Pass, Turn


class Single:
    """A network, its samples and its generators, and the passes over them.

    What observers see of several replicas is of the first of them, and is this.
    """

    def __init__(self, experiment: Experiment, plan: Plan, data: Data, *, device: str, blobs: Blobs) -> None:
        """Raises InvalidExperiment where a state dict does not fit the network."""
        self.experiment, self.plan, self.data, self.device = experiment, plan, data, device
        training = experiment.training
        self.dtype = dtype_of(training.precision)
        self.loader = BatchLoader(data, experiment.seed, self.dtype, device)
        #: What dropout draws from.
        self.dropout = stream(experiment.seed, "dropout", device)
        self.network = started_network(plan, experiment, self.dropout, blobs).to(device, self.dtype)
        self._noise = (
            stream(experiment.seed, "gradient_noise", device)
            if any(item.draws for item in training.regularizers)
            else None
        )
        #: Whether the layout of images is measured where the training is on a GPU.
        self.is_open = may_be_channels_last(plan, training.precision)
        one = training.replicas == 1 and not training.deterministic
        measures = self.is_open and device != "cpu" and one
        by_rule = memory_format(plan, device, training.precision)
        self.layout = ImageLayout(by_rule, self._measured if measures else None)
        self.compilation = self._compilation()
        self.lay_out(parameter_groups(self.network, training))

    @property
    def memory_format(self) -> torch.memory_format:
        """The layout of images, measured where that is still to be done."""
        return self.layout.form

    def _measured(self) -> torch.memory_format:
        training, judged = self.experiment.training, self.plan.loss_nodes
        size = min(training.batch_size, len(self.data.train))
        shapes = [node.model_dump_json() for node in self.experiment.network]
        key = f"{shapes} {self.plan.input_shape} {size} {training.precision}"
        batch = self.loader.unchanged(size)
        return measured_once(
            key, lambda: faster_format(self.network, judged, self.dropout, training.precision, batch)
        )

    def use(self, data: Data) -> None:
        """Read these samples, which are the same, from elsewhere in memory. Before the first step."""
        self.data = data
        self.loader = BatchLoader(data, self.experiment.seed, self.dtype, self.device)

    def lay_out(self, groups: Sequence[ParameterGroup]) -> None:
        """Have the parameters in these groups, which the regularizers act on."""
        self.groups = groups
        self.regularizers = [
            apply_regularizer(item, groups, self._noise) for item in self.experiment.training.regularizers
        ]
        self.evaluation_network = evaluation_network(self.network, self.dropout)

    def follow(self, experiment: Experiment, plan: Plan) -> None:
        """Take over an edited experiment that differs in live fields alone."""
        changed = [placed for placed in plan.nodes if placed.item != self.plan[placed.name].item]
        compiled_alike = not changed and self.experiment.training.compile == experiment.training.compile
        self.experiment, self.plan = experiment, plan
        for group, update in zip(self.groups, experiment.training.updates, strict=True):
            group.optimizer, group.schedule = update.optimizer, update.schedule
        for regularizer, item in zip(self.regularizers, experiment.training.regularizers, strict=True):
            regularizer.follow(item)
        if changed:
            self.network.rebuild(changed)
            self.evaluation_network = evaluation_network(self.network, self.dropout)
        if not compiled_alike:
            if self.compilation is not None:
                self.compilation.abandon()
            self.compilation = self._compilation()

    def _compilation(self) -> Compilation | None:
        """The compiling of the network, where that is asked for."""
        training = self.experiment.training
        if not training.compile:
            return None
        drawing = [placed.name for placed in self.plan.nodes if placed.item.draws]
        return Compilation(
            self.network, self.plan.loss_nodes, drawing, self.dropout, training.precision, self._examples
        )

    def _examples(self) -> list[Tensor]:
        """A batch of each size that there is, as it enters a pass."""
        training = self.experiment.training
        size, _, smallest = batches(len(self.data.train), training.batch_size, training.last_batch)
        sizes = sorted({size, smallest}, reverse=True)
        return [laid_out(self.loader.unchanged(size), self.memory_format) for size in sizes]

    def generators(self) -> Mapping[str, Sequence[torch.Generator]]:
        """The generators on the device, by purpose."""
        drawn = {
            "dropout": self.dropout,
            "augmentation": self.loader.generator,
            "gradient_noise": self._noise,
        }
        return {purpose: [generator] for purpose, generator in drawn.items() if generator is not None}

    def batches(self) -> TrainingBatches:
        """The batches of the training set."""
        return TrainingBatches(self.loader, self.data.train.targets, encoder(self.experiment, self.dtype))

    def turns(self, criterion: Criterion) -> list[Turn]:
        """What a step consists of, in its order (see step.py)."""
        network, precision = self.compilation or self.network, self.experiment.training.precision

        def passing(
            groups: Sequence[ParameterGroup], own: Criterion, inputs: Tensor, targets: list[Tensor]
        ) -> Pass:
            form = self.memory_format
            return training_pass(network, own, groups, inputs, targets, precision, form)

        return [
            Turn(groups, partial(passing, groups, criterion.of(names)))
            for groups, names in in_turns(self.groups, self.experiment.training)
        ]

    def evaluator(self, criterion: Criterion, *, at_once: int, captured: int) -> Evaluator:
        """The evaluation of the network over whole sets."""
        return Evaluator(
            self.data.sets(),
            self.experiment.task,
            self.plan.loss_nodes[0],
            network=self.evaluation_network,
            criterion=criterion.without_penalties(),
            encode=encoder(self.experiment, self.dtype),
            at_once=at_once,
            captured=captured,
            memory_format=self.memory_format,
            unit=self.data.value_scaling.unit,
        )
