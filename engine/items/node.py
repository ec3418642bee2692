"""The base classes of network nodes, and the naming of nodes in a list.

A node is either an *operation* (a layer or activation), one PyTorch module given as a Call, or a *block*,
which expands into nodes with scoped names.
"""

from __future__ import annotations

import keyword
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from torch import nn

from glassnet.engine.catalog import Choice, Item, option
from glassnet.engine.catalog.call import Call

if TYPE_CHECKING:
    from glassnet.engine.items.initializers import Initializer

#: The sizes of one sample, without the batch: (features,) or (channels, height, width).
Shape = tuple[int, ...]

#: The name of the network's input, which the first node reads unless an `input` node does.
INPUT = "input"

MAX_NODES = 1000

#: What a node does, whatever its kind is: what looks at networks asks for this and keeps no list of kinds.
Role = Literal[
    "data",
    "dense",
    "convolution",
    "max_pooling",
    "average_pooling",
    "flattening",
    "sum",
    "product",
    "concatenation",
    "batch_normalization",
    "local_normalization",
    "training_only",
]

_TAKEN = {INPUT, "self", "torch", "nn"}

#: Some attributes, such as `training`, are every module's but not the class's.
_MODULE = nn.Module()


def _check_name(name: str) -> str:
    if keyword.iskeyword(name) or name in _TAKEN or hasattr(_MODULE, name):
        raise PydanticCustomError(
            "reserved_name", "'{name}' is reserved; expected another name for this node", {"name": name}
        )
    return name


NodeName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        json_schema_extra={"expected": "a name of at most 40 small letters, digits and _, a letter first"},
    ),
    AfterValidator(_check_name),
]

#: `node` or `node:port`; a dot reaches into a block.
Reference = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(:[a-z][a-z0-9_]*)?$",
        max_length=200,
        json_schema_extra={"expected": "the name of a node, or node:port"},
    ),
]


class OptionError(ValueError):
    """An option of a node that does not fit what arrives; `field` is the option, or a place in it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Window:
    """The window of a node along one spatial axis, for receptive fields."""

    size: int
    stride: int = 1
    dilation: int = 1
    #: Rows before the first of the input that the first window reaches into.
    padding: int = 0
    #: How many outputs lie between two inputs, where the node enlarges; its padding is then cut off.
    spread: int = 1


@dataclass(frozen=True)
class Context:
    """What a node's module depends on: the shapes of its inputs, and the width that the task needs."""

    #: The shape that arrives on each input.
    shapes: tuple[Shape, ...]
    #: The number of outputs that the task needs of the node; None where no loss reads it.
    width: int | None
    #: A function from a chain of nodes to the shape it gives for this node's first input.
    shape_after: Callable[[Sequence[Node]], Shape]

    @property
    def shape(self) -> Shape:
        """The shape that arrives on the first input."""
        return self.shapes[0]


class Node(Item, ABC):
    """The common options of layers, activations, blocks and architectures, which share one namespace."""

    homes: ClassVar[tuple[str, ...]] = (
        "glassnet.engine.items.layers",
        "glassnet.engine.items.activations",
        "glassnet.engine.items.blocks",
        "glassnet.engine.items.architectures",
    )
    #: The least and the greatest number of inputs (None: any).
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    #: The names of the outputs; `node` alone means the first.
    ports: ClassVar[tuple[str, ...]] = ("output",)
    #: What it does to its input, where something asks that of many kinds alike.
    role: ClassVar[Role | None] = None
    #: How many axes may follow the units or channels of what it reads, as it is added; None: any number; ():
    #: it reads what certain nodes answer with, and is not added behind any other.
    takes: ClassVar[tuple[int, ...] | None] = None
    #: As it is added, what it reads must have a multiple of so many units or channels.
    multiple_of: ClassVar[int] = 1
    #: The option that says how many units or channels it gives.
    size_option: ClassVar[str | None] = None
    #: Whether it gives as many units or channels as it reads.
    keeps_units: ClassVar[bool] = False
    #: Its place, from 0, among the nodes that are offered first; None: it is offered behind them.
    usual: ClassVar[int | None] = None
    #: The options of a node that is added by hand, where its defaults are no good beginning.
    starter: ClassVar[Mapping[str, Any]] = {}

    name: NodeName | None = option(None, "The node's name; left out, the kind with the smallest free number.")
    inputs: list[Reference] | None = option(
        None, "Where the node reads: names of nodes, or node:port. Left out, the node before.", max_length=64
    )
    weights: Reference | None = option(
        None, "Use the parameters of this node instead of own ones; a block uses those of a block like it."
    )

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """The catalogue's entry, with what is known of every node of the kind."""
        facts = ("role", "arity", "takes", "multiple_of", "size_option", "keeps_units", "usual", "starter")
        return super().entry() | {fact: getattr(cls, fact) for fact in facts}

    def count(self) -> int:
        """The least number of nodes that it expands to."""
        return 1

    def with_shortcuts(self, present: bool) -> Node:
        """The node with its shortcuts, or without them; itself where it has none."""
        return self

    def shallower(self) -> Node:
        """The node with a fraction of the layers that it repeats; itself where it repeats none."""
        return self


class Operation(Node, ABC):
    """A node that is one PyTorch module."""

    @abstractmethod
    def call(self, context: Context) -> Call:
        """The module for inputs of these shapes, in which Name("dropout") is a generator.

        Raises ValueError, with what arrived and what was expected, where the shapes cannot fit.
        """

    #: The least number of values that each channel of a training batch must have.
    least_values: ClassVar[int] = 1
    #: Whether one filter moves over all of its input, so that a stride thins out what it finds.
    slides: ClassVar[bool] = False
    #: Whether torch has its weights as (inputs, units), not (units, inputs).
    transposed: ClassVar[bool] = False
    #: Whether the probe `arithmetic` shows what each of its numbers is computed from.
    followed: ClassVar[bool] = False
    #: Whether it computes the same in whatever order the numbers of its input lie in memory, and as quickly.
    any_layout: ClassVar[bool] = False
    #: Whether the node only changes what the node before gives, and is drawn in its place.
    folds: ClassVar[bool] = False
    #: Whether its module is safe under torch.func's `functional_call` and `vmap`; replicas of a network with
    #: one that is not are computed one after the other.
    vmap: ClassVar[bool] = True
    #: Whether its module draws from Name("dropout") while it trains: uniform numbers from 0 to 1, shaped like
    #: its input. It then takes what was drawn elsewhere as a second argument.
    draws: ClassVar[bool] = False

    def initial(self) -> dict[str, Initializer]:
        """The initializer of each parameter, by its name in the module; others keep the module's values."""
        return {}

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        """The window of an output along each spatial axis: () for elementwise, None for the whole input."""
        return ()


def name_nodes(nodes: list[Node]) -> list[Node]:
    """The nodes with names: an unnamed one is called by its kind and the smallest free number.

    Raises PydanticCustomError at the second use of a name.
    """
    taken: set[str] = set()
    for index, node in enumerate(nodes):
        if node.name in taken:
            raise PydanticCustomError(
                "duplicate_name",
                "'{name}' is the name of an earlier node; expected every name once",
                {"name": node.name, "pointer": f"/{index}/name"},
            )
        if node.name is not None:
            taken.add(node.name)
    named = []
    numbers: Counter[str] = Counter()
    for node in nodes:
        if node.name is None:
            name = _free(node.kind, numbers, taken)
            taken.add(name)
            node = node.model_copy(update={"name": name})
        named.append(node)
    return named


def _free(kind: str, numbers: Counter[str], taken: set[str]) -> str:
    """The kind's name with its smallest free number; `numbers` holds the last one given."""
    while True:
        numbers[kind] += 1
        name = f"{kind}{numbers[kind]}"
        if name not in taken:
            return name


Nodes = Annotated[
    list[Annotated[Node, Choice(Node)]],
    Field(min_length=1, max_length=MAX_NODES),
    AfterValidator(name_nodes),
]


def split_reference(reference: str) -> tuple[str, str | None]:
    """`node:port` → (node, port); `node` → (node, None)."""
    name, _, port = reference.partition(":")
    return name, port or None
