"""From the trainer of one experiment to that of another, with what fits carried over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from torch import Tensor

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.edits import trains_alike
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.run.removed_weights import RemovedWeights
from glassnet.engine.training.out_of_memory import is_out_of_memory
from glassnet.engine.training.trainer import Trainer
from glassnet.engine.training.training_state import fits, fitted


class Rebuilt(NamedTuple):
    """A trainer of an edited experiment, with the nodes that do not go on as they were."""

    trainer: Trainer
    #: Nodes whose parameters start anew.
    new: list[str]
    #: Nodes that have become larger or smaller: the units that stayed have kept their weights.
    resized: list[str]


def rebuilt(
    build: Callable[..., Trainer], experiment: Experiment, old: Trainer, removed_weights: RemovedWeights
) -> Rebuilt:
    """A trainer of another experiment, with what fits of the old one, or of what edits before took out.

    Beside each other there are two networks at most, and no copy of either. Raises InvalidExperiment, or
    InvalidCommand where there is no memory for both; the old trainer can go on then.
    """
    with memory_for("/patch"):
        trainer = build(experiment, replaces=old)
        before, after = old.tensors(), trainer.tensors()
        lost = {name: tensor for name, tensor in before.items() if not _alike(tensor, after.get(name))}
        fresh = {name: tensor for name, tensor in after.items() if not _alike(tensor, before.get(name))}
        returned = removed_weights.take(fresh)
        for name, tensor in returned.items():
            if fits(name, before.get(name, tensor), returned):  # the units that stayed have trained since
                returned[name] = fitted(before.get(name, tensor), tensor)
        trainer.load_matching({**before, **returned})
        if not trains_alike(old.experiment, experiment):
            trainer.stopping.begin_anew()  # another network has no best state yet
        removed_weights.put(lost)
    return Rebuilt(trainer, *_starting_anew(fresh.keys() - returned.keys(), before))


def _starting_anew(fresh: Collection[str], before: Mapping[str, Tensor]) -> tuple[list[str], list[str]]:
    """The nodes whose parameters all start anew, and those of which a part does."""
    prefix = "parameters/"
    of_nodes = {
        name: name.removeprefix(prefix).rpartition(".")[0] for name in fresh if name.startswith(prefix)
    }
    grown = {node for name, node in of_nodes.items() if name in before}
    return sorted(set(of_nodes.values()) - grown), sorted(grown)


@contextmanager
def memory_for(pointer: str) -> Iterator[None]:
    """Where a second trainer is built beside the present one: to have no memory for it is a refusal."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise InvalidCommand.at(
            pointer,
            "there is not enough memory to build this network beside the present one, whose weights it "
            "takes over; expected a smaller one, or fewer samples. The run goes on as it was",
        ) from None


def _alike(tensor: Tensor, other: Tensor | None) -> bool:
    """Whether one may take the place of the other."""
    return other is not None and tensor.shape == other.shape and tensor.dtype == other.dtype
