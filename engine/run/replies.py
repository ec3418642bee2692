"""Replies: the messages of a session, acks and errors of commands, and status messages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from glassnet.engine.errors import Problem
from glassnet.engine.experiment.precision import emulated
from glassnet.engine.run.current_training import CurrentTraining
from glassnet.engine.run.outlet import Outlet
from glassnet.engine.run.recorder import Recorder
from glassnet.engine.run.throttle import Throttle
from glassnet.engine.training.device import device_use

State = Literal["paused", "training", "finished", "failed", "stopped"]

#: Seconds between two status messages.
STATUS_EVERY = 0.25


class PlayerStatus(Protocol):
    """The parts of a session's player that its status contains."""

    current: CurrentTraining
    recorder: Recorder
    throttle: Throttle
    state: State
    reason: dict[str, Any] | None


class Replies:
    """The text messages of one session."""

    def __init__(self, outlet: Outlet, clock: Callable[[], float]) -> None:
        self._outlet, self._clock = outlet, clock
        self._since, self._rate = (clock(), 0), 0.0
        self._due = clock()
        self._told: dict[str, Any] = {}
        #: The use of a device when it was last asked for, and when and of which device that was.
        self._used: dict[str, Any] | None = None
        self._asked: tuple[str, float] | None = None

    def ack(self, number: Any, step: int, **answer: Any) -> None:
        """Send the ack of a command."""
        self._outlet.text({"type": "ack", "id": number, "step": step, **answer})

    def refuse(self, number: Any, problems: tuple[Problem, ...], **extra: Any) -> None:
        """Send the error of a command."""
        errors = [problem.document() for problem in problems]
        said = {"type": "error", "id": number, "detail": str(problems[0]), "errors": errors}
        self._outlet.text({**said, **extra})

    def begin(self, steps: int) -> None:
        """Start measuring the speed at this step."""
        self._since = (self._clock(), steps)

    def status(self, player: PlayerStatus, *, force: bool = False) -> None:
        """Send the status if it has changed: at once if forced, else at most every STATUS_EVERY seconds."""
        now = self._clock()
        if now < self._due and not force:
            return
        current, trainer = player.current, player.current.trainer
        status = {
            "type": "status",
            "state": player.state,
            "step": trainer.steps_taken,
            "epoch": trainer.epoch,
            "epochs": current.experiment.training.epochs,
            "steps_per_epoch": trainer.steps_per_epoch,
            "life": current.life,
            "revision": current.revision,
            "samples_per_second": self._speed(player, now),
            "device": current.device,
            "device_use": self._use(current.device, now),
            "tier": trainer.tier.name,
            "tier_detail": trainer.tier.detail
            or emulated(current.experiment.training.precision, current.device),
            "speed": player.throttle.speed,
            "metrics": _finite(player.recorder.latest),
            "reason": player.reason,
            "unsaved": player.recorder.behind,
        }
        if status != self._told:
            self._told = status
            self._due = now + STATUS_EVERY
            self._outlet.text(status)

    def _speed(self, player: PlayerStatus, now: float) -> int:
        """The samples a second over the last STATUS_EVERY seconds."""
        since, steps = self._since
        trainer = player.current.trainer
        if now - since >= STATUS_EVERY:
            self._rate = (trainer.steps_taken - steps) * trainer.order.samples_per_step / (now - since)
            self._since = (now, trainer.steps_taken)
        return round(self._rate) if player.state == "training" else 0

    def _use(self, device: str, now: float) -> dict[str, Any] | None:
        """The use of a device, asked for every STATUS_EVERY seconds at most: the driver takes its time."""
        if self._asked is None or self._asked[0] != device or now - self._asked[1] >= STATUS_EVERY:
            self._used, self._asked = _use(device), (device, now)
        return self._used


def _use(device: str) -> dict[str, Any] | None:
    """The card and its memory in whole MiB, so that a few bytes are no other status; None for the CPU."""
    use = device_use(device)
    if use is None:
        return None
    own, used, total = (size >> 20 << 20 for size in (use.own, use.used, use.total))
    return {"name": use.name, "own": own, "used": used, "total": total}


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that are numbers: JSON has no NaN, which the overlap of a class that is nowhere is."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
