"""How many numbers a layer of features gives, and how many weights it has, by how filters are shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from glassnet.engine.catalog import Example, Guide, kind_of, option
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.pooling import MaxPool2d
from glassnet.engine.items.layers.unshared import TiledConv2d, UnsharedConv2d
from glassnet.engine.items.node import Node
from glassnet.engine.network import planner
from glassnet.engine.network.plan import Plan
from glassnet.engine.studies import FreeStudy, StudyFrame

#: How filters are shared, by the names of the arrays.
SHARING: dict[str, type[Node]] = {"shared": Conv2d, "tiled": TiledConv2d, "unshared": UnsharedConv2d}


class FeatureCounts(FreeStudy):
    """Feature counts: what features of a picture cost, before and after pooling.

    Features of k×k numbers each are looked for at every place of a colour picture of n×n, which gives
    (n − k + 1)² numbers a feature: 96×96 with 400 features of 8×8 give 89² · 400 = 3,168,400. Counted by the
    planner, as `describe` does, nothing is computed. Arrays, float64 (): `before_pooling` and
    `after_pooling`, the numbers a picture; `shared`, `tiled` and `unshared`, the weights with one filter a
    feature, with t² of them in turn, and with one at each place; `dense`, those of a dense layer of as
    many units, that reads every pixel; `multiply_adds` of the convolution. float64 counts exactly to 2⁵³.
    """

    kind: Literal["feature_counts"] = "feature_counts"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Counts in a millisecond what no machine could train.",),
        cons=("Weights and numbers, not time.",),
        use="To see why filters are shared, and why their maps are pooled.",
        example=Example(
            "Its first layer counts in the same way: the node's form says how many weights it has.",
            preset="shapes-convolution",
            claim={"metric": "before_pooling", "op": "≥", "value": 3_168_400},
        ),
        shows=("before_pooling", "after_pooling", "shared", "tiled", "unshared", "dense"),
    )
    size: int = option(96, "n, the side of the picture.", unit="px", ge=28, le=256)
    features: int = option(400, "How many features are looked for.", ge=1, le=4096)
    kernel: int = option(8, "k, the side of a feature.", unit="px", ge=1, le=64)
    pool: int = option(
        4, "The side of the pooling window, which is its stride as well.", unit="px", ge=1, le=64
    )
    tiles: int = option(2, "t, how many filters take turns along each axis.", ge=1, le=64)

    @model_validator(mode="after")
    def _fits(self) -> FeatureCounts:
        places = self.size - self.kernel + 1
        if places < self.pool:
            raise PydanticCustomError(
                "no_place",
                "a feature of {kernel} fits {places} times along a picture of {size}; expected at least the "
                "pooling window's {pool}",
                {
                    "kernel": self.kernel,
                    "places": max(0, places),
                    "size": self.size,
                    "pool": self.pool,
                    "pointer": "/pool",
                },
            )
        return self

    def compute(self) -> Iterator[StudyFrame]:
        plans = {name: self._plan(kind_of(item)) for name, item in SHARING.items()}
        layer, pooled, *_ = plans["shared"].nodes
        before, after = (float(torch.Size(node.shape).numel()) for node in (layer, pooled))
        counts = {
            "before_pooling": before,
            "after_pooling": after,
            **{name: float(plan.nodes[0].parameters) for name, plan in plans.items()},
            "dense": (torch.Size(plans["shared"].input_shape).numel() + 1) * before,
            "multiply_adds": float(layer.macs),
        }
        yield StudyFrame(
            1.0, {name: torch.tensor(each, dtype=torch.float64) for name, each in counts.items()}
        )

    def _plan(self, kind: str) -> Plan:
        """The plan of a network that looks for the features with filters of a kind."""
        layer = {"kind": kind, "filters": self.features, "kernel": self.kernel}
        if kind == kind_of(TiledConv2d):
            layer["tiles"] = self.tiles
        network = [
            layer,
            {"kind": kind_of(MaxPool2d), "kernel": self.pool},
            {"kind": "global_average_pool"},
            {"kind": "linear", "units": None},
        ]
        return planner.plan(
            Experiment.parse({"data": {"kind": "shapes", "size": self.size}, "network": network})
        )
