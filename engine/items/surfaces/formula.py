"""A cost given by a user's formula."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.formulas import MAX_LENGTH, FormulaError, Term, parse
from glassnet.engine.items.surfaces import CostSurface, Domain, Place

AXES = ("x", "y")


@lru_cache(maxsize=256)
def _read(text: str) -> Term:
    return parse(text, AXES)


def _checked(text: str) -> str:
    try:
        _read(text)
    except FormulaError as error:
        raise PydanticCustomError("formula", "{problem}", {"problem": str(error)}) from None
    return text


Text = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"expected": "a formula of x and y"}),
    AfterValidator(_checked),
]


class Formula(CostSurface):
    """Own formula: any cost of x and y, from numbers, + − * / ** and functions.

    Functions: sin cos tan asin acos atan sinh cosh tanh exp log sqrt abs sign sigmoid relu softplus,
    and min and max of two. Constants: pi and e. ^ is read as a power.
    """

    kind: Literal["formula"] = "formula"
    axes: ClassVar[tuple[str, str]] = AXES
    formula: ClassVar[str] = "f = what you write"
    partial: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Any cost of two numbers can be tried.",),
        cons=("Minima are not known: distance is measured by the length of the gradient.",),
        use="For a surface of one's own, or from a textbook.",
        example=Example(
            "Write a formula and drag the start.",
            lab="descent",
        ),
        tex=(r"f = f(x, y)",),
    )
    text: Text = option("sin(3*x) + cos(3*y) + 0.3*(x**2 + y**2)", "f, a formula of x and y.")
    x_low: float = option(-3.0, "The least x that is shown.", ge=-1e6, le=1e6)
    x_high: float = option(3.0, "The greatest x that is shown.", ge=-1e6, le=1e6)
    y_low: float = option(-3.0, "The least y that is shown.", ge=-1e6, le=1e6)
    y_high: float = option(3.0, "The greatest y that is shown.", ge=-1e6, le=1e6)

    @model_validator(mode="after")
    def _has_room(self) -> Formula:
        for axis, low, high in (("x", self.x_low, self.x_high), ("y", self.y_low, self.y_high)):
            if not high - low >= 1e-6:
                raise PydanticCustomError(
                    "no_room",
                    "{axis}_high {high} is not above {axis}_low {low}; expected a greater number",
                    {"axis": axis, "low": low, "high": high, "pointer": f"/{axis}_high"},
                )
        return self

    def value(self, places: Tensor) -> Tensor:
        x, y = places.unbind(-1)
        # A formula without a variable still needs a gradient: zero.
        return _read(self.text)({"x": x, "y": y}) + 0 * (x + y)

    @property
    def domain(self) -> Domain:
        return (self.x_low, self.x_high), (self.y_low, self.y_high)

    @property
    def start(self) -> Place:
        return self.x_low + 0.15 * (self.x_high - self.x_low), self.y_low + 0.8 * (self.y_high - self.y_low)

    @property
    def minima(self) -> tuple[Place, ...]:
        return ()

    def check_start(self, place: Place) -> None:
        super().check_start(place)
        values: dict[str, Any] = dict(zip(AXES, place, strict=True))
        _read(self.text).check(values)
