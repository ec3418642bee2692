"""Evaluation of all replicas: loss and metrics of each over its own whole sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor

from glassnet.engine.items.tasks import Task, reduced
from glassnet.engine.training.criterion import Criterion, totals
from glassnet.engine.training.replay import capture
from glassnet.engine.training.replicas.samples import StackedData, StackedSamples

#: A function of inputs, targets, encoded targets, and a list for the metrics' names; it gives a pass.
Measure = Callable[[Callable[[], Tensor], Tensor, list[Tensor], list[str]], Callable[[], Sequence[Tensor]]]


class StackedEvaluator:
    """The evaluation of replicas in evaluation mode on several sets."""

    def __init__(
        self,
        data: StackedData,
        task: Task,
        measure: Measure,
        *,
        criterion: Criterion,
        at_once: int,
        captured: int,
    ) -> None:
        """A pass has `at_once` samples of each replica, and is captured if it has at most `captured`."""
        self._sizes = {name: len(samples) for name, samples in data.sets.items()}
        self._criterion = criterion
        self._task, self._units = task, data.units
        self._metrics: list[str] = []
        self._passes: list[tuple[str, int, Callable[[], Sequence[Tensor]]]] = []
        for name, samples in data.sets.items():
            for start in range(0, len(samples), at_once):
                stop = min(start + at_once, len(samples))
                compute = self._pass(samples, start, stop, measure)
                again = capture(compute)[1] if stop - start <= captured else compute
                self._passes.append((name, stop - start, again))

    def _pass(
        self, samples: StackedSamples, start: int, stop: int, measure: Measure
    ) -> Callable[[], Sequence[Tensor]]:
        encoded = [target[:, start:stop] for target in samples.encoded]
        inputs = partial(samples.part, start, stop)
        return measure(inputs, samples.targets[:, start:stop], encoded, self._metrics)

    def means(self, only: str | None = None) -> dict[str, list[float]]:
        """The means of each replica over each set, or over one alone, as `SET_loss` and `SET_METRIC`.

        For standardised values, `SET_absolute_error_original` is in the target's original units.
        """
        means: dict[str, list[float]] = {}
        for name in self._sizes:
            if only in (None, name):
                means |= self._means_of(name)
        if self._units is not None:
            errors = [name for name in means if name.endswith("_absolute_error")]
            for name in errors:
                values = zip(means[name], self._units, strict=True)
                means[f"{name}_original"] = [value * unit for value, unit in values]
        return means

    def _means_of(self, name: str) -> dict[str, list[float]]:
        """The means over one set."""
        losses, measures, size = *self._reduced(name), self._sizes[name]
        found = {f"{name}_{loss}": values.tolist() for loss, values in losses.items()}
        for index in range(len(losses["loss"])):
            own = {measure: whole[index] for measure, whole in measures.items()}
            for metric, value in self._task.conclude(own, size).items():
                found.setdefault(f"{name}_{metric}", []).append(value)
        return found

    def _reduced(self, name: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Of a set, on the host: the losses of each replica, and its measures over all batches."""
        losses = len(self._task.losses)
        sums, parts = list[list[Tensor]](), dict[str, list[Tensor]]()
        for part, _, again in self._passes:
            if part != name:
                continue
            found = again()  # first, because the pass sets the measures' names
            sums.append([own.cpu().clone() for own in found[:losses]])
            for measure, value in zip(self._metrics, found[losses:], strict=True):
                # Samples first, where those of all batches are put in a row.
                joined = measure in self._task.concatenated
                own = value.transpose(0, 1) if joined else value
                parts.setdefault(measure, []).append(own.cpu().clone())
        whole = reduced(parts, sorted(self._task.concatenated))
        concatenated = self._task.concatenated & whole.keys()
        rows = {measure: whole[measure].transpose(0, 1) for measure in concatenated}
        return self._criterion.every(totals(sums)), whole | rows
