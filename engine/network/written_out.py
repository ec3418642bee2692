"""A block or an architecture written out as the nodes that it expands to, which can be edited."""

from __future__ import annotations

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.blocks.subnetwork import Subnetwork
from glassnet.engine.network import planner


def written_out(experiment: Experiment, pointer: str) -> Subnetwork:
    """The node at a pointer as a subnetwork of the nodes that it expands to.

    Names, shapes and first weights stay what they were, as a subnetwork expands to its body. Raises
    InvalidExperiment, at the pointer, where the document has no node, or one that does not expand.
    """
    insides = planner.plan(experiment).insides
    if pointer not in insides:
        raise InvalidExperiment.at(
            pointer, "no block and no architecture is here; expected the pointer of one, such as /network/0"
        )
    node, inside = insides[pointer]
    return Subnetwork.model_construct(name=node.name, inputs=node.inputs, weights=None, body=list(inside))
