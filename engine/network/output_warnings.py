"""Warnings of what stands before a loss: numbers that it takes, and cannot be brought to 0 with."""

from __future__ import annotations

import math
from collections.abc import Iterator

from glassnet.engine.errors import Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.identity import Identity
from glassnet.engine.items.losses import Loss
from glassnet.engine.network import remedies
from glassnet.engine.network.plan import Plan, PlannedNode

#: What a node does that a loss sees through: the numbers that it gives are those that it reads.
PASSED = ("training_only", "flattening")

#: The least probability that the greatest possible answer of a classifier should have.
CERTAIN = 0.99


def output_warnings(plan: Plan, experiment: Experiment) -> Iterator[Problem]:
    """The warnings of the nodes that losses read, each at the node that gives the numbers."""
    for index, (loss, name) in enumerate(zip(experiment.task.losses, plan.loss_nodes, strict=True)):
        judged = _seen(plan, plan[name])
        if is_constant(judged):
            continue
        given = judged.item.gives if isinstance(judged.item, Activation) else "logits"
        if loss.takes == "logits" and given == "probabilities":
            yield _twice(judged, loss, experiment)
        elif loss.takes == "log_probabilities" and given != loss.takes:
            yield _no_logarithms(judged, loss, index, experiment)
        elif loss.takes != "log_probabilities":
            yield from _summed_shares(plan, judged, loss, experiment)
            yield from _out_of_reach(judged, loss, experiment)


def is_constant(placed: PlannedNode) -> bool:
    """Whether a node shares 1 out among a single unit, which gets all of it, whatever arrives."""
    return isinstance(placed.item, Activation) and placed.item.shares and placed.context.shape[0] == 1


def _seen(plan: Plan, placed: PlannedNode) -> PlannedNode:
    """The node whose numbers a loss sees at a node."""
    while placed.item.role in PASSED or isinstance(placed.item, Identity):
        before = placed.sources[0].name
        if before not in plan:
            break
        placed = plan[before]
    return placed


def _twice(judged: PlannedNode, loss: Loss, experiment: Experiment) -> Problem:
    return Problem(
        judged.pointer,
        f"{loss.label()} takes logits and applies a {loss.contains} itself; "
        f"behind this {judged.kind} its gradients fade, and no answer can be certain",
        remedies.without(judged, experiment),
    )


def _no_logarithms(judged: PlannedNode, loss: Loss, index: int, experiment: Experiment) -> Problem:
    """Of a loss that takes log-probabilities and reads something else."""
    shares = isinstance(judged.item, Activation) and judged.item.gives == "probabilities"
    mended = remedies.another_kind(judged, "log_softmax") if shares else None
    return Problem(
        judged.pointer,
        f"{loss.label()} takes log-probabilities, and this node gives others: "
        f"the loss falls without end, whatever is learned; expected a log-softmax here",
        mended or remedies.another_loss(experiment, index, "cross_entropy"),
    )


def _summed_shares(plan: Plan, judged: PlannedNode, loss: Loss, experiment: Experiment) -> Iterator[Problem]:
    """Of numbers between 0 and 1 that a sum, as at a residual's end, adds to logits."""
    if loss.takes != "logits" or judged.item.role != "sum":
        return
    for source in judged.sources:
        added = _seen(plan, plan[source.name]) if source.name in plan else None
        if added and isinstance(added.item, Activation) and added.item.gives == "probabilities":
            yield Problem(
                added.pointer,
                f"what this {added.kind} gives is added to logits, which are any numbers: "
                "it changes none of them by more than 1",
                remedies.without(added, experiment),
            )


def _out_of_reach(judged: PlannedNode, loss: Loss, experiment: Experiment) -> Iterator[Problem]:
    """Of an activation that cannot give the numbers for which a loss would be least."""
    item = judged.item
    bounds = item.bounds() if isinstance(item, Activation) else None
    if bounds is None or not isinstance(item, Activation) or item.flat:
        return
    least, greatest = bounds
    below, above = (False, False) if item.of_probabilities else item.flat_ends()
    reason = _one_side(least, greatest, loss, experiment) or _uncertain(
        least, greatest, loss, judged.context.shape[0]
    )
    if reason:
        # Where the targets are −1 and 1, a bounded function between them is what was meant.
        centred = loss.labels == "plus_minus" and experiment.data.classes is not None
        mended = remedies.another_kind(judged, "tanh") if centred and math.isfinite(greatest) else None
        yield Problem(
            judged.pointer, f"{item.label()} {reason}", mended or remedies.without(judged, experiment)
        )
    elif experiment.data.classes is not None and (below or above):
        yield Problem(
            judged.pointer,
            f"{item.label()} is flat {f'below {_number(least)}' if below else f'above {_number(greatest)}'}: "
            "a class whose sum is there for every sample gets no gradient, and is never answered",
            remedies.without(judged, experiment),
        )


def _one_side(least: float, greatest: float, loss: Loss, experiment: Experiment) -> str:
    """Why targets on both sides of 0 cannot be met; empty where they can."""
    if least < 0 < greatest:
        return ""
    missing = "below" if least >= 0 else "above"
    if experiment.data.classes is None:
        return f"gives nothing {missing} 0, and some of the values are" if experiment.data.two_sided else ""
    both = {"zero_one": "no is a number below 0, yes one above", "plus_minus": "the targets are −1 and 1"}
    if loss.labels not in both:
        return ""
    return f"gives nothing {missing} 0, and for {remedies.inline(loss.label())} {both[loss.labels]}"


def _uncertain(least: float, greatest: float, loss: Loss, units: int) -> str:
    """Why the loss of a classifier stays far from 0; empty where it need not."""
    width = greatest - least
    lead = loss.lead
    if lead is not None and width < lead:
        return f"lets outputs differ by {width:g} at most, so that a lead of {lead:g} is never won"
    if loss.takes != "logits" or not math.isfinite(width):
        return ""
    # The greatest output for the right answer, and the least for all others.
    odds = math.exp(-greatest) if loss.labels == "zero_one" else (units - 1) * math.exp(-width)
    certain = 1 / (1 + odds)
    if certain >= CERTAIN:
        return ""
    between = f"{_number(least)} and {_number(greatest)}"
    return f"keeps logits between {between}: no answer is more certain than {certain:.0%}"


def _number(value: float) -> str:
    """A number with a minus sign, as texts have it."""
    return f"{value:g}".replace("-", "−")
