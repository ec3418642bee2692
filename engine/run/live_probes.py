"""The pictures of a session: which are watched, when each is due, what was sent and recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from glassnet.engine.data.inputs import UnreadableInput
from glassnet.engine.errors import InvalidCommand, Problem, StorageError
from glassnet.engine.experiment.experiment import parse_probes
from glassnet.engine.frame import encode
from glassnet.engine.probes import Arrays, Collector, IncrementalLook, Picture, Probe
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.recorded_frames import MOST_FRAMES
from glassnet.engine.training.device_errors import has_lost_device
from glassnet.engine.training.trainer import Trainer

#: Numbers that each session of a run has for its pictures.
SEQUENCES = 10**9

#: The share of time that all pictures together may take from training.
SHARE = 1 / 8


class Outlet(Protocol):
    """Where a session's words and pictures go."""

    def text(self, message: dict[str, Any]) -> None:
        """An ack, an error or a status."""

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """A finished frame; of scalars every one counts, of pictures the newest."""


@dataclass
class _Hung:
    """A picture that somebody looks at."""

    probe: Picture
    look: Callable[[], Arrays]
    due: float = 0.0
    #: Seconds that its last frame took.
    cost: float = 0.0
    #: The step that the last frame shows; a picture of the same step is not sent again.
    shown: int = -1
    recorded: int = -1

    @property
    def load(self) -> float:
        """The share of time that it takes at the rate that is asked for."""
        return self.cost * self.probe.hz


class LiveProbes:
    """Makes the pictures that are watched, each when it is due and there is something new to see."""

    def __init__(self, directory: RunDirectory, outlet: Outlet, trainer: Trainer) -> None:
        self._directory, self._outlet, self._trainer = directory, outlet, trainer
        self._hung: dict[str, _Hung] = {}
        #: Looks that remember what they saw, also while nobody watches.
        self._collectors: dict[str, Collector] = {}
        #: The pictures whose frames are recorded, and those that ever were: their memories last.
        self._recorded: frozenset[str] = frozenset()
        self._kept: set[str] = set()
        #: Pictures are numbered per key; each session of a run starts far above the one before.
        self._sequence: dict[str, int] = {}
        self._first = SEQUENCES * directory.sessions

    def demand(self, asked: Any, kept: Any = None) -> list[str]:
        """Show what viewers ask for; the key of each. Raises InvalidCommand where one does not apply.

        `kept` are the keys whose frames are recorded and whose memories last; None: all.
        """
        probes = parse_probes(asked)
        self.watch(probes, None if kept is None else frozenset(kept))
        return [probe.key for probe in probes]

    def watch(self, probes: list[Probe], kept: frozenset[str] | None = None) -> None:
        """Show these and no others. Raises InvalidCommand, and changes nothing, where one does not apply."""
        hung: dict[str, _Hung] = {}
        problems = []
        for index, probe in enumerate(probes):
            if not isinstance(probe, Picture):
                continue
            try:
                old = self._hung.get(probe.key)
                look = old.look if old else self._look(probe)
                hung[probe.key] = _Hung(probe, look, recorded=old.recorded if old else -1)
            except UnreadableInput as error:
                problems.append(Problem(f"/probes/{index}/input", str(error)))
            except ValueError as error:
                problems.append(Problem(f"/probes/{index}", str(error)))
        if problems:
            raise InvalidCommand(problems)
        self._hung = hung
        self._kept |= hung.keys() if kept is None else kept
        self._recorded = frozenset(hung) if kept is None else kept
        self._collectors = {
            key: look for key, look in self._collectors.items() if key in hung or key in self._kept
        }

    def _look(self, probe: Picture) -> Callable[[], Arrays]:
        """A look at the present trainer; one that remembers goes on from what it saw before."""
        if probe.key in self._collectors:
            return self._collectors[probe.key]
        look = probe.prepare(self._trainer)
        if isinstance(look, Collector):
            self._collectors[probe.key] = look
            memory = self._directory.memory(probe.key, self._directory.life)
            if memory is not None:
                with suppress(ValueError):  # of another network, or damaged: it begins anew
                    look.remember(memory)
        return look

    def put_away(self) -> None:
        """Write down what was collected."""
        for key, look in self._collectors.items():
            if key in self._kept and (memory := look.memory()):
                self._directory.keep_memory(key, self._directory.life, memory)

    def look_again(self) -> None:
        """Something was changed by hand: the same step looks another way."""
        for picture in self._hung.values():
            picture.shown = -1

    def switch_trainer(self, trainer: Trainer) -> None:
        """Look at another trainer; a picture that does not apply to it is taken down, with a word."""
        self._trainer = trainer
        self._collectors = {
            key: look for key, look in self._collectors.items() if look.switch_trainer(trainer)
        }
        probes = [picture.probe for picture in self._hung.values()]
        self._hung = {}  # with all looks at the trainer before, which is freed now
        for probe in probes:
            try:
                self._hung[probe.key] = _Hung(probe, self._look(probe))
            except (ValueError, RuntimeError, MemoryError) as error:
                if has_lost_device(error):
                    raise
                self._say_unwatched(probe, str(error).split("\n", 1)[0])

    def kept(self) -> dict[str, Tensor]:
        """What the pictures have collected, by `PROBE/name`."""
        return {
            f"{picture.probe.kind}/{name}": tensor
            for picture in self._hung.values()
            if isinstance(picture.look, Collector)
            for name, tensor in picture.look.kept().items()
        }

    def _take_down(self, key: str, detail: str) -> None:
        """Show a picture no more, and say why."""
        self._say_unwatched(self._hung.pop(key).probe, detail)

    def _say_unwatched(self, probe: Probe, detail: str) -> None:
        self._outlet.text({"type": "unwatched", "key": probe.key, "probe": probe.kind, "detail": detail})

    def send(self, now: float, stamp: Callable[[Probe, int], dict[str, str]]) -> None:
        """Make and send what is due, and keep some of it for scrubbing.

        Raises StorageError where that cannot be recorded; it is sent all the same.
        """
        step, trouble = self._trainer.steps_taken, None
        for key, picture in list(self._hung.items()):
            if now < picture.due or picture.shown == step:
                continue
            picture.shown = step
            began = time.perf_counter()
            try:
                arrays = picture.look()
            except (RuntimeError, MemoryError) as error:
                if has_lost_device(error):
                    raise
                self._take_down(key, str(error).split("\n", 1)[0])
                continue
            if isinstance(picture.look, IncrementalLook) and picture.look.more:
                picture.shown = -1
            number = self._sequence[key] = self._sequence.get(key, self._first - 1) + 1
            data = encode(stamp(picture.probe, number), arrays)
            if self._is_recorded(picture, step):
                picture.recorded = step
                try:
                    self._directory.record_frame(key, step, data)
                except StorageError as error:
                    trouble = error
            picture.cost = time.perf_counter() - began
            period = self._period(picture)
            picture.due = picture.due + period if picture.due + period > now else now + period
            self._outlet.frame(key, data, False)
        if trouble is not None:
            raise trouble

    def _is_recorded(self, picture: _Hung, step: int) -> bool:
        """Whether a picture of this step is kept: on behalf of those who may command, now and then."""
        if not picture.probe.recorded or picture.probe.key not in self._recorded:
            return False
        every = max(1, self._trainer.steps // MOST_FRAMES)
        return picture.recorded < 0 or not 0 <= step - picture.recorded < every

    def _period(self, picture: _Hung) -> float:
        """Seconds until its next: what takes long to make comes less often, or training would stand still."""
        allowed = fair_share(picture.load, [each.load for each in self._hung.values()], SHARE)
        return max(1 / picture.probe.hz, picture.cost / allowed) if allowed else 1 / picture.probe.hz

    def wait(self, now: float) -> float | None:
        """Seconds until a picture of the present step is due; None where all have been sent."""
        step = self._trainer.steps_taken
        waits = [picture.due - now for picture in self._hung.values() if picture.shown != step]
        return max(0.0, min(waits)) if waits else None


def fair_share(wanted: float, by_all: list[float], whole: float) -> float:
    """What one of several gets of a whole: all it wants where that is no more than the others leave.

    Those who want little get it, and what they leave is divided among the others (max-min fairness;
    Bertsekas and Gallager, Data Networks, section 6.5.2). `wanted` is one of `by_all`.
    """
    left = whole
    for others, least in zip(range(len(by_all), 0, -1), sorted(by_all), strict=True):
        share = min(least, left / others)
        if least >= wanted:
            return share
        left -= share
    return min(wanted, left)
