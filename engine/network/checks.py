"""Checks of an experiment's training before anything is built: updates, regularizers, batches and data."""

from __future__ import annotations

from glassnet.engine.data.order import batches
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets.augmented import Augmented
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.network import remedies
from glassnet.engine.network.graph import is_frozen, matches
from glassnet.engine.network.plan import Plan, PlannedNode
from glassnet.engine.network.replica_checks import check_replicas
from glassnet.engine.network.stop_checks import check_stops


def check_training(plan: Plan, experiment: Experiment) -> None:
    """Raise InvalidExperiment, with a pointer, where the network cannot be trained as specified."""
    _check_frozen(plan, experiment.training.frozen)
    moved = _check_updates(plan, experiment)
    _check_losses(plan, experiment)
    for index, update in enumerate(experiment.training.updates):
        following = update.schedule.follows(1)
        if following is not None:
            pointer = f"/training/updates/{index}/schedule{following.pointer}"
            check_metric(experiment, following.metric, pointer)
    for index, item in enumerate(experiment.training.regularizers):
        _check_regularizer(item, f"/training/regularizers/{index}/nodes", moved)
    _check_batches(plan, experiment)
    check_stops(experiment)
    _check_augmentations(experiment)
    check_replicas(plan, experiment)


def _check_frozen(plan: Plan, frozen: list[str]) -> None:
    """Raise InvalidExperiment for a pattern that matches no node."""
    for index, pattern in enumerate(frozen):
        if not any(matches(pattern, placed.name) for placed in plan.nodes):
            names = listed([placed.name for placed in plan.nodes])
            raise InvalidExperiment.at(
                f"/training/frozen/{index}", f"'{pattern}' matches no node; expected one of {names}"
            )


def _check_updates(plan: Plan, experiment: Experiment) -> list[PlannedNode]:
    """The nodes that the updates move. Raises InvalidExperiment where updates overlap, or reach no loss."""
    moved: dict[str, int] = {}
    for index, update in enumerate(experiment.training.updates):
        pointer = f"/training/updates/{index}/nodes"
        found = [placed for placed in plan.nodes if matches(update.nodes, placed.name)]
        if not found:
            names = listed([placed.name for placed in plan.nodes])
            raise InvalidExperiment.at(pointer, f"'{update.nodes}' matches no node; expected one of {names}")
        with_parameters = [placed.name for placed in found if placed.own]
        if not with_parameters:
            raise InvalidExperiment.at(
                pointer, f"'{update.nodes}' matches no node with parameters; expected one that has some"
            )
        frozen = experiment.training.frozen
        with_parameters = [name for name in with_parameters if not is_frozen(name, frozen)]
        if not with_parameters:
            raise InvalidExperiment.at(
                pointer, f"'{update.nodes}' matches frozen nodes alone; expected one that is not frozen"
            )
        for name in with_parameters:
            if name in moved:
                raise InvalidExperiment.at(
                    pointer,
                    f"'{update.nodes}' matches '{name}', which update {moved[name]} moves already; "
                    "expected every node in one update at most",
                )
            moved[name] = index
    if not moved.keys() & plan.loss_dependencies():
        raise InvalidExperiment.at(
            "/training/updates/0/nodes",
            f"what the updates move ({listed(list(moved))}) reaches no loss; expected some of it to",
        )
    return [placed for placed in plan.nodes if placed.name in moved]


def _check_losses(plan: Plan, experiment: Experiment) -> None:
    """Raise InvalidExperiment where an update follows a loss that is not there, or that it cannot change."""
    judged = {loss.name: node for loss, node in zip(experiment.task.losses, plan.loss_nodes, strict=True)}
    names = [name for name in judged if name is not None]
    for index, update in enumerate(experiment.training.updates):
        for place, name in enumerate(update.losses or ()):
            pointer = f"/training/updates/{index}/losses/{place}"
            if name not in names:
                known = listed(names) if names else "a loss with this name in /task/losses"
                raise InvalidExperiment.at(pointer, f"'{name}' names no loss; expected {known}")
        if update.losses is None:
            continue
        reached = set().union(*(plan.dependencies(judged[name]) for name in update.losses))
        own = [placed.name for placed in plan.nodes if matches(update.nodes, placed.name) and placed.own]
        if not reached & set(own):
            raise InvalidExperiment.at(
                f"/training/updates/{index}/losses",
                f"{listed(update.losses)}: read nothing of what '{update.nodes}' computes; "
                "expected a loss after one of these nodes",
            )


def check_metric(experiment: Experiment, metric: str, pointer: str) -> None:
    """Raise InvalidExperiment, at a pointer, where a metric is not measured in this experiment."""
    part, _, name = metric.partition("_")
    named = [f"loss_{loss.name}" for loss in experiment.task.losses if loss.name is not None]
    known = ["loss", *named, *experiment.task.metrics(experiment.data)]
    if name not in known:
        raise InvalidExperiment.at(
            pointer,
            f"'{metric}' is not measured here; expected one of {listed([f'{part}_{n}' for n in known])}",
        )
    if part == "validation" and not experiment.data.validation_count:
        raise InvalidExperiment.at(
            pointer,
            f"'{metric}' needs a validation set, and none is kept; expected a validation_share above 0",
            remedies.validation_share(),
        )


def _check_regularizer(item: Regularizer, pointer: str, moved: list[PlannedNode]) -> None:
    found = [placed for placed in moved if matches(item.nodes, placed.name)]
    if not found:
        raise InvalidExperiment.at(
            pointer, f"'{item.nodes}' matches no node that is trained; expected one that is"
        )
    parameters = [parameter for placed in found for parameter in placed.own.items()]
    if item.on_weights and not any(item.holds(name, len(shape)) for name, shape in parameters):
        raise InvalidExperiment.at(
            pointer,
            f"'{item.nodes}' matches no weights, but biases and scales alone; expected a node with weights",
        )


def _check_batches(plan: Plan, experiment: Experiment) -> None:
    """Raise InvalidExperiment where the smallest batch has too few values for a batch norm."""
    training, data = experiment.training, experiment.data
    _, _, smallest = batches(data.trained, training.batch_size, training.last_batch)
    for placed in plan.nodes:
        pixels = 1
        for size in placed.context.shape[1:]:
            pixels *= size
        if smallest * pixels < placed.item.least_values:
            raise InvalidExperiment.at(
                placed.pointer,
                f"node '{placed.name}' gets a batch of {smallest}, of which no variance can be taken; "
                "expected another batch_size, or last_batch 'drop'",
                remedies.larger_batches(experiment),
            )


def check_data(experiment: Experiment, blobs: Blobs) -> None:
    """Raise InvalidExperiment where uploaded or downloaded data are missing or differ from the document."""
    problem = experiment.data.check(blobs)
    if problem is not None:
        raise InvalidExperiment.at(f"/data{problem[0]}", problem[1])


def _check_augmentations(experiment: Experiment) -> None:
    """Raise InvalidExperiment for an augmentation that does not apply to the data set's shape."""
    if isinstance(experiment.data, Augmented):
        for index, item in enumerate(experiment.data.augmentations):
            wrong = item.check(experiment.data.shape)
            if wrong is not None:
                raise InvalidExperiment.at(f"/data/augmentations/{index}", f"'{item.kind}': {wrong}")


def listed(names: list[str]) -> str:
    """Some of the names as text for a message."""
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
