"""StudyRunner: several studies computed in turns.

It has no thread and no socket. Its host passes messages to `handle` and calls `advance` repeatedly, as with
a session; messages and frames are sent through a StudyOutlet.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from glassnet.engine.errors import GlassnetError
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import Stamp, encode
from glassnet.engine.network.limits import Limits
from glassnet.engine.run.outlet import Outlet
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.run.subject import subject_of
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study, StudyFrame, parse_study
from glassnet.engine.training.device_errors import has_lost_device
from glassnet.engine.training.device_memory import bound_studies
from glassnet.engine.training.out_of_memory import is_out_of_memory

log = logging.getLogger(__name__)

#: Seconds of one study's turn.
TURN = 0.05

#: Seconds between two frames of a study, and between two messages on its progress.
FRAMES_EVERY, WORDS_EVERY = 1 / 30, 0.25


class StudyOutlet(Outlet, Protocol):
    """The destination of the messages and frames of studies."""

    def settle(self, key: str) -> None:
        """Send the newest frame of a key before all messages from now on."""


@dataclass
class _Work:
    """A running study."""

    number: int
    key: str
    study: Study
    #: Its subject; None where it needs none.
    subject: Snapshot | None
    frames: Iterator[StudyFrame]
    #: The number of its next frame.
    sequence: int
    stamp: dict[str, str]
    newest: StudyFrame | None = None
    done: float = 0.0
    shown_at: float = float("-inf")
    told_at: float = float("-inf")


class StudyRunner:
    """The studies of one worker. The failure of one does not affect the others."""

    def __init__(
        self,
        outlet: StudyOutlet,
        *,
        device: str = "cpu",
        limits: Limits | None = None,
        blobs: Blobs | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device = device
        self._outlet, self._limits, self._blobs, self._clock = outlet, limits, blobs, clock
        #: The studies by number; the first has the current turn.
        self._work: dict[int, _Work] = {}
        self._turn: int | None = None

    # Messages ----------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """Start or cancel a study. Each has a number of the sender's, which all its messages contain."""
        match message.get("type"):
            case "study":
                self._begin(message)
            case "cancel":
                self._cancel(message["number"])

    def _begin(self, message: dict[str, Any]) -> None:
        number, key = int(message["number"]), str(message["key"])
        work = None
        try:
            study, named = parse_study(message["study"]), message.get("subject")
            subject = None if named is None else subject_of(named)
            work = _Work(
                number, key, study, subject, self._frames(study, subject), int(message.get("first", 0)), {}
            )
            work.stamp = _stamp(work)
            self._work[number] = work
            self._outlet.text(_words(number, key, "running", 0.0))
        except (GlassnetError, OSError, ValueError, MemoryError) as error:
            self._outlet.text(_words(number, key, "failed", 0.0, _reason(error)))

    def _frames(self, study: Study, subject: Snapshot | None) -> Iterator[StudyFrame]:
        """The frames of a study, computed on its own trainer."""
        if isinstance(study, FreeStudy):
            yield from study.compute()
        elif isinstance(study, NetworkStudy) and subject is not None:
            subjects = [work.subject for work in self._work.values() if work.subject is not None]
            bound_studies([each.experiment for each in (*subjects, subject)], self.device)
            trainer = subject.trainer(device=self.device, limits=self._limits, blobs=self._blobs)
            yield from study.compute(trainer, subject.history)
        else:
            raise ValueError(f"'{study.kind}' looks at a network; expected a run to look at")

    def _cancel(self, number: int) -> None:
        work = self._work.pop(number, None)
        if work is not None:
            _let_go(work)
            self._outlet.settle(work.key)
            self._outlet.text(_words(number, work.key, "cancelled", work.done))

    # Work --------------------------------------------------------------------------------------------

    def advance(self) -> float | None:
        """Compute one study's turn; returns 0 while there is more to do, None to wait for a message."""
        if not self._work:
            return None
        number = next(iter(self._work))
        work = self._work.pop(number)
        if self._turn != number:
            # The study announced last is the one that crashed this process, or did not yield.
            self._turn = number
            self._outlet.text({"type": "turn", "number": number})
        try:
            going_on = self._take_turn(work)
        except Exception as error:
            if has_lost_device(error):
                raise  # the others are restarted in another process
            # Any other error ends this study alone.
            reason = _reason(error)
            if not isinstance(error, GlassnetError | ValueError | MemoryError):
                log.exception("the study %s failed", work.study.kind)
            self._end(work, "failed", reason)
        else:
            if going_on:
                self._work[number] = work
            else:
                work.done = 1.0
                self._end(work, "done")
        return 0.0 if self._work else None

    def _take_turn(self, work: _Work) -> bool:
        """Compute until the turn ends; returns whether there is more to do."""
        until = self._clock() + TURN
        while True:
            frame = next(work.frames, None)
            if frame is None:
                return False
            work.newest, work.done = frame, min(1.0, max(0.0, float(frame.done)))
            now = self._clock()
            if now - work.shown_at >= FRAMES_EVERY:
                self._show(work)
                work.shown_at = now
            if now - work.told_at >= WORDS_EVERY:
                self._outlet.text(_words(work.number, work.key, "running", work.done))
                work.told_at = now
            if now >= until or len(self._work) == 0:
                return True

    def _show(self, work: _Work) -> None:
        frame, work.newest = work.newest, None
        if frame is not None:
            stamp = {**work.stamp, "seq": str(work.sequence), "done": str(work.done)}
            self._outlet.frame(work.key, encode(stamp, frame.arrays), False)
            work.sequence += 1

    def _end(self, work: _Work, state: str, detail: str = "") -> None:
        """Send the last frame, and after it the last message."""
        _let_go(work)
        try:
            self._show(work)
        except Exception as error:
            log.exception("the study %s shows what is no frame", work.study.kind)
            state, detail = "failed", detail or _reason(error)
        self._outlet.settle(work.key)
        self._outlet.text(_words(work.number, work.key, state, work.done, detail))

    def close(self) -> None:
        """End all studies."""
        for work in self._work.values():
            _let_go(work)
        self._work.clear()


def _stamp(work: _Work) -> dict[str, str]:
    at = work.subject
    return Stamp(
        run=at.run if at else "",
        probe=work.study.kind,
        key=work.key,
        seq=work.sequence,
        life=at.life if at else 0,
        revision=at.revision if at else 0,
        step=at.step if at else 0,
        epoch=at.epoch if at else 0.0,
    ).metadata()


def _words(number: int, key: str, state: str, done: float, detail: str = "") -> dict[str, Any]:
    said: dict[str, Any] = {"type": "study", "number": number, "key": key, "state": state, "done": done}
    return {**said, "detail": detail} if detail else said


def _let_go(work: _Work) -> None:
    """Close a study's generator; errors in its cleanup are only logged."""
    close = getattr(work.frames, "close", None)
    try:
        if close is not None:
            close()
    except Exception:
        log.exception("the study %s could not be closed", work.study.kind)


def _reason(error: Exception) -> str:
    """The description of an error for users, in one line."""
    said = str(error).split("\n", 1)[0]
    if is_out_of_memory(error):
        return f"out of memory: {said or 'the worker may not allocate as much as it wanted'}"
    if isinstance(error, GlassnetError | ValueError | OSError):
        return said or type(error).__name__
    return f"an error in Glassnet: {type(error).__name__}: {said}"
