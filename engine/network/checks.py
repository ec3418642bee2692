"""What can be said of a training before anything is built: who moves what, and whether batches are enough."""

from __future__ import annotations

from glassnet.engine.data.order import batches
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets.images import Images
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.network.graph import matches
from glassnet.engine.network.plan import Placed, Plan


def check_training(plan: Plan, experiment: Experiment) -> None:
    """Raises InvalidExperiment, with a pointer, where the network cannot be trained as asked."""
    moved = _check_updates(plan, experiment)
    for index, item in enumerate(experiment.training.regularizers):
        _check_regularizer(item, f"/training/regularizers/{index}/nodes", moved)
    _check_batches(plan, experiment)
    _check_augmentations(experiment)


def _check_updates(plan: Plan, experiment: Experiment) -> list[Placed]:
    """Every update moves something of its own, and together they reach a loss; the nodes they move."""
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
        for name in with_parameters:
            if name in moved:
                raise InvalidExperiment.at(
                    pointer,
                    f"'{update.nodes}' matches '{name}', which update {moved[name]} moves already; "
                    "expected every node in one update at most",
                )
            moved[name] = index
    if not moved.keys() & plan.judging():
        raise InvalidExperiment.at(
            "/training/updates/0/nodes",
            f"what the updates move ({listed(list(moved))}) reaches no loss; expected some of it to",
        )
    return [placed for placed in plan.nodes if placed.name in moved]


def _check_regularizer(item: Regularizer, pointer: str, moved: list[Placed]) -> None:
    found = [placed for placed in moved if matches(item.nodes, placed.name)]
    if not found:
        raise InvalidExperiment.at(
            pointer, f"'{item.nodes}' matches no node that is trained; expected one that is"
        )
    on_weights = item.penalty() is not None or item.after_update() is not None
    if on_weights and not any(len(shape) > 1 for placed in found for shape in placed.own.values()):
        raise InvalidExperiment.at(
            pointer,
            f"'{item.nodes}' matches no weights, but biases and scales alone; expected a node with weights",
        )


def _check_batches(plan: Plan, experiment: Experiment) -> None:
    """A batch norm needs more than one number a channel, in the smallest batch, too."""
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
            )


def check_data(experiment: Experiment, blobs: Blobs) -> None:
    """Own and downloaded data are there, and are what the experiment says. Raises InvalidExperiment."""
    problem = experiment.data.check(blobs)
    if problem is not None:
        raise InvalidExperiment.at(f"/data{problem[0]}", problem[1])


def _check_augmentations(experiment: Experiment) -> None:
    """Each can change pictures of the data set's shape."""
    if isinstance(experiment.data, Images):
        for index, item in enumerate(experiment.data.augmentations):
            wrong = item.check(experiment.data.shape)
            if wrong is not None:
                raise InvalidExperiment.at(f"/data/augmentations/{index}", f"'{item.kind}': {wrong}")


def listed(names: list[str]) -> str:
    """Some names, for a message."""
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
