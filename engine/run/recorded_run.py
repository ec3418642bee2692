"""RecordedRun: a run directory as conditions look at it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glassnet.engine.experiment.recorded import evaluated_metrics, recorded_metrics
from glassnet.engine.frame import decode
from glassnet.engine.items.comparison import Series
from glassnet.engine.items.probe import Probe
from glassnet.engine.network.planner import plan
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import LIVES
from glassnet.engine.run.resume import last_row

#: The states of a run that goes no further by itself.
ENDED = ("finished", "failed", "stopped")

#: Rows that are read at a time.
PAGE = 10_000


class RecordedRun:
    """What a run has recorded; of its rows, those that led to where it stands."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory, self._experiment = directory, directory.experiment()

    @property
    def step(self) -> int:
        """The step of its newest row."""
        last = last_row(self._directory)
        return 0 if last is None else last[0]

    @property
    def ended(self) -> bool:
        """Whether it goes no further."""
        return (self._directory.last_event("state") or {}).get("state") in ENDED

    @property
    def parameters(self) -> int:
        """The number of parameters of its network."""
        return plan(self._experiment).parameters

    @property
    def metrics(self) -> Mapping[str, bool | None]:
        """What its rows record, by whether more of it is better."""
        return recorded_metrics(self._experiment)

    def series(self, metric: str) -> Series:
        """The numbers of a metric, by step."""
        probe = "evaluation" if metric in evaluated_metrics(self._experiment) else "progress"
        rows: list[tuple[int, float, float]] = []
        start = 0
        while (page := self._directory.rows(probe, start, PAGE)).count:
            values = page.columns.get(metric, np.full(page.count, np.nan))
            places = zip(page.numbers, page.columns["step"], values, strict=True)
            rows += [(int(number), float(step), float(value)) for number, step, value in places]
            start = page.next
        for event in self._directory.events():
            if event["type"] in LIVES:
                # A reset leads to nothing before it; a rewind goes on from the steps up to its own.
                first, last = event["rows"][probe], event["step"] if event["type"] == "rewind" else -1
                rows = [row for row in rows if row[0] >= first or row[1] <= last]
        return [(step, value) for _, step, value in rows]

    def numbers(self, probe: Probe, array: str, index: tuple[int, ...]) -> Series:
        """The numbers at a place of a probe's array, by step, as its pictures were recorded."""
        found = []
        for data in self._directory.frames(probe.key):
            stamp, arrays = decode(data)
            if array not in arrays:
                raise ValueError(f"no array '{array}'; expected one of {', '.join(arrays)}")
            try:
                found.append((float(stamp["step"]), float(arrays[array][index])))
            except (IndexError, TypeError):
                size = " × ".join(map(str, arrays[array].shape))
                raise ValueError(f"no single number at {list(index)} of '{array}' ({size})") from None
        return sorted(found)
