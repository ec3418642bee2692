"""A convolution that is applied again and again, to refine maps."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.items.activations import Activation
from glassnet.engine.items.activations.relu import ReLU
from glassnet.engine.items.blocks import Block
from glassnet.engine.items.layers import require_dimensions
from glassnet.engine.items.layers.convolution import Conv2d
from glassnet.engine.items.layers.merge import Add
from glassnet.engine.items.node import INPUT, Context, Node


class RecurrentConvolution(Block):
    """Recurrent convolution: one convolution applied several times; each pass refines the last one's maps.

    h₀ = x and hₜ = f(x + W ∗ hₜ₋₁), with the same W and bias in every pass: n passes see n times as far and
    have the weights of one. Without the input in every pass, hₜ = f(W ∗ hₜ₋₁). Its nodes `pass1`, `pass2`, …
    are the passes. Shapes stay: (channels, h, w). Parameters: channels² · k² + channels. Pinheiro &
    Collobert 2014; Liang & Hu 2015, equation 2; Goodfellow et al. 2016, section 9.6.
    """

    kind: Literal["recurrent_convolution"] = "recurrent_convolution"
    takes: ClassVar[tuple[int, ...] | None] = (2,)
    keeps_units: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "A large view with few weights: each pass sees one kernel farther.",
            "Neighbours agree after some passes: answers of single pixels become areas.",
        ),
        cons=(
            "As much computation and memory as so many layers.",
            "Gradients pass the same weights n times, and can vanish or explode as in any recurrent network.",
        ),
        use="To refine maps of the picture's own size, as the answers of a segmentation.",
        example=Example(
            "Select the passes one after the other: the maps become clearer, with the same weights.",
        ),
        mistakes=(
            Mistake(
                "Applied n times, a convolution learns n filters.",
                "It is one filter: its gradient is the sum of those of all passes.",
            ),
        ),
        tex=(r"h_t = f(x + W * h_{t-1}), \quad h_0 = x",),
    )
    times: int = option(3, "n, how often the convolution is applied.", ge=1, le=32)
    kernel: int = option(3, "Side of the filters, an odd number.", unit="px", ge=1, le=127)
    keep_input: bool = option(True, "Whether what arrives is added in every pass.")
    activation: Annotated[Activation, Choice(Activation)] = option(ReLU(), "The activation after each pass.")

    def count(self) -> int:
        """A convolution, a sum and an activation a pass."""
        return self.times * (2 + self.keep_input)

    def expand(self, context: Context) -> list[Node]:
        require_dimensions(context.shape, 3, "an image: channels × height × width")
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel {self.kernel}; expected an odd number, so that sizes stay")
        nodes: list[Node] = []
        for number in range(1, self.times + 1):
            nodes += self._pass(number, context.shape[0])
        return nodes

    def _pass(self, number: int, channels: int) -> list[Node]:
        kind = self.activation.kind
        convolution = Conv2d(
            name=f"pass{number}",
            inputs=[INPUT if number == 1 else f"{kind}{number - 1}"],
            weights=None if number == 1 else "pass1",
            filters=channels,
            kernel=self.kernel,
            padding="same",
        )
        added = [Add(name=f"sum{number}", inputs=[INPUT, f"pass{number}"])] if self.keep_input else []
        active = self.activation.model_copy(update={"name": f"{kind}{number}", "inputs": None})
        return [convolution, *added, active]
