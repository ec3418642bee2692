"""Regularizers: penalties and bounds on weights and gradients."""

from __future__ import annotations

from abc import ABC

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call


class Regularizer(Item, ABC):
    """A rule for the weights (never the biases) or all gradients of some nodes.

    It acts at up to three points of a training step; each is a Call, or None where it does nothing.
    """

    nodes: str = option("*", "Which nodes it acts on: a name, or a pattern such as conv*.", max_length=200)

    def penalty(self) -> Call | None:
        """The number added to the loss, from Name("weights"), the list of weight tensors."""
        return None

    def on_gradients(self) -> Call | None:
        """An in-place change of Name("gradients"), the list of all gradients of these nodes."""
        return None

    def state(self) -> Call | None:
        """The tensors kept between steps, one for each of Name("weights")."""
        return None

    def after_update(self) -> Call | None:
        """An in-place change of Name("weights") after the step, with Name("state") and Name("rate")."""
        return None
