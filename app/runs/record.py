"""A run's record, `run.json`: what the service knows of a run besides journal and checkpoints."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from glassnet.app.runs.states import FOUND, State
from glassnet.engine.errors import DamagedFile, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.in_short import data_in_short, network_in_short
from glassnet.engine.experiment.validation import first_problem
from glassnet.engine.files import untrusted
from glassnet.engine.files.storage import replace

log = logging.getLogger(__name__)

Unwatched = Literal["continue", "pause", "stop"]

#: What a run's directory, and so the run, may be called.
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"

#: Bytes of a record; characters of a text in its reason, which is cut there when it is written.
MOST_RECORD, MOST_WORDS = 1 << 16, 4_000

Count = Annotated[int, Field(ge=0, le=2**53)]


def _is_kept(state: State) -> State:
    if state in FOUND:
        raise ValueError("a state that a record can say")
    return state


def _of_scalars(reason: dict[str, Any]) -> dict[str, Any]:
    if any(
        len(value) > MOST_WORDS if isinstance(value, str) else isinstance(value, dict | list)
        for value in reason.values()
    ):
        raise ValueError(f"numbers, and texts of at most {MOST_WORDS:,} characters")
    return reason


def _has_words(reason: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(reason.get(name), str) for name in ("title", "detail")):
        raise ValueError("a title and a detail, both text")
    return reason


Reason = Annotated[
    dict[Annotated[str, Field(max_length=40)], Any],
    AfterValidator(_of_scalars),
    Field(max_length=16),
    AfterValidator(_has_words),
]


@dataclass
class RunRecord:
    """The record of one run."""

    __pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore")

    id: Annotated[str, Field(pattern=f"^{NAME}$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    #: Seconds since 1970.
    created: Annotated[float, Field(ge=0, le=1e11)]
    state: Annotated[State, AfterValidator(_is_kept)] = "queued"
    #: The reason of the state, where there is one: title, detail, and further numbers and texts.
    reason: Reason | None = None
    unwatched: Unwatched = "continue"
    #: Whether it is an example that no user has taken possession of (see unwatched.py).
    example: bool = False
    #: Whether it is at rest for want of viewers alone, and plays again when one comes.
    resting: bool = False
    #: Whether a user gave it its title; otherwise that follows the experiment.
    named: bool = True
    #: Its number in the order of creation; 0: not numbered yet.
    number: Count = 0
    #: Its data and network in a few words (engine/experiment/in_short.py); empty: not known yet.
    data: Annotated[str, Field(max_length=200)] = ""
    network: Annotated[str, Field(max_length=200)] = ""
    #: The last test loss, and the steps a second that it is to take at most.
    loss: float | None = None
    speed: Annotated[float, Field(gt=0)] | None = None
    #: The run it was forked from.
    parent: Annotated[str, Field(max_length=80)] | None = None
    step: Count = 0
    epoch: Annotated[float, Field(ge=0)] = 0.0
    life: Count = 0
    revision: Count = 0

    def tell_apart(self, experiment: Experiment) -> bool:
        """Record the experiment's data and network in short; returns whether either is another."""
        before = self.data, self.network
        self.data, self.network = data_in_short(experiment), network_in_short(experiment)
        return (self.data, self.network) != before

    def write(self, directory: Path) -> None:
        """Replace the record in a run directory. Raises StorageError."""
        replace(directory / "run.json", [json.dumps({**asdict(self), "reason": _cut(self.reason)}).encode()])

    @classmethod
    def read(cls, directory: Path, name: str) -> RunRecord | None:
        """The record in a run directory; None where there is none. Raises DamagedFile."""
        try:
            found = untrusted.read_object(directory / "run.json", MOST_RECORD)
            record = _RECORDS.validate_json(json.dumps(found))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise DamagedFile(f"run.json: {first_problem(error)}") from None
        if record.id != name:
            said = f"'id' is '{record.id}'; expected '{name}', as the directory is called"
            raise DamagedFile(f"run.json: {said}")
        return record


_RECORDS = TypeAdapter(RunRecord)


def finite(number: float | None) -> float | None:
    """A number that a record can hold; None where it is not finite."""
    return number if number is not None and math.isfinite(number) else None


def _cut(reason: dict[str, Any] | None) -> dict[str, Any] | None:
    """A reason within the limits of what `read` accepts."""
    if reason is None:
        return None
    return {
        name: value[:MOST_WORDS] if isinstance(value, str) else value
        for name, value in list(reason.items())[:16]
    }


class RecordWriter:
    """Writes a run's record; a full disk only delays it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        #: Whether the disk has an older record.
        self.waits = False

    def keep(self, record: RunRecord) -> None:
        """Write the record, or note that the disk refused it."""
        try:
            record.write(self._directory)
            self.waits = False
        except StorageError as error:
            self.waits = True
            log.warning("the record waits: %s", error, extra={"run": record.id})
