"""The feature atlas: the strongest activations of maps, by layer (Zeiler & Fergus 2014, figure 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.attribution.applicability import layers, require_node, require_places, require_rule
from glassnet.engine.attribution.projection import Seed
from glassnet.engine.attribution.rules import Rule
from glassnet.engine.attribution.top_activations import Scan, TopActivations
from glassnet.engine.attribution.view import Normalisations, SignalView
from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.node import Reference
from glassnet.engine.probes import Arrays
from glassnet.engine.probes.features import FeaturePictures, Features
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed


class FeatureAtlas(NetworkStudy):
    """Feature atlas: for each layer the images with its maps' strongest activations, and their projections.

    The whole set is searched; each map is shown by its strongest activations, at most one per image, as in
    Zeiler & Fergus 2014, figure 2. The maps with the strongest activations of a layer come first. For each
    node the arrays of the probe `features`, each prefixed by `NODE/`, and `NODE/dead` int32, the number of
    maps that no image activates; `layers` int32: the indices of the nodes among all.
    """

    kind: Literal["feature_atlas"] = "feature_atlas"
    guide: ClassVar[Guide | None] = Guide(
        pros=("All layers at once, as in the paper.",),
        cons=("Takes a search of the whole set.",),
        use="To see how features grow with depth.",
        example=Example(
            "Compare the first layer's row with the last one's.",
            preset="digits-convolution",
        ),
        shows=(
            "relu1/patches",
            "relu1/projections",
        ),
    )
    nodes: list[Reference] | None = option(
        None,
        "The nodes whose maps are shown; left out: each convolution's, else dense layer's.",
        min_length=1,
        max_length=64,
    )
    maps: int = option(16, "The number of maps of each node.", ge=1, le=256)
    count: int = option(9, "The number of images for each map.", ge=1, le=25)
    set: Literal["train", "test"] = option("test", "The set that is searched.")
    images: int = option(100_000, "The most images of the set that are searched.", ge=1, le=10_000_000)
    rule: Rule = option("deconvnet", "The backward rule of ReLUs.")
    seed: Seed = option("strongest", "The signal projected: the strongest activation, or the whole map.")
    normalisations: Normalisations = option(
        "identity", "How the signal passes local normalisations: unchanged, or by their true gradient."
    )
    mask_empty: bool = option(False, "Whether pooling windows of zeros alone block the signal.")

    def check(self, plan: Plan) -> None:
        require_places(plan)
        nodes = self._nodes(plan)
        if not nodes:
            raise ValueError(
                "the network has neither convolutions nor dense layers; expected 'nodes' to look at, such as "
                f"'{plan.loss_nodes[0]}'"
            )
        for node in nodes:
            require_node(plan, node)
            require_rule(plan, node, self.rule)

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        self.check(trainer.plan)
        nodes = self._nodes(trainer.plan)
        names = [placed.name for placed in trainer.plan.nodes]
        arrays: Arrays = {"layers": torch.tensor([names.index(node) for node in nodes], dtype=torch.int32)}
        for index, node in enumerate(nodes):
            for share, found in self._layer(trainer, node):
                arrays |= {f"{node}/{name}": array for name, array in found.items()}
                yield StudyFrame((index + share) / len(nodes), dict(arrays))

    def _layer(self, trainer: Observed, node: str) -> Iterator[tuple[float, Arrays]]:
        """The frames of one node: first the set is searched, then maps are projected, some at a time."""
        maps = trainer.plan[node].shape[0]
        samples = trainer.data.train if self.set == "train" else trainer.data.test
        inputs = samples.inputs[: self.images] if len(samples) > self.images else samples.inputs
        view = SignalView(trainer.evaluation_network, trainer.plan, self.normalisations)
        board = TopActivations(maps, min(self.count, len(inputs)), trainer.device, trainer.dtype)
        search = Scan(view, node, inputs, board)
        for share in search.scan_all(trainer.steps_taken):
            yield share / 2, {}
        strongest = board.values[:, 0].argsort(descending=True, stable=True)[: self.maps]
        features = FeaturePictures(self._probe(node, strongest.tolist()), trainer, trainer.plan[node], search)
        dead = torch.tensor(int((board.values[:, 0] <= 0).sum()), dtype=torch.int32)
        rows = torch.arange(len(strongest))
        for part in rows.split(features.at_once):  # type: ignore[no-untyped-call]
            features.renew(part)
            share = (int(part[-1]) + 1) / len(rows)
            yield (1 + share) / 2, {**features.arrays(), "dead": dead}

    def _probe(self, node: str, channels: list[int]) -> Features:
        return Features(
            node=node,
            channels=channels,
            count=self.count,
            set=self.set,
            images=min(self.images, 100_000),
            rule=self.rule,
            seed=self.seed,
            normalisations=self.normalisations,
            mask_empty=self.mask_empty,
        )

    def _nodes(self, plan: Plan) -> list[str]:
        return layers(plan) if self.nodes is None else list(dict.fromkeys(self.nodes))
