"""The way from the input of a network to each of its nodes: what looking into it meets there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from glassnet.engine.items.activations import Activation
from glassnet.engine.items.node import Operation, Role, Shape

#: What only gathers what other nodes have found.
POOLING = ("max_pooling", "average_pooling")


class Named(Protocol):
    """A source of a node."""

    @property
    def name(self) -> str: ...


class Placed(Named, Protocol):
    """A node of a plan, as far as ways go through it."""

    @property
    def item(self) -> Operation: ...

    @property
    def shape(self) -> Shape: ...

    @property
    def sources(self) -> Sequence[Named]: ...

    @property
    def receptive_field(self) -> Sequence[object] | None: ...


class Way(NamedTuple):
    """All that a node depends on, itself included. Nodes are given by their places in the plan."""

    #: The roles of the nodes.
    roles: frozenset[Role] = frozenset()
    #: The first activation that the deconvnet and guided backprop have no rule for.
    unruled: int | None = None
    #: Whether an activation is a rectifier.
    rectified: bool = False
    #: The last node with feature maps of more than one place, pooling apart.
    maps: int | None = None

    def joined(self, other: Way) -> Way:
        """What two ways to one node make together."""
        unruled = [place for place in (self.unruled, other.unruled) if place is not None]
        maps = [place for place in (self.maps, other.maps) if place is not None]
        return Way(
            self.roles | other.roles,
            min(unruled, default=None),
            self.rectified or other.rectified,
            max(maps, default=None),
        )

    def as_json(self, nodes: Sequence[Placed]) -> dict[str, Any]:
        """The way with nodes by their names."""
        return {
            "roles": sorted(self.roles),
            "unruled": None if self.unruled is None else nodes[self.unruled].name,
            "rectified": self.rectified,
            "maps": None if self.maps is None else nodes[self.maps].name,
        }


def ways(nodes: Sequence[Placed]) -> Mapping[str, Way]:
    """The way to each node, by name; nodes come in an order in which sources are before their readers."""
    found: dict[str, Way] = {}
    for place, placed in enumerate(nodes):
        way = _own(placed, place)
        for source in placed.sources:
            way = way.joined(found.get(source.name, Way()))
        found[placed.name] = way
    return found


def _own(placed: Placed, place: int) -> Way:
    """What a node itself adds to the ways that go through it."""
    item = placed.item
    downward = item.downward if isinstance(item, Activation) else None
    # A matrix may also be of times and features; maps of a signal have a window of it at each place.
    maps = len(placed.shape) > 2 or (len(placed.shape) == 2 and bool(placed.receptive_field))
    wide = maps and math.prod(placed.shape[1:]) > 1 and item.role not in POOLING
    return Way(
        frozenset() if item.role is None else frozenset([item.role]),
        place if isinstance(item, Activation) and downward is None else None,
        downward == "rectified",
        place if wide else None,
    )
