"""The Experiment: every choice a user can make, as one versioned JSON document."""

from __future__ import annotations

import difflib
import json
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from engine.catalog import Choice, Document, option
from engine.datasets import Dataset
from engine.errors import InvalidCommand, InvalidExperiment, Problem
from engine.layers.linear import Linear
from engine.node import Nodes
from engine.optimizers import Optimizer
from engine.optimizers.adam import Adam
from engine.probes import Probe
from engine.regularizers import Regularizer
from engine.schedules import Schedule
from engine.schedules.constant import Constant
from engine.tasks import Task
from engine.tasks.classification import Classification

#: A larger document is refused unread; a thousand nodes with every option spelled out fit well.
MAX_BYTES = 1 << 20

#: Problems reported at once; a document that is wrong everywhere needs no thousand lines.
MAX_PROBLEMS = 20


class Update(Document):
    """Which parameters one optimizer moves, how, and how often."""

    nodes: str = option(
        "*", "The nodes whose parameters it moves: a name, or a pattern such as conv*.", max_length=200
    )
    optimizer: Annotated[Optimizer, Choice(Optimizer)] = option(Adam(), "How a gradient becomes a step.")
    schedule: Annotated[Schedule, Choice(Schedule)] = option(Constant(), "How the learning rate changes.")
    every: int = option(1, "Batches from one update to the next.", unit="batches", ge=1, le=10**6)


class Training(Document):
    """How the network is trained. Parameters that no update names stay as they started."""

    updates: list[Update] = option([Update()], "One entry for each optimizer.", min_length=1, max_length=64)
    regularizers: list[Annotated[Regularizer, Choice(Regularizer)]] = option(
        [], "What keeps weights and gradients small.", max_length=64
    )
    batch_size: int = option(
        10, "Samples between two steps. Small regularises, large admits a larger rate.", ge=1, le=10**6
    )
    shuffle: Literal["each_epoch", "once", "never"] = option("each_epoch", "When the order is drawn anew.")
    last_batch: Literal["keep", "drop"] = option("keep", "What becomes of a last batch that is not full.")
    epochs: int = option(300, "Passes over the training set.", unit="epochs", ge=1, le=10**6, live=True)
    evaluate_every: int | None = option(
        None, "Steps from one evaluation to the next, besides each epoch's end.", unit="steps", ge=1, le=10**9
    )
    precision: Literal["float32", "float64"] = option("float32", "The numbers that training computes with.")


def _one_a_kind(probes: list[Probe]) -> list[Probe]:
    """The same picture twice is one computation; a list that asks for it twice is a mistake."""
    keys: set[str] = set()
    for index, probe in enumerate(probes):
        if probe.key in keys:
            raise PydanticCustomError(
                "duplicate_probe",
                "this probe stands here twice with the same options; expected it once",
                {"pointer": f"/{index}"},
            )
        keys.add(probe.key)
    return probes


class Experiment(Document):
    """One JSON document that says everything: data, task, network, training, and what to look at first."""

    version: Literal[1] = option(1, "The version of this format.")
    title: str = option("Untitled", "A name for people.", live=True, min_length=1, max_length=200)
    seed: int = option(0, "Where all randomness comes from.", ge=0, le=2**53 - 1)
    data: Annotated[Dataset, Choice(Dataset)] = Field(description="What is learned from.")
    task: Annotated[Task, Choice(Task)] = option(Classification(), "What the answer means.")
    network: Nodes = option([Linear(name="output", units=None)], "The nodes, in any order that has no cycle.")
    training: Training = option(Training(), "How it is trained.")
    watch: Annotated[list[Annotated[Probe, Choice(Probe)]], AfterValidator(_one_a_kind)] = option(
        [], "What a new viewer is shown at first.", live=True, max_length=16
    )

    @classmethod
    def parse(cls, document: str | bytes | dict[str, Any]) -> Experiment:
        """Read an experiment from JSON text, or from what JSON text was read into.

        Every node gets a name, every option its default. Raises InvalidExperiment with a pointer for
        each problem; whether the network can be built is the network's question (see network.py).
        """
        value = read_json(document) if isinstance(document, str | bytes) else document
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise InvalidExperiment(problems_of(error, value)) from None
        except RecursionError:
            raise InvalidExperiment.at("", "blocks too deep within blocks; expected fewer levels") from None

    def document(self) -> dict[str, Any]:
        """The whole document, every default written out."""
        return self.model_dump(mode="json")

    def text(self) -> str:
        """The document as indented JSON."""
        return json.dumps(self.document(), indent=1, ensure_ascii=False)


class _Demand(Document):
    probes: Annotated[list[Annotated[Probe, Choice(Probe)]], AfterValidator(_one_a_kind)] = option(
        [], "What a viewer wants to see.", max_length=32
    )


def parse_probes(probes: Any) -> list[Probe]:
    """A list of probes as a viewer asks for them; InvalidCommand with pointers below /probes."""
    value = {"probes": probes}
    try:
        return _Demand.model_validate(value).probes
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value)) from None


def read_json(text: str | bytes, limit: int = MAX_BYTES) -> Any:
    """JSON text as Python values; InvalidExperiment where it is too long, too deep or no JSON."""
    if len(text) > limit:
        raise InvalidExperiment.at("", f"{len(text):,} bytes long; expected at most {limit:,}")
    try:
        return pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidExperiment.at("", f"not JSON: {error}") from None


def problems_of(error: ValidationError, document: Any) -> list[Problem]:
    """pydantic's errors as problems whose pointers resolve in the document that was validated."""
    errors = error.errors(include_url=False, include_context=True)
    return [_problem(details, document) for details in errors[:MAX_PROBLEMS]]


def _problem(details: ErrorDetails, document: Any) -> Problem:
    pointer, missing = _pointer(details["loc"], document)
    context = details.get("ctx", {})
    message, value = details["msg"], details["input"]
    match details["type"]:
        case "missing":
            return Problem(pointer, f"'{missing}' is missing; expected it here")
        case "extra_forbidden":
            return Problem(pointer, f"unknown field '{details['loc'][-1]}'; expected none of this name")
        case "union_tag_not_found":
            return Problem(pointer, "'kind' is missing; expected an object with a kind")
        case "union_tag_invalid":
            return Problem(
                f"{pointer}/kind", _unknown_kind(str(context["tag"]), str(context["expected_tags"]))
            )
        case _ if "pointer" in context:
            return Problem(pointer + str(context["pointer"]), message)
        case _:
            said = message[0].lower() + message[1:] if not message.startswith("'") else message
            return Problem(pointer, f"{_shortened(value)}: {said}")


def _pointer(location: tuple[int | str, ...], document: Any) -> tuple[str, str | None]:
    """The pointer for pydantic's location, and the first part of it that is not in the document.

    A location also names the kind of each union it passed through, and the branch of a plain union;
    those are no keys of the document and are left out.
    """
    pointer, value, tagged = "", document, False
    for index, part in enumerate(location):
        if isinstance(value, dict) and not tagged and value.get("kind") == part:
            tagged = True
        elif isinstance(value, dict) and part in value:
            pointer, value, tagged = f"{pointer}/{_escaped(str(part))}", value[part], False
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            pointer, value, tagged = f"{pointer}/{part}", value[part], False
        elif isinstance(value, dict) and index == len(location) - 1:
            return pointer, str(part)
    return pointer, None


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _unknown_kind(tag: str, expected: str) -> str:
    kinds = [kind.strip(" '") for kind in expected.split(",")]
    close = difflib.get_close_matches(tag, kinds, n=1)
    meant = f" (did you mean '{close[0]}'?)" if close else ""
    return f"unknown kind {_shortened(tag)}{meant}; expected one of {', '.join(kinds)}"


def _shortened(value: Any) -> str:
    """A value as it may stand in a message."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 128:
        # Python refuses to print integers of several thousand digits.
        return f"a whole number of {value.bit_length():,} bits"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return repr(text[:37] + "…" if len(text) > 40 else text) if isinstance(value, str) else text[:40]
