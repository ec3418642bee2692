"""Warnings: combinations that can be trained, and that do not do what was meant. Nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.errors import Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.network import remedies
from glassnet.engine.network.course_warnings import course_warnings
from glassnet.engine.network.output_warnings import is_constant, output_warnings
from glassnet.engine.network.plan import Plan, PlannedNode


def warnings(plan: Plan, experiment: Experiment) -> list[Problem]:
    """The warnings of an experiment, each once, at a node or at a field."""
    found = [
        *output_warnings(plan, experiment),
        *_activations(plan, experiment),
        *_one_line(plan, experiment),
        *_idle_heads(plan, experiment),
        *course_warnings(experiment),
    ]
    return list(dict.fromkeys(found))


def _activations(plan: Plan, experiment: Experiment) -> Iterator[Problem]:
    learns: set[str] = set()
    for placed in plan.nodes:
        behind = any(source.name in learns for source in placed.sources)
        if placed.own or behind:
            learns.add(placed.name)
        item = placed.item
        if not isinstance(item, Activation):
            continue
        if item.flat and behind:
            yield Problem(
                placed.pointer,
                f"{item.label()} has the slope 0: no gradient passes it, so what is before it learns nothing",
                remedies.another_kind(placed, "sigmoid"),
            )
        if is_constant(placed):
            yield Problem(
                placed.pointer,
                f"{item.label()} shares 1 out among the units, and there is one: it gives the same, "
                "whatever arrives, and no gradient passes it",
                remedies.without(placed, experiment),
            )
        if item.of_probabilities and not _gives_probabilities(plan, placed):
            yield Problem(
                placed.pointer,
                f"{item.label()} is defined between 0 and 1: what arrives beyond is limited, "
                "and has no gradient there",
                remedies.before(plan, placed, "Put a sigmoid before it", {"kind": "sigmoid"}),
            )


def _gives_probabilities(plan: Plan, placed: PlannedNode) -> bool:
    """Whether what a node reads is between 0 and 1."""
    source = placed.sources[0].name
    item = plan[source].item if source in plan else None
    return isinstance(item, Activation) and item.gives == "probabilities"


def _one_line(plan: Plan, experiment: Experiment) -> Iterator[Problem]:
    """Of a network that draws a single line through data that none separates."""
    if experiment.data.separable is not False or not _is_linear(plan):
        return
    needed = plan.loss_dependencies()
    line = next((placed for placed in reversed(plan.nodes) if placed.own and placed.name in needed), None)
    if line is not None:
        yield Problem(
            line.pointer,
            "one line cannot separate these classes, wherever it turns: a hidden layer bends it",
            remedies.hidden_layer(plan, line),
        )


def _idle_heads(plan: Plan, experiment: Experiment) -> Iterator[Problem]:
    """Of architectures with auxiliary heads that no loss reads."""
    for index, node in enumerate(experiment.network):
        heads = node.heads() if isinstance(node, Architecture) else {}
        idle = {f"{node.name}.{head}": weight for head, weight in heads.items()}
        idle = {head: weight for head, weight in idle.items() if head not in plan.loss_nodes}
        if idle:
            yield Problem(
                f"/network/{index}",
                f"no loss reads {' and '.join(idle)}, so the auxiliary heads learn nothing and help nothing",
                remedies.losses_at(idle, experiment),
            )


def _is_linear(plan: Plan) -> bool:
    """Whether no activation comes before a node with parameters, on the way to a loss."""
    needed, bent = plan.loss_dependencies(), set[str]()
    for placed in plan.nodes:
        behind = any(source.name in bent for source in placed.sources)
        if placed.name in needed and placed.own and behind:
            return False
        if behind or isinstance(placed.item, Activation):
            bent.add(placed.name)
    return True
