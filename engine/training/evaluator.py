"""Evaluator: loss and metrics over whole sets, by captured passes that are replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from glassnet.engine.data.load import Samples
from glassnet.engine.items.tasks import Task
from glassnet.engine.network.module import Network
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.passes import evaluation_pass, measured
from glassnet.engine.training.replay import capture


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
        encode: Callable[[Samples], list[Tensor]],
        at_once: int,
        captured: int,
        memory_format: torch.memory_format,
        unit: float | None = None,
    ) -> None:
        """Prepare the passes over `sets`.

        `judged` is the node of the first loss; `encode` returns a set's targets, encoded for each loss. A
        pass has `at_once` samples, and is captured if it has at most `captured`. `unit` is the size of one
        trained unit in the target's original units; None: they are the same.
        """
        self._sizes = {name: len(samples) for name, samples in sets.items()}
        self._metrics: list[str] = []
        self._unit = unit
        self._passes: list[tuple[str, int, Callable[[], Sequence[Tensor]]]] = []
        for name, samples in sets.items():
            encoded = encode(samples)
            for start in range(0, len(samples), at_once):
                part = slice(start, start + at_once)
                targets, compared = samples.targets[part], [target[part] for target in encoded]
                measure = partial(measured, task, judged, criterion, targets, compared, self._metrics)
                compute = evaluation_pass(network, samples.inputs, part, measure, memory_format)
                # A capture keeps all intermediate tensors; in a large pass overhead does not matter anyway.
                again = capture(compute)[1] if len(targets) <= captured else compute
                self._passes.append((name, len(targets), again))

    def means(self, only: str | None = None) -> dict[str, float]:
        """The means over each set, or over one alone, as `SET_loss` and `SET_METRIC`.

        For standardised values, `SET_absolute_error_original` is in the target's original units.
        """
        sums: dict[str, float] = {}
        for name, value in self._sums(only):
            sums[name] = sums.get(name, 0.0) + value
        means = {name: total / self._sizes[name.partition("_")[0]] for name, total in sums.items()}
        if self._unit is None:
            return means
        errors = [name for name in means if name.endswith("_absolute_error")]
        return means | {f"{name}_original": means[name] * self._unit for name in errors}

    def _sums(self, only: str | None) -> Iterator[tuple[str, float]]:
        for split, size, again in self._passes:
            if only not in (None, split):
                continue
            loss, *metrics = again()  # first, because the pass sets the metrics' names
            yield f"{split}_loss", float(loss) * size
            for name, value in zip(self._metrics, metrics, strict=True):
                yield f"{split}_{name}", float(value)
