"""Commands: what a run may be told, each one a document with a `type` and an `id`.

They are typed here, once: the service reads them from HTTP and WebSocket, and a session reads them again
from its link. PUBLIC are those of users, by type; SESSION are those that a session carries out, some of
them with more to say than a user may.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidCommand, Problem
from glassnet.engine.experiment.experiment import MOST_EPOCHS
from glassnet.engine.experiment.validation import problems_of

CHECKPOINT_NAME = r"^[a-z][a-z0-9_-]{0,39}$"

#: The most steps that one command takes.
MOST_STEPS = 10**9

#: A number or a short text by which the sender knows the answer again.
Id = str | int | None


class Command(Document):
    """Something a run may be told."""

    type: str
    id: Id = Field(None, description="Comes back in the answer.", union_mode="left_to_right")

    @classmethod
    def kind(cls) -> str:
        """The type that documents of this class have."""
        return str(get_args(cls.model_fields["type"].annotation)[0])

    @classmethod
    def summary(cls) -> str:
        """What it has the run do: the docstring, as it begins in a table."""
        said = " ".join((cls.__doc__ or "").split()).removesuffix(".")
        return said[0].lower() + said[1:]

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """A command of the service's own. Raises ValidationError."""
        return cls(type=cls.kind(), **fields)

    def numbered(self, number: Id) -> Self:
        """The same command under another id."""
        return self.model_copy(update={"id": number})

    def message(self) -> dict[str, Any]:
        """The command as a document, without what it leaves open."""
        optional = {name for name, field in type(self).model_fields.items() if not field.is_required()}
        return {
            name: value
            for name, value in self.model_dump(mode="json").items()
            if value is not None or name not in optional
        }


class Play(Command):
    """Take steps until paused or finished."""

    type: Literal["play"]


class Pause(Command):
    """Stop taking steps, keep everything."""

    type: Literal["pause"]


class Stop(Command):
    """End the run, leaving a snapshot, and give up the worker."""

    type: Literal["stop"]


class Reset(Command):
    """Begin anew: a new life, at step 0."""

    type: Literal["reset"]


class Step(Command):
    """Take so many steps or epochs, then pause; acknowledged when they are taken."""

    type: Literal["step"]
    steps: int | None = Field(None, ge=1, le=MOST_STEPS)
    epochs: int | None = Field(None, ge=1, le=MOST_EPOCHS)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise PydanticCustomError("step_amount", "expected either 'steps' or 'epochs'")
        return self

    def amount(self, steps_per_epoch: int) -> int:
        """How many steps that is."""
        return self.steps if self.steps is not None else (self.epochs or 0) * steps_per_epoch


class Speed(Command):
    """Take at most so many steps a second; null: as many as possible."""

    type: Literal["speed"]
    steps_per_second: float | None = Field(gt=0, le=10**9)


class Edit(Command):
    """Change the experiment by an RFC 6902 patch, made for this revision of it."""

    type: Literal["edit"]
    revision: int = Field(ge=0)
    patch: list[Any] = Field(description="RFC 6902 operations on the Experiment.", max_length=1000)


class Weight(Command):
    """Set one number of the network by hand; the ack has the one `before`."""

    type: Literal["weight"]
    node: str = Field(max_length=200)
    parameter: str = Field("weight", max_length=40)
    index: list[int] = Field(description="Its place in the parameter, from 0.", max_length=8)
    value: float = Field(ge=-1e6, le=1e6)


class Watch(Command):
    """This viewer's whole demand for frames: probes with their options, and `hz`, how often."""

    type: Literal["watch"]
    probes: list[Any] = Field(max_length=16)


class Snapshot(Command):
    """Write a checkpoint of this name."""

    type: Literal["snapshot"]
    name: str = Field(pattern=CHECKPOINT_NAME)


class Rewind(Command):
    """Go back to a checkpoint: a new life, at its step."""

    type: Literal["rewind"]
    checkpoint: str = Field(pattern=CHECKPOINT_NAME)


class Study(Command):
    """Start a computation of its own on a snapshot of the run."""

    type: Literal["study"]
    study: dict[str, Any] = Field(description="The study's kind and options.")
    checkpoint: str | None = Field(
        None, pattern=CHECKPOINT_NAME, description="What to look at; left out: the run as it is now."
    )


class Cancel(Command):
    """End a study."""

    type: Literal["cancel"]
    key: str = Field(max_length=64)


class Repair(Command):
    """Set aside what cannot be read of a damaged run, and keep the rest; the ack says what was `done`."""

    type: Literal["repair"]


class PauseFor(Pause):
    """Stop taking steps, for a reason that viewers are told."""

    reason: dict[str, Any] | None = None


class WatchAll(Watch):
    """The demand of all viewers together."""

    probes: list[Any]
    record: list[str] | None = Field(
        None, description="Keys of the probes whose frames are recorded; null: those of all."
    )


class Copy(Command):
    """Write a snapshot beside training, for a study; acknowledged when the file is whole."""

    type: Literal["copy"]
    name: str = Field(pattern=CHECKPOINT_NAME)


class KeepRaces(Command):
    """Take in the checkpoints that a study has left under this name."""

    type: Literal["keep_races"]
    name: str = Field(pattern=CHECKPOINT_NAME)


class Park(Command):
    """Leave everything to the session that goes on; the ack says what this one was at."""

    type: Literal["park"]


Commands = Mapping[str, type[Command]]


def _by_type(*commands: type[Command]) -> Commands:
    return {command.kind(): command for command in commands}


PUBLIC: Commands = _by_type(
    Play, Pause, Stop, Reset, Step, Speed, Edit, Weight, Watch, Snapshot, Rewind, Study, Cancel, Repair
)
SESSION: Commands = _by_type(
    Play, PauseFor, Stop, Reset, Step, Speed, Edit, Weight, WatchAll, Snapshot, Rewind, Copy, KeepRaces, Park
)


def parse_command(value: Any, commands: Commands = PUBLIC) -> Command:
    """A command from what JSON text was read into; InvalidCommand with pointers into it."""
    if not isinstance(value, dict):
        raise InvalidCommand([Problem("", f"a {type(value).__name__}; expected an object with a type")])
    kind = value.get("type")
    if kind is None:
        raise InvalidCommand([Problem("", "'type' is missing; expected it here")])
    command = commands.get(kind) if isinstance(kind, str) else None
    if command is None:
        close = difflib.get_close_matches(str(kind)[:40], commands, n=1)
        meant = f" (did you mean '{close[0]}'?)" if close else ""
        raise InvalidCommand(
            [Problem("/type", f"unknown command{meant}; expected one of {', '.join(commands)}")]
        )
    try:
        return command.model_validate(value)
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value, command)) from None
