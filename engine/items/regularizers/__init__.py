"""Regularizers: what keeps weights and gradients small."""

from __future__ import annotations

from abc import ABC

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call


class Regularizer(Item, ABC):
    """Acts on what is trained of some nodes, at up to three points of a training step: on their weights
    (never their biases), or on all their gradients.

    Each point is a Call, or None where the regularizer does nothing there.
    """

    nodes: str = option("*", "Which nodes it acts on: a name, or a pattern such as conv*.", max_length=200)

    def penalty(self) -> Call | None:
        """A number added to the loss, from Name("weights"), the list of weight tensors."""
        return None

    def on_gradients(self) -> Call | None:
        """A change in place of Name("gradients"), the list of all gradients of these nodes."""
        return None

    def state(self) -> Call | None:
        """Tensors kept between steps, one for each of Name("weights")."""
        return None

    def after_update(self) -> Call | None:
        """A change in place of Name("weights") after the step, with Name("state") and Name("rate")."""
        return None
