"""Evaluator: loss and metrics over whole sets, by captured passes that are replayed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from glassnet.engine.data.load import Inputs, Samples
from glassnet.engine.items.monitored import is_loss
from glassnet.engine.items.tasks import Task, reduced
from glassnet.engine.network.limits import Limits
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.criterion import Criterion, totals
from glassnet.engine.training.observed import Observed
from glassnet.engine.training.passes import evaluation_pass, measured
from glassnet.engine.training.replay import capture

#: Samples in one forward pass of an evaluation, and numbers that it leaves: more would only need memory.
EVALUATION_BATCH, EVALUATION_NUMBERS = 2048, 16_000_000


def samples_at_once(plan: Plan, limits: Limits, replicas: int = 1) -> int:
    """Samples whose outputs of all nodes, of all replicas, are no more numbers than is right."""
    numbers = min(EVALUATION_NUMBERS, limits.activations or EVALUATION_NUMBERS)
    return max(1, min(EVALUATION_BATCH, numbers // (plan.activations * replicas)))


class Evaluator:
    """The evaluation of a network in evaluation mode on several sets."""

    def __init__(
        self,
        sets: dict[str, Samples],
        task: Task,
        judged: str,
        *,
        network: Network,
        criterion: Criterion,
        encode: Callable[[Tensor], list[Tensor]],
        at_once: int,
        captured: int,
        memory_format: torch.memory_format,
        unit: float | None = None,
    ) -> None:
        """Prepare the passes over `sets`.

        `judged` is the node of the first loss; `encode` encodes a set's targets for each loss. A
        pass has `at_once` samples, and is captured if it has at most `captured`. `unit` is the size of one
        trained unit in the target's original units; None: they are the same.
        """
        self._criterion = criterion
        self._sizes = {name: len(samples) for name, samples in sets.items()}
        self._measures: list[str] = []
        self._task, self._unit = task, unit
        self._passes: list[tuple[str, int, Callable[[], Sequence[Tensor]]]] = []
        for name, samples in sets.items():
            encoded = encode(samples.targets)
            for start in range(0, len(samples), at_once):
                part = slice(start, start + at_once)
                targets, compared = samples.targets[part], [target[part] for target in encoded]
                measure = partial(measured, task, judged, criterion, targets, compared, self._measures)
                compute = evaluation_pass(network, samples.inputs, part, measure, memory_format)
                # A capture keeps all intermediate tensors; in a large pass overhead does not matter anyway.
                again = capture(compute)[1] if len(targets) <= captured else compute
                self._passes.append((name, len(targets), again))

    def means(self, only: str | None = None) -> dict[str, list[float]]:
        """The means over each set, or over one alone, as `SET_loss` and `SET_METRIC`, of the one network.

        For standardised values, `SET_absolute_error_original` is in the target's original units.
        """
        means: dict[str, float] = {}
        for name, size in self._sizes.items():
            if only in (None, name):
                losses, whole = self._reduced(name)
                means |= {f"{name}_{loss}": float(value) for loss, value in losses.items()}
                means |= {f"{name}_{m}": v for m, v in self._task.conclude(whole, size).items()}
        if self._unit is not None:
            errors = [name for name in means if name.endswith("_absolute_error")]
            means |= {f"{name}_original": means[name] * self._unit for name in errors}
        return {name: [mean] for name, mean in means.items()}

    def _reduced(self, name: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The losses of a set (see `Criterion.every`), and its measures over all of its batches."""
        losses = len(self._task.losses)
        sums, parts = list[list[Tensor]](), dict[str, list[Tensor]]()
        for part, _, again in self._passes:
            if part != name:
                continue
            found = again()  # first, because the pass sets the measures' names
            sums.append([own.cpu().clone() for own in found[:losses]])
            for measure, value in zip(self._measures, found[losses:], strict=True):
                parts.setdefault(measure, []).append(value.detach().cpu().clone())
        return self._criterion.every(totals(sums)), reduced(parts, sorted(self._task.concatenated))


def are_measured(means: dict[str, float]) -> bool:
    """Whether an evaluation has values: its losses are finite, and no metric is infinite.

    A metric of nothing, such as the overlap of a class that is not there, is NaN.
    """
    return all(
        math.isfinite(value) if is_loss(name) else not math.isinf(value) for name, value in means.items()
    )


def predicted(of: Observed, inputs: Inputs) -> Tensor:
    """The predictions of a network in evaluation mode for inputs (samples, …): classes, or values."""
    task, judged, size = of.experiment.task, of.plan.loss_nodes[0], of.evaluation_batch
    parts = [
        task.predictions(task.losses[0], of.evaluation_network(inputs[start : start + size])[judged])
        for start in range(0, len(inputs), size)
    ]
    return torch.cat(parts)
