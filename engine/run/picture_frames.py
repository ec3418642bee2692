"""The frames of watched pictures: computed when they are due, encoded, sent, and some of them recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from glassnet.engine.data.inputs import UnreadableInput
from glassnet.engine.errors import InvalidCommand, Problem, StorageError
from glassnet.engine.experiment.experiment import parse_probes
from glassnet.engine.frame import encode
from glassnet.engine.probes import Arrays, Collector, IncrementalLook, Picture, Probe
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.outlet import Outlet
from glassnet.engine.run.recorded_frames import MOST_FRAMES
from glassnet.engine.training.device_errors import has_lost_device
from glassnet.engine.training.trainer import Trainer

#: The range of frame numbers of each session of a run.
SEQUENCES = 10**9

#: The most time for all pictures together, as a share of training time.
SHARE = 1 / 8


@dataclass
class _WatchedPicture:
    """A watched picture."""

    probe: Picture
    look: Callable[[], Arrays]
    due: float = 0.0
    #: The seconds of computing its last frame.
    cost: float = 0.0
    #: The step of the last frame; a picture is sent once per step.
    shown: int = -1
    recorded: int = -1
    #: Whether the run collects it while no viewer watches: nothing of it is sent or recorded.
    unseen: bool = False

    @property
    def load(self) -> float:
        """The share of time that it takes at the requested rate."""
        return self.cost * self.probe.hz


class PictureFrames:
    """The watched pictures, each computed when it is due and the network has changed."""

    def __init__(self, directory: RunDirectory, outlet: Outlet, trainer: Trainer) -> None:
        self._directory, self._outlet, self._trainer = directory, outlet, trainer
        self._watched: dict[str, _WatchedPicture] = {}
        #: Functions with memory, kept also while they are not watched.
        self._collectors: dict[str, Collector] = {}
        #: The watched probes, and those that the run collects whether they are watched or not.
        self._demanded: list[Probe] = []
        self._collected: list[Picture] = []
        #: The pictures whose frames are recorded, and those that ever were, whose memory is kept.
        self._recorded: frozenset[str] = frozenset()
        self._kept: set[str] = set()
        #: Frames are numbered per key; each session of a run starts far above the previous one.
        self._sequence: dict[str, int] = {}
        self._first = SEQUENCES * directory.sessions

    def demand(self, asked: Any, kept: Any = None) -> list[str]:
        """Set the watched probes; returns their keys. Raises InvalidCommand where one does not apply.

        `kept` are the keys whose frames are recorded and whose memory is kept; None: all.
        """
        probes = parse_probes(asked)
        self.watch(probes, None if kept is None else frozenset(kept))
        return [probe.key for probe in probes]

    def watch(self, probes: list[Probe], kept: frozenset[str] | None = None) -> None:
        """Set the watched probes. Raises InvalidCommand, and changes nothing, where one does not apply."""
        watched: dict[str, _WatchedPicture] = {}
        problems = []
        for index, probe in enumerate(probes):
            if not isinstance(probe, Picture):
                continue
            try:
                watched[probe.key] = self._continued(self._at_highest_rate(probe))
            except UnreadableInput as error:
                problems.append(Problem(f"/probes/{index}/input", str(error)))
            except ValueError as error:
                problems.append(Problem(f"/probes/{index}", str(error)))
        if problems:
            raise InvalidCommand(problems)
        self._demanded, self._watched = list(probes), watched
        self._kept |= watched.keys() if kept is None else kept
        self._recorded = frozenset(watched) if kept is None else kept
        self._collect_unseen()
        self._collectors = {
            key: look for key, look in self._collectors.items() if key in watched or key in self._kept
        }

    def _continued(self, probe: Picture, *, unseen: bool = False) -> _WatchedPicture:
        """The picture as it goes on from before. Raises ValueError where it does not apply."""
        old = self._watched.get(probe.key)
        look = old.look if old else self._look(probe)
        return _WatchedPicture(probe, look, recorded=old.recorded if old else -1, unseen=unseen)

    def _at_highest_rate(self, probe: Picture) -> Picture:
        """A watched picture, at least as often as the run collects it."""
        own = [each.hz for each in self._collected if each.key == probe.key]
        return probe.model_copy(update={"hz": max([probe.hz, *own])})

    def collect(self, probes: Sequence[Probe]) -> None:
        """Set the probes that the run collects itself, and add the current step to each of them."""
        self._collected = [probe for probe in probes if isinstance(probe, Picture)]
        wanted = {probe.key for probe in (*self._demanded, *self._collected)}
        self._watched = {key: picture for key, picture in self._watched.items() if key in wanted}
        self._collect_unseen()

    def _collect_unseen(self) -> None:
        """Add the probes that the run collects to the watched ones; report one that does not apply."""
        for probe in self._collected:
            self._kept.add(probe.key)
            if probe.key in self._watched:
                continue
            try:
                picture = self._continued(probe, unseen=True)
                self._seen(picture)
            except (ValueError, RuntimeError, MemoryError) as error:
                if has_lost_device(error):
                    raise
                self._report_unwatched(probe, str(error).split("\n", 1)[0])
            else:
                self._watched[probe.key] = picture
        self._trainer.record_updates(any(each.probe.follows_updates for each in self._watched.values()))

    def _look(self, probe: Picture) -> Callable[[], Arrays]:
        """The function of a picture for the current trainer; one with memory continues from it."""
        if probe.key in self._collectors:
            return self._collectors[probe.key]
        look = probe.prepare(self._trainer.replica(probe.replica))
        if isinstance(look, Collector):
            self._collectors[probe.key] = look
            memory = self._directory.memory(probe.key, self._directory.life)
            if memory is not None:
                with suppress(ValueError):  # of another network, or damaged: it starts anew
                    look.remember(memory)
        return look

    def save_collected(self) -> None:
        """Save the memory of the probes."""
        for key, look in self._collectors.items():
            if key in self._kept and (memory := look.memory()):
                self._directory.keep_memory(key, self._directory.life, memory)

    def invalidate(self) -> None:
        """Mark all pictures to be computed again at this step, after a change by hand."""
        for picture in self._watched.values():
            picture.shown = -1

    def switch_trainer(self, trainer: Trainer) -> None:
        """Switch to another trainer; a picture that does not apply to it is removed, with a message."""
        self._trainer = trainer
        self._collectors = {key: look for key, look in self._collectors.items() if self._goes_on(key, look)}
        probes = [picture.probe for picture in self._watched.values() if not picture.unseen]
        self._watched = {}  # with all looks at the trainer before, which is freed now
        for probe in probes:
            try:
                self._watched[probe.key] = _WatchedPicture(probe, self._look(probe))
            except (ValueError, RuntimeError, MemoryError) as error:
                if has_lost_device(error):
                    raise
                self._report_unwatched(probe, str(error).split("\n", 1)[0])
        self._collect_unseen()

    def _goes_on(self, key: str, look: Collector) -> bool:
        """Whether a look with memory continues with the present trainer."""
        probe = next((each for each in self._probes() if each.key == key), None)
        replica = 0 if probe is None else probe.replica
        return replica < self._trainer.experiment.training.replicas and look.switch_trainer(
            self._trainer.replica(replica)
        )

    def _probes(self) -> Iterator[Picture]:
        """The pictures that are watched or collected."""
        yield from (picture.probe for picture in self._watched.values())
        yield from self._collected

    def kept(self) -> dict[str, Tensor]:
        """The arrays collected by the probes, by `PROBE/name`."""
        return {
            f"{picture.probe.kind}/{name}": tensor
            for picture in self._watched.values()
            if isinstance(picture.look, Collector)
            for name, tensor in picture.look.kept().items()
        }

    def _detach(self, key: str, detail: str) -> None:
        """Remove a picture, with a message on the reason."""
        self._report_unwatched(self._watched.pop(key).probe, detail)

    def _report_unwatched(self, probe: Probe, detail: str) -> None:
        self._outlet.text({"type": "unwatched", "key": probe.key, "probe": probe.kind, "detail": detail})

    def send(self, now: float, stamp: Callable[[Probe, int], dict[str, str]]) -> None:
        """Compute and send the pictures that are due, and record some of them for scrubbing.

        Raises StorageError where a frame cannot be recorded; it is sent nevertheless.
        """
        step, trouble = self._trainer.steps_taken, None
        sent: set[float] = set()
        for key, picture in list(self._watched.items()):
            if now < picture.due or picture.shown == step:
                continue
            picture.shown = step
            began = time.perf_counter()
            try:
                arrays = self._seen(picture)
            except (RuntimeError, MemoryError) as error:
                if has_lost_device(error):
                    raise
                self._detach(key, str(error).split("\n", 1)[0])
                continue
            if isinstance(picture.look, IncrementalLook) and picture.look.more:
                picture.shown = -1
            if arrays is not None:
                trouble = self._emit(picture, step, arrays, stamp) or trouble
            picture.cost = time.perf_counter() - began
            sent.add(picture.probe.hz)
        for rate in sent:
            self._put_off(rate, now)
        if trouble is not None:
            raise trouble

    def _put_off(self, rate: float, now: float) -> None:
        """Let the pictures of a rate be due together: they show the same steps, and can be compared."""
        alike = [each for each in self._watched.values() if each.probe.hz == rate]
        if not alike:  # one that is taken out has no other of its rate
            return
        period, due = max(map(self._period, alike)), max(each.due for each in alike)
        if due <= now:
            due = due + period if due + period > now else now + period
        for picture in alike:
            picture.due = due

    def _seen(self, picture: _WatchedPicture) -> Arrays | None:
        """The arrays of a picture; None where it is collected and no viewer watches."""
        if not picture.unseen or not isinstance(picture.look, Collector):
            return picture.look()
        picture.look.collect()
        return None

    def _emit(
        self,
        picture: _WatchedPicture,
        step: int,
        arrays: Arrays,
        stamp: Callable[[Probe, int], dict[str, str]],
    ) -> StorageError | None:
        """Send a frame, and record it where it is due; returns the error of a disk that refuses it."""
        key, trouble = picture.probe.key, None
        number = self._sequence[key] = self._sequence.get(key, self._first - 1) + 1
        data = encode(stamp(picture.probe, number), arrays)
        if self._is_recorded(picture, step):
            picture.recorded = step
            try:
                self._directory.record_frame(key, step, data)
            except StorageError as error:
                trouble = error
        self._outlet.frame(key, data, False)
        return trouble

    def _is_recorded(self, picture: _WatchedPicture, step: int) -> bool:
        """Whether a frame of this step is recorded: at intervals, for probes that controllers watch."""
        if not picture.probe.recorded or picture.probe.key not in self._recorded:
            return False
        every = max(1, self._trainer.steps // MOST_FRAMES)
        return picture.recorded < 0 or not 0 <= step - picture.recorded < every

    def _period(self, picture: _WatchedPicture) -> float:
        """Seconds until its next frame: expensive pictures are sent less often, so that training goes on."""
        allowed = fair_share(picture.load, [each.load for each in self._watched.values()], SHARE)
        asked = 1 / picture.probe.hz
        return asked if allowed >= picture.load else max(asked, picture.cost / allowed)

    def wait(self, now: float) -> float | None:
        """Seconds until a picture of the current step is due; None where all have been sent."""
        step = self._trainer.steps_taken
        waits = [picture.due - now for picture in self._watched.values() if picture.shown != step]
        return max(0.0, min(waits)) if waits else None


def fair_share(wanted: float, by_all: list[float], whole: float) -> float:
    """The max-min fair share of one of several demands on a capacity `whole`.

    Small demands are met, and the remainder is divided among the others (Bertsekas and Gallager, Data
    Networks, section 6.5.2). `wanted` is one of `by_all`.
    """
    left = whole
    for others, least in zip(range(len(by_all), 0, -1), sorted(by_all), strict=True):
        share = min(least, left / others)
        if least >= wanted:
            return share
        left -= share
    return min(wanted, left)
