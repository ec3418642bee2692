"""The dense layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.initializers import Initializer
from glassnet.engine.items.initializers.constant import Zeros
from glassnet.engine.items.initializers.scaled import Xavier
from glassnet.engine.items.layers import Layer, require_dimensions
from glassnet.engine.items.node import Context, Role, Window


class Linear(Layer):
    """Dense: every unit sees every input, y = W x + b.

    Shapes: (inputs,) → (units,). Parameters: units · inputs + units. The bias shifts where the unit
    switches; without it every boundary passes through the origin.
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["linear"] = "linear"
    role: ClassVar[Role | None] = "dense"
    takes: ClassVar[tuple[int, ...] | None] = (0,)
    size_option: ClassVar[str | None] = "units"
    usual: ClassVar[int | None] = 0
    starter: ClassVar[Mapping[str, Any]] = {"units": 4}
    followed: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every output may depend on every input.",),
        cons=("Weights grow with the product of both widths, and it knows nothing of neighbours.",),
        use="In networks on tables, and at the end of nearly every network.",
        example=Example(
            ("Point at an edge for its weight; a unit's picture is a straight edge before its activation."),
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "The bias is a small correction.",
                ("It shifts where the unit switches: without it every boundary passes through the origin."),
            ),
        ),
        tex=(r"y = W x + b",),
    )
    units: int | None = option(8, "How many units; empty: as many as the task wants.", ge=1, le=10**12)
    bias: bool = option(True, "Whether a constant is added to each unit's sum.")
    initializer: Annotated[Initializer, Choice(Initializer)] = option(Xavier(), "How the weights start.")
    bias_initializer: Annotated[Initializer, Choice(Initializer)] = option(Zeros(), "How the biases start.")

    def call(self, context: Context) -> Call:
        require_dimensions(context.shape, 1, "a vector (put a flatten node before)")
        units = self.units if self.units is not None else context.width
        if units is None:
            raise ValueError("units is empty, but no loss reads this node; expected a number")
        (inputs,) = context.shape
        return Call("torch.nn.Linear", inputs, units, bias=self.bias)

    def initial(self) -> dict[str, Initializer]:
        return {"weight": self.initializer} | ({"bias": self.bias_initializer} if self.bias else {})

    def windows(self, context: Context) -> tuple[Window, ...] | None:
        return None
