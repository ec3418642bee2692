"""Experiment: every choice of a user as one versioned JSON document."""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar

import pydantic_core
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError, PydanticKnownError

from glassnet.engine.catalog import Choice, Document, catalog, option
from glassnet.engine.catalog.shown import Shown
from glassnet.engine.errors import InvalidCommand, InvalidExperiment, Problem
from glassnet.engine.experiment.precision import Precision
from glassnet.engine.experiment.validation import MAX_PROBLEMS, Keys, pointer, problems_of, shortened
from glassnet.engine.files.blobs import BlobReference
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.items.layers.linear import Linear
from glassnet.engine.items.losses import LossName
from glassnet.engine.items.node import Nodes
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.adam import Adam
from glassnet.engine.items.probe import MOST_REPLICAS, Probe
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.schedules.constant import Constant
from glassnet.engine.items.stops import Stop
from glassnet.engine.items.tasks import Task
from glassnet.engine.items.tasks.classification import Classification

#: A larger document is refused unread; a thousand nodes with every option spelled out fit well.
MAX_BYTES = 1 << 20

#: The title of an experiment that has none of its own.
UNTITLED = "Untitled"

#: The largest seed.
LARGEST_SEED = 2**53 - 1

#: The most epochs of a training, and of one command.
MOST_EPOCHS = 10**6


Keyed = TypeVar("Keyed", bound=Probe | Stop)


def _one_a_kind(items: list[Keyed]) -> list[Keyed]:
    """The items, each at most once. Raises PydanticCustomError at the second of two equal ones."""
    keys: set[str] = set()
    for index, item in enumerate(items):
        if item.key in keys:
            raise PydanticCustomError(
                "duplicate_item",
                "this {noun} stands here twice with the same options; expected it once",
                {"pointer": f"/{index}", "noun": "probe" if isinstance(item, Probe) else "stop"},
            )
        keys.add(item.key)
    return items


def _named_once(names: list[str]) -> list[str]:
    """The names, each at most once. Raises PydanticCustomError at the second of two equal ones."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise PydanticCustomError(
                "duplicate_name",
                "'{name}' stands here twice; expected it once",
                {"pointer": f"/{index}", "name": name},
            )
    return names


class Update(Document):
    """One optimizer: the parameters it updates, by which losses, how, and how often.

    Where no update names its losses, all are of one pass. Else each has a pass of its own, in the order of
    the list, over the weights that the updates before it have left; its gradient is that of its own losses.
    """

    nodes: str = option(
        "*", "The nodes whose parameters it updates: a name, or a pattern such as conv*.", max_length=200
    )
    losses: Annotated[list[LossName], AfterValidator(_named_once)] | None = option(
        None,
        "The names of the losses that it follows, in a pass of its own after the updates before it; empty: "
        "the sum of all.",
        min_length=1,
        max_length=16,
    )
    optimizer: Annotated[Optimizer, Choice(Optimizer)] = option(Adam(), "How a gradient becomes a step.")
    schedule: Annotated[Schedule, Choice(Schedule)] = option(Constant(), "How the learning rate changes.")
    every: int = option(
        1,
        "Batches from one update to the next, which goes along the mean of their gradients.",
        unit="batches",
        ge=1,
        le=10**6,
    )


#: The most patterns of a list.
MOST_PATTERNS = 64

#: A node's name, a block's, or a pattern such as conv*.
NodePattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class StartFrom(Document):
    """A state dict that a training starts from, and the nodes that take their tensors from it."""

    weights: BlobReference = Field(
        description="The state dict: the reference that POST /api/weights returned."
    )
    nodes: list[NodePattern] = option(
        ["*"],
        "The nodes that take their tensors from it: names, or patterns such as stage1*. With * the state "
        "dict may have no others.",
        min_length=1,
        max_length=MOST_PATTERNS,
    )
    without: list[NodePattern] = option(
        [],
        "Nodes among them that start with initial values, such as the output of another task.",
        max_length=MOST_PATTERNS,
    )


class Training(Document):
    """How the network is trained. Parameters that no update names keep their initial values."""

    start_from: StartFrom | None = option(
        None, "The weights that training starts from; left out, the initial values of each node."
    )
    frozen: list[NodePattern] = option(
        [],
        "Nodes that training leaves as they are: no update moves their parameters, and they compute as in "
        "evaluation, so that a batch norm keeps its statistics and dropout drops nothing.",
        max_length=MOST_PATTERNS,
    )

    updates: list[Update] = option(
        [Update.model_construct()], "One entry for each optimizer.", min_length=1, max_length=64
    )
    regularizers: list[Annotated[Regularizer, Choice(Regularizer)]] = option(
        [], "Penalties and bounds on weights and gradients.", max_length=64
    )
    stops: Annotated[list[Annotated[Stop, Choice(Stop)]], AfterValidator(_one_a_kind)] = option(
        [],
        "What ends the training before its epochs are over. The first that holds ends it.",
        live=True,
        max_length=16,
    )
    replicas: int = option(
        1,
        "Trainings side by side: replica i has seed + i for everything, from data to order. Curves are "
        "of replica 0, which is the training without this option; a band shows the range of all, and a line "
        "their median.",
        ge=1,
        le=MOST_REPLICAS,
    )
    batch_size: int = option(
        10, "Samples between two steps. Small regularises, large admits a larger rate.", ge=1, le=10**6
    )
    shuffle: Literal["each_epoch", "once", "never"] = option("each_epoch", "When the samples are shuffled.")
    last_batch: Literal["keep", "drop"] = option("keep", "Whether an epoch's incomplete last batch is used.")
    epochs: int = option(300, "Passes over the training set.", unit="epochs", ge=1, le=MOST_EPOCHS, live=True)
    evaluate_every: int | None = option(
        None, "Steps from one evaluation to the next, besides each epoch's end.", unit="steps", ge=1, le=10**9
    )
    device: Literal["auto", "cpu", "cuda"] = option(
        "auto",
        "Where the run trains: on a GPU where its host has one (auto), on the CPU, or on a GPU. An edit "
        "moves a run with its weights, its optimizer's state and its order of samples; dropout and "
        "augmentations draw other numbers there, the same whenever the same step is moved. Without a GPU, or "
        "on a server that is set to the CPU, every run trains on the CPU.",
    )
    precision: Precision = option(
        "float32",
        "The numbers that a training step computes with. bfloat16 has 8 bits: products use it (autocast), "
        "weights and all that is shown stay float32; a CPU without instructions for it is slower with it, "
        "which the status says. tf32 rounds what products read to 11 bits, on a GPU; "
        "elsewhere it is float32.",
    )
    deterministic: bool = option(
        False,
        "On a GPU, use only kernels that sum in the same order each time: every run gives the same bits. "
        "Some are slower (overlapping pooling, upsampling), and a node that has no such kernel ends the "
        "run. On the CPU all kernels are deterministic.",
    )
    compile: bool = option(
        False,
        "Let torch.compile make code for the network, in the background, where the run's host has a "
        "compiler. Training begins without it and takes it up between two steps, so low bits differ from "
        "there on, and not at the same step each time. Large networks gain from it; small ones may not.",
        live=True,
    )


def _collecting(probes: list[Probe]) -> list[Probe]:
    """The probes, each of which covers many steps. Raises PydanticCustomError at the first that does not."""
    for index, probe in enumerate(probes):
        if not probe.collects:
            fitting = ", ".join(kind for kind, item in catalog(Probe).items() if item.collects)
            raise PydanticCustomError(
                "not_collected",
                "{kind} covers no more than one step; expected one of {fitting}",
                {"pointer": f"/{index}", "kind": str(probe.kind), "fitting": fitting},
            )
    return probes


def _whole(version: Any) -> Any:
    """The version as it is, if it is an int: True and 1.0 equal 1 in Python, but not in a document."""
    if type(version) is not int:
        raise PydanticKnownError("int_type")
    return version


class Experiment(Document, Shown):
    """An experiment as one JSON document: data, task, network, training, and the probes shown at first."""

    version: Annotated[Literal[1], BeforeValidator(_whole)] = option(1, "The version of this format.")
    title: str = option(UNTITLED, "The experiment's title.", live=True, min_length=1, max_length=200)
    seed: int = option(0, "The seed of every random number.", ge=0, le=LARGEST_SEED)
    data: Annotated[Dataset, Choice(Dataset)] = Field(description="The data set.")
    task: Annotated[Task, Choice(Task)] = option(
        Classification.model_construct(), "What the network's outputs mean."
    )
    network: Nodes = option(
        [Linear.model_construct(name="output", units=None)], "The nodes, in any order that has no cycle."
    )
    training: Training = option(Training.model_construct(), "How the network is trained.")
    watch: Annotated[list[Annotated[Probe, Choice(Probe)]], AfterValidator(_one_a_kind)] = option(
        [], "The probes that a new viewer sees at first.", live=True, max_length=16
    )
    collect: Annotated[
        list[Annotated[Probe, Choice(Probe)]], AfterValidator(_one_a_kind), AfterValidator(_collecting)
    ] = option(
        [],
        "The probes that the run collects from its first step on, whether they are watched or not.",
        live=True,
        max_length=4,
    )

    @classmethod
    def parse(cls, document: str | bytes | dict[str, Any]) -> Experiment:
        """The experiment of a JSON text, or of the Python values that JSON text decodes to.

            network = [{"kind": "linear", "units": 8}, {"kind": "tanh"}, {"kind": "linear", "units": None}]
            experiment = glassnet.Experiment.parse({"data": {"kind": "spiral"}, "network": network})

        Unnamed nodes are named, missing options get their defaults. Raises InvalidExperiment with a pointer
        for each problem; whether the network can be built is checked by the planner (planner.py).
        """
        value = read_json(document) if isinstance(document, str | bytes) else document
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise InvalidExperiment(problems_of(error, value, cls)) from None
        except RecursionError:
            raise InvalidExperiment.at("", "blocks too deep within blocks; expected fewer levels") from None

    def of_replica(self, index: int) -> Experiment:
        """The experiment of one replica: a training of its own, with seed + index."""
        training = self.training.model_copy(update={"replicas": 1})
        return self.model_copy(update={"seed": self.seed + index, "training": training})

    def document(self) -> dict[str, Any]:
        """The experiment as JSON values, every default written out."""
        return self.model_dump(mode="json")

    def text(self) -> str:
        """The experiment as indented JSON text."""
        return json.dumps(self.document(), indent=1, ensure_ascii=False)


class _Demand(Document):
    probes: Annotated[list[Annotated[Probe, Choice(Probe)]], AfterValidator(_one_a_kind)] = option(
        [], "The probes that a viewer watches.", max_length=32
    )


def parse_probes(probes: Any) -> list[Probe]:
    """The probes of a viewer's list. Raises InvalidCommand with pointers below `/probes`."""
    value = {"probes": probes}
    try:
        return _Demand.model_validate(value).probes
    except ValidationError as error:
        raise InvalidCommand(problems_of(error, value, _Demand)) from None


def read_json(text: str | bytes, limit: int = MAX_BYTES) -> Any:
    """The Python values of a JSON text. Raises InvalidExperiment where it is too long, too deep or not JSON.

    A byte order mark is skipped. Numbers that are not finite are refused, each with its pointer: NaN and
    Infinity, which are not JSON but which Python writes, and 1e999, which is JSON and reads as infinity.
    """
    if len(text) > limit:
        raise InvalidExperiment.at("", f"{len(text):,} bytes long; expected at most {limit:,}")
    try:
        plain = text.removeprefix("\ufeff") if isinstance(text, str) else text.removeprefix(codecs.BOM_UTF8)
        value = pydantic_core.from_json(plain, allow_inf_nan=True)
    except ValueError as error:
        raise InvalidExperiment.at("", f"not JSON: {error}") from None
    try:
        json.dumps(value, allow_nan=False)  # in C: a search in Python takes twenty times as long
    except ValueError:
        wrong = islice(_not_finite(value, []), MAX_PROBLEMS)
        problems = [
            Problem(pointer(keys), f"{shortened(number)}; expected a finite number") for keys, number in wrong
        ]
        if problems:
            raise InvalidExperiment(problems) from None
    return value


def _not_finite(value: Any, keys: Keys) -> Iterator[tuple[Keys, float]]:
    """Every number that is not finite, with its path; `keys` is the path of `value`."""
    if isinstance(value, float) and not math.isfinite(value):
        yield keys, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        yield from _not_finite(entry, [*keys, key])
