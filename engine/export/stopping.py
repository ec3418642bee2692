"""The stops of an exported script: rules that its loop reads, and the way back to the best weights."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.recorded import ORIGINAL, progress_metrics, recorded_metrics
from glassnet.engine.export.measuring import MeasuringPrinter
from glassnet.engine.items.monitored import set_of
from glassnet.engine.items.stops import Stop
from glassnet.engine.probes.progress import rows_every

BATCH_LOSS = "batch_loss"

LOOP, WITHIN = " " * 8, " " * 12


class StopPrinter(MeasuringPrinter):
    """The printer of what ends the training loop before its steps are over."""

    @property
    def stops(self) -> list[Stop]:
        return self.experiment.training.stops

    def followed(self) -> list[str]:
        """The metrics of whole sets that schedules and stops read, each once."""
        own = [metric for metric in self._read_by_stops() if metric not in progress_metrics(self.experiment)]
        return list(dict.fromkeys([*super().followed(), *own]))

    def _read_by_stops(self) -> Iterator[str]:
        for stop in self.stops:
            yield from stop.metrics().values()

    def _check_stops(self) -> None:
        """Raise InvalidExperiment for a stop that reads what a script does not have."""
        for index, stop in enumerate(self.stops):
            for pointer, metric in stop.metrics().items():
                if metric.endswith(ORIGINAL) or (
                    metric in progress_metrics(self.experiment) and metric != BATCH_LOSS
                ):
                    raise InvalidExperiment.at(
                        f"/training/stops/{index}{pointer}",
                        f"'{metric}' cannot be exported; expected a loss or a metric of values as trained on",
                    )

    def stops_made(self) -> list[str]:
        """The lines that make the rules, before the loop."""
        if not self.stops:
            return []
        self._check_stops()
        metrics = recorded_metrics(self.experiment)
        calls = [self._print(stop.call(metrics)) for stop in self.stops]
        made = [f"    stop{index} = {call}" for index, call in enumerate(calls)]
        return [*made, "    began = time.monotonic()"]

    def stops_read(self, per_epoch: int) -> list[str]:
        """The lines that read them after a step, and end the loop where one holds."""
        if not self.stops:
            return []
        lines = ["row = {}", *self._rows(per_epoch), "seconds = time.monotonic() - began", "ended = None"]
        for index, stop in enumerate(self.stops):
            due = self._due(stop, per_epoch)
            read = f"stop{index}(step, seconds, row)"
            lines.append(f"if {due}{read} and ended is None:")
            lines.append(f"    ended = stop{index}")
            if stop.goes_back:
                lines.append(f'if stop{index}.state["best_step"] == step:')
                lines.append(f"    best{index} = {{n: t.clone() for n, t in network.state_dict().items()}}")
        lines += ["if ended is not None:", '    print(f"stopped at step {step}")']
        for index, stop in enumerate(self.stops):
            if stop.goes_back:
                lines.append(f"    if ended is stop{index}:")
                lines.append(f"        network.load_state_dict(best{index})")
        return [f"{LOOP}{line}" for line in [*lines, "    break"]]

    def _rows(self, per_epoch: int) -> Iterator[str]:
        """The lines that record what the stops read."""
        read = list(self._read_by_stops())
        for part in dict.fromkeys(set_of(metric) for metric in read if metric != BATCH_LOSS):
            yield f"if {self._evaluated(per_epoch)}:"
            yield f"    measured = {self.measured(part)}.items()"
            yield f'    row |= {{f"{part}_{{name}}": value for name, value in measured}}'
        if BATCH_LOSS in read:
            every = rows_every(per_epoch)
            yield f"if step % {every} == 0:"
            yield f'    row["{BATCH_LOSS}"] = sum(losses[-{every}:]) / {every}'

    def _evaluated(self, per_epoch: int) -> str:
        """The condition under which whole sets are evaluated after a step."""
        every = self.experiment.training.evaluate_every
        ends = f"step % {per_epoch} == 0"
        return ends if every is None else f"({ends} or step % {every} == 0)"

    def _due(self, stop: Stop, per_epoch: int) -> str:
        match stop.check:
            case "step":
                return ""
            case "epoch":
                return f"step % {per_epoch} == 0 and "
            case _:
                return f"{self._evaluated(per_epoch)} and "
