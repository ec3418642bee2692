"""Commands: the same over HTTP and WebSocket, each one a document with a `type` and an `id`."""

from __future__ import annotations

import difflib
from typing import Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Document
from glassnet.engine.errors import InvalidCommand, Problem
from glassnet.engine.experiment.validation import problems_of

CHECKPOINT_NAME = r"^[a-z][a-z0-9_-]{0,39}$"

#: A number or a short text by which the sender knows the answer again.
Id = str | int | None


class Command(Document):
    """Something a run may be told."""

    type: str
    id: Id = Field(None, description="Comes back in the answer.", union_mode="left_to_right")

    def message(self) -> dict[str, Any]:
        """What the session is sent, without the sender's id."""
        return self.model_dump(mode="json", exclude={"id"}, exclude_none=self.type == "step")


class Play(Command):
    """Take steps until paused or finished."""

    type: Literal["play"]


class Pause(Command):
    """Stop taking steps."""

    type: Literal["pause"]


class Stop(Command):
    """End the run, leaving a snapshot."""

    type: Literal["stop"]


class Reset(Command):
    """Begin a new life at step 0."""

    type: Literal["reset"]


class Step(Command):
    """Take so many steps, or epochs, and pause; acknowledged when they are taken."""

    type: Literal["step"]
    steps: int | None = Field(None, ge=1, le=10**9)
    epochs: int | None = Field(None, ge=1, le=10**6)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise PydanticCustomError("step_amount", "expected either 'steps' or 'epochs'")
        return self


class Speed(Command):
    """At most so many steps a second; null: as many as possible."""

    type: Literal["speed"]
    steps_per_second: float | None = Field(gt=0, le=10**9)


class Edit(Command):
    """Change the experiment by an RFC 6902 patch, made for this revision of it."""

    type: Literal["edit"]
    revision: int = Field(ge=0)
    patch: list[Any] = Field(description="RFC 6902 operations on the Experiment.", max_length=1000)


class Weight(Command):
    """Set one number of the network by hand."""

    type: Literal["weight"]
    node: str = Field(max_length=200)
    parameter: str = Field("weight", max_length=40)
    index: list[int] = Field(description="Its place in the parameter, from 0.", max_length=8)
    value: float = Field(ge=-1e6, le=1e6)


class Watch(Command):
    """This viewer's whole demand: probes with their options, and `hz`, how often."""

    type: Literal["watch"]
    probes: list[Any] = Field(max_length=16)


class Snapshot(Command):
    """Write a checkpoint."""

    type: Literal["snapshot"]
    name: str = Field(pattern=CHECKPOINT_NAME)


class Rewind(Command):
    """Go back to a checkpoint; a new life begins at its step."""

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
    """Set aside what cannot be read in a damaged run, and go on from what can."""

    type: Literal["repair"]


#: Every command by its type.
TYPES: dict[str, type[Command]] = {
    get_args(command.model_fields["type"].annotation)[0]: command for command in Command.__subclasses__()
}


def parse_command(value: Any) -> Command:
    """A command from what JSON text was read into; InvalidCommand with pointers into it."""
    if not isinstance(value, dict):
        raise InvalidCommand([Problem("", f"a {type(value).__name__}; expected an object with a type")])
    kind = value.get("type")
    if kind is None:
        raise InvalidCommand([Problem("", "'type' is missing; expected it here")])
    command = TYPES.get(kind) if isinstance(kind, str) else None
    if command is None:
        close = difflib.get_close_matches(str(kind)[:40], TYPES, n=1)
        meant = f" (did you mean '{close[0]}'?)" if close else ""
        raise InvalidCommand(
            [Problem("/type", f"unknown command{meant}; expected one of {', '.join(TYPES)}")]
        )
    try:
        return command.model_validate(value)
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value, command)) from None
