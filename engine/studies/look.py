"""A look: any picture of the live network, taken of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from engine.catalog import Choice, option
from engine.probes import Picture, Probe
from engine.probes.weights import Weights
from engine.studies import NetworkStudy, Sight

if TYPE_CHECKING:
    from engine.trainer import Trainer


class Look(NetworkStudy):
    """Look: what a probe shows, taken once of a snapshot or a checkpoint. Arrays: the probe's."""

    kind: Literal["look"] = "look"
    probe: Annotated[Probe, Choice(Probe)] = option(Weights(), "What is looked at.")

    def compute(self, trainer: Trainer) -> Iterator[Sight]:
        if not isinstance(self.probe, Picture):
            raise ValueError(f"'{self.probe.kind}' is rows of numbers; expected a probe that is a picture")
        yield Sight(1.0, self.probe.prepare(trainer)())
