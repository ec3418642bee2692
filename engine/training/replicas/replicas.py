"""Replicas: the parts of a trainer that trains an experiment with several seeds at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch

from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.data.load import Data, load
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.random_streams import stream
from glassnet.engine.training.compilation import Compilation
from glassnet.engine.training.criterion import Criterion, encoder
from glassnet.engine.training.parameter_groups import in_turns, parameter_groups
from glassnet.engine.training.regularization import AppliedRegularizer, apply_regularizer
from glassnet.engine.training.replicas.batches import StackedBatches
from glassnet.engine.training.replicas.evaluator import StackedEvaluator
from glassnet.engine.training.replicas.networks import Networks
from glassnet.engine.training.replicas.passes import StackedPasses, is_vectorized
from glassnet.engine.training.replicas.samples import StackedData
from glassnet.engine.training.single import Single
from glassnet.engine.training.step import Turn


class Replicas:
    """The networks, samples and generators of all replicas; replica i has those of seed + i."""

    def __init__(self, first: Single, known: Sequence[Data], blobs: Blobs) -> None:
        """Replicas beside the first, which is from now on a view of its row.

        `known` are the samples of the first replicas. Raises InvalidExperiment.
        """
        self._first, self._experiment, self._plan = first, first.experiment, first.plan
        training = first.experiment.training
        self.count, seeds = (
            training.replicas,
            range(first.experiment.seed, first.experiment.seed + training.replicas),
        )
        self.data = StackedData(self._samples(known, blobs), encoder(first.experiment, first.dtype))
        first.use(self.data.of_replicas[0])
        self.networks = Networks.started(first.network, first.plan, first.experiment, blobs)
        device = first.device
        self._dropout = [first.dropout, *(stream(seed, "dropout", device) for seed in seeds[1:])]
        others = zip(self.data.of_replicas[1:], seeds[1:], strict=True)
        self._loaders = [
            first.loader,
            *(BatchLoader(data, seed, first.dtype, device) for data, seed in others),
        ]
        draws = any(item.draws for item in training.regularizers)
        self._noise = [stream(seed, "gradient_noise", device) for seed in seeds] if draws else []
        self.groups = parameter_groups(first.network, training, self.networks.parameters)
        self.regularizers = self._regularizers()
        self._look_at(first, 0)

    def view(self, index: int, blobs: Blobs) -> Single:
        """What one replica has for itself, to be looked at: its tensors are those that train."""
        experiment = self._experiment.of_replica(index)
        data, device = self.data.of_replicas[index], self._first.device
        return self._look_at(Single(experiment, self._plan, data, device=device, blobs=blobs), index)

    def _look_at(self, single: Single, index: int) -> Single:
        """Have the parts of one training be those of a replica."""
        own = dict(self.networks.bind(single.network, index).named_parameters())
        single.lay_out(
            [group.of_replica(index, [own[name] for name in group.names]) for group in self.groups]
        )
        for regularizer, whole in zip(single.regularizers, self.regularizers, strict=True):
            regularizer.share(whole, index)
        return single

    def _samples(self, known: Sequence[Data], blobs: Blobs) -> list[Data]:
        """The samples of each replica, of which the first are known. Raises InvalidExperiment."""
        experiment, first = self._experiment, self._first
        others = range(experiment.seed + len(known), experiment.seed + self.count)
        return [
            *known[: self.count],
            *(load(experiment.data, seed, first.dtype, first.device, blobs) for seed in others),
        ]

    def generators(self) -> dict[str, Sequence[torch.Generator]]:
        """The generators on the device, by purpose, one for each replica."""
        changes = [loader.generator for loader in self._loaders if loader.generator is not None]
        drawn = {"dropout": self._dropout, "augmentation": changes, "gradient_noise": self._noise}
        return {purpose: generators for purpose, generators in drawn.items() if generators}

    def _regularizers(self) -> list[AppliedRegularizer]:
        """The regularizers, each applied to every replica alone."""
        none: list[torch.Generator | None] = [None] * self.count
        return [
            apply_regularizer(item, self.groups, generators=self._noise if item.draws else none)
            for item in self._experiment.training.regularizers
        ]

    def batches(self) -> StackedBatches:
        """The batches of the training sets."""
        encode = encoder(self._experiment, self._first.dtype)
        return StackedBatches(self.data.sets["train"], self._loaders, encode)

    @property
    def compilation(self) -> Compilation | None:
        """The compilation of the first, which says that replicas are not compiled where they are to be."""
        asked = self._first.compilation
        if asked is not None and asked.stage != "impossible":
            asked.give_up("replicas are computed together")
        return asked

    def turns(self, criterion: Criterion) -> list[Turn]:
        """What a step consists of (see step.py): one turn, as replicas have a single update."""
        training = self._passes(self._first.network).training
        return [
            Turn(groups, partial(training, criterion.of(names), groups))
            for groups, names in in_turns(self.groups, self._experiment.training)
        ]

    def evaluator(self, criterion: Criterion, *, at_once: int, captured: int) -> StackedEvaluator:
        """The evaluation of all replicas over whole sets."""
        passes, task = self._passes(self._first.evaluation_network), self._experiment.task
        of_data = criterion.without_penalties()
        measure = partial(passes.evaluation, task, self._plan.loss_nodes[0], of_data)
        return StackedEvaluator(
            self.data, task, measure, criterion=of_data, at_once=at_once, captured=captured
        )

    def _passes(self, network: Network) -> StackedPasses:
        drawing = [placed.name for placed in self._plan.nodes if placed.item.draws]
        precision = self._experiment.training.precision
        return StackedPasses(
            network,
            self.networks,
            self._dropout,
            drawing,
            precision,
            is_vectorized(self._plan, self._experiment),
            self._first.memory_format,
        )

    def follow(self, experiment: Experiment, plan: Plan) -> None:
        """Take over an edited experiment that differs in live fields alone."""
        self._first.follow(experiment, plan)
        self._experiment, self._plan = experiment, plan
        for group, update in zip(self.groups, experiment.training.updates, strict=True):
            group.optimizer, group.schedule = update.optimizer, update.schedule
        for regularizer, item in zip(self.regularizers, experiment.training.regularizers, strict=True):
            regularizer.follow(item)
