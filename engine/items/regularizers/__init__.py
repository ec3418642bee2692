"""Regularizers: penalties and bounds on weights and gradients."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from glassnet.engine.catalog import Item, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem


class Regularizer(Item, ABC):
    """A rule for the weights or the gradients of some nodes.

    It acts at up to four points of a training step; each is a Call, or None where it does nothing.
    """

    #: Whether it draws from Name("generator").
    draws: ClassVar[bool] = False
    #: Whether its calls are safe under torch.func's `vmap`.
    vmap: ClassVar[bool] = True

    nodes: str = option("*", "Which nodes it acts on: a name, or a pattern such as conv*.", max_length=200)

    def holds(self, parameter: str, axes: int) -> bool:
        """Whether a parameter of these nodes is a weight; biases, scales and slopes have one axis."""
        return axes > 1

    @property
    def on_weights(self) -> bool:
        """Whether it reads or changes weights, so that nodes without any are none for it."""
        calls = (self.penalty(), self.at_update(), self.after_update())
        return any(Name("weights") in call.args for call in calls if call is not None)

    def warning(self, rate: float) -> Problem | None:
        """What it does at a learning rate that is not meant, with pointers within; None where all is well."""
        return None

    def penalty(self) -> Call | None:
        """The number added to the loss, from Name("weights"), the list of weight tensors."""
        return None

    def on_gradients(self) -> Call | None:
        """An in-place change of Name("gradients"), the list of all gradients of these nodes."""
        return None

    def at_update(self) -> Call | None:
        """An in-place change just before the step of one update, whose rate is Name("rate").

        Of Name("weights") and Name("gradients"), lists of those of this update, with Name("steps"), the
        batches before this update's, and Name("generator"). Rate and steps are 0-d tensors.
        """
        return None

    def state(self) -> Call | None:
        """The tensors kept between steps, one for each of Name("weights")."""
        return None

    def after_update(self) -> Call | None:
        """An in-place change of Name("weights") after the step, with Name("state") and Name("rate")."""
        return None


class Penalty(Regularizer, ABC):
    """A pull of the weights towards zero, and of the biases where that is asked for."""

    biases: bool = option(False, "Whether it acts on biases too; usually they are left free.")

    def holds(self, parameter: str, axes: int) -> bool:
        return axes > 1 or (self.biases and parameter == "bias")
