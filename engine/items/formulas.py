"""Formulas as users type them, parsed into torch functions.

The text is parsed by Python's grammar, and the syntax tree is accepted only where it consists of numbers,
variables, + − * / **, and functions from a list. Nothing is ever compiled or run as Python, constants are
computed in floating point, and size and depth are bounded.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

#: The longest formula: one that does not fit on a slide is a program.
MAX_LENGTH = 200
MAX_DEPTH = 40
MAX_POWER = 64

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}

FUNCTIONS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "sin": (1, torch.sin),
    "cos": (1, torch.cos),
    "tan": (1, torch.tan),
    "asin": (1, torch.asin),
    "acos": (1, torch.acos),
    "atan": (1, torch.atan),
    "sinh": (1, torch.sinh),
    "cosh": (1, torch.cosh),
    "tanh": (1, torch.tanh),
    "exp": (1, torch.exp),
    "log": (1, torch.log),
    "sqrt": (1, torch.sqrt),
    "abs": (1, torch.abs),
    "sign": (1, torch.sign),
    "sigmoid": (1, torch.sigmoid),
    "relu": (1, functional.relu),
    "softplus": (1, functional.softplus),
    "min": (2, torch.minimum),
    "max": (2, torch.maximum),
}

_OPERATORS: dict[type[ast.operator], tuple[str, Callable[..., Tensor]]] = {
    ast.Add: ("+", torch.add),
    ast.Sub: ("−", torch.sub),
    ast.Mult: ("*", torch.mul),
    ast.Div: ("/", torch.div),
    ast.Pow: ("**", torch.pow),
}

#: Characters that users type, and the ones that Python's grammar expects.
_WRITTEN = {"^": "**", "²": "**2", "³": "**3", "·": "*", "×": "*", "−": "-", "–": "-"}


class FormulaError(ValueError):
    """A text that is not a formula; `column` counts from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column, self.problem = column, problem


@dataclass(frozen=True)
class Term:
    """A node of a formula's tree: a variable, a number, or an operation on other terms."""

    column: int
    text: str
    parts: tuple[Term, ...] = ()
    apply: Callable[..., Tensor] | None = None
    number: float | None = None

    def __call__(self, values: Mapping[str, Tensor]) -> Tensor:
        """The value for these values of the variables, all of the same shape."""
        if self.number is not None:
            return torch.tensor(self.number, dtype=next(iter(values.values())).dtype)
        if self.apply is None:
            return values[self.text]
        return self.apply(*(part(values) for part in self.parts))

    def walk(self) -> Iterator[Term]:
        """The terms of the tree, operands before operations."""
        for part in self.parts:
            yield from part.walk()
        yield self

    def check(self, values: Mapping[str, float]) -> None:
        """Raise FormulaError, with the column, where a value or the slope is not a finite number."""
        tensors = {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in values.items()
        }
        place = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        for term in self.walk():
            number = term(tensors).item()
            if not math.isfinite(number):
                divided = term.text == "/" and term.parts[1](tensors).item() == 0
                what = "division by zero" if divided else f"'{term.text}' is {_said(number)}"
                raise FormulaError(term.column, f"{what} at {place}; expected a finite number there")
        whole = self(tensors)
        if whole.requires_grad:
            asked = list(tensors.values())
            slopes = torch.autograd.grad(whole, asked, allow_unused=True, materialize_grads=True)
            if not all(math.isfinite(slope.item()) for slope in slopes):
                raise FormulaError(self.column, f"the slope is not finite at {place}; expected one that is")


def parse(text: str, variables: tuple[str, ...]) -> Term:
    """The formula of a text in these variables. Raises FormulaError, which names the column."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(MAX_LENGTH + 1, f"{len(text)} characters; expected at most {MAX_LENGTH}")
    plain, columns = _plain(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's warnings about code do not apply to formulas
            tree = ast.parse(plain, mode="eval")
    except SyntaxError as error:
        # Python reports what is missing at the end as offset 0, or beyond it.
        column = columns[min(error.offset or len(columns), len(columns)) - 1]
        raise FormulaError(
            column, "this cannot be read; expected a formula such as x**2 + 3*y**2 (write 2*x for 2x)"
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise FormulaError(1, "this cannot be read; expected a formula such as x**2 + 3*y**2") from None
    places = [column for letter, column in zip(plain, columns, strict=False) for _ in letter.encode()]
    return _Reader(variables, [*places, columns[-1]]).term(tree.body, 0)


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in Python's spelling, and for each of its characters the column it comes from."""
    parts = [(_WRITTEN.get(letter, letter), at) for at, letter in enumerate(text, 1)]
    while parts and parts[0][0].isspace():
        parts.pop(0)
    columns = [at for part, at in parts for _ in part]
    return "".join(part for part, _ in parts), [*columns, len(text) + 1]


class _Reader:
    """Converts a syntax tree to terms; `places` gives the column of each byte offset."""

    def __init__(self, variables: tuple[str, ...], places: list[int]) -> None:
        self.variables, self.places = variables, places

    def term(self, node: ast.expr, depth: int) -> Term:
        column = self.places[min(node.col_offset, len(self.places) - 1)]
        if depth > MAX_DEPTH:
            raise FormulaError(column, f"more than {MAX_DEPTH} levels deep; expected fewer parentheses")
        match node:
            case ast.Constant():
                return self._number(node.value, column)
            case ast.Name():
                return self._name(node.id, column)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.term(node.operand, depth + 1)
            case ast.UnaryOp(op=ast.USub()):
                return _worked_out(Term(column, "−", (self.term(node.operand, depth + 1),), torch.neg))
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return self._operation(node, depth)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(node, name, column, depth)
            case ast.Attribute():
                dot = self.places[node.value.end_col_offset or node.col_offset]
                raise FormulaError(dot, f"'.{_short(node.attr)}' reaches into an object; {self._expected()}")
            case _:
                raise FormulaError(column, f"{_kind(node)} has no place in a formula; {self._expected()}")

    def _expected(self) -> str:
        return f"expected numbers, {', '.join(self.variables)}, + − * / ** and functions"

    def _number(self, value: object, column: int) -> Term:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormulaError(column, f"{_short(repr(value))} is no real number; {self._expected()}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise FormulaError(column, "this number is too large; expected at most 1e308")
        return Term(column, f"{number:g}", number=number)

    def _name(self, name: str, column: int) -> Term:
        if name in self.variables:
            return Term(column, name)
        if name in CONSTANTS:
            return Term(column, name, number=CONSTANTS[name])
        known = ", ".join([*self.variables, "pi", "e"])
        hint = f"{name}(…) with something in it" if name in FUNCTIONS else f"one of {known}, or a function"
        raise FormulaError(column, f"unknown name '{_short(name)}'; expected {hint}")

    def _operation(self, node: ast.BinOp, depth: int) -> Term:
        left, right = self.term(node.left, depth + 1), self.term(node.right, depth + 1)
        symbol, function = _OPERATORS[type(node.op)]
        if symbol == "**" and right.number is not None and abs(right.number) > MAX_POWER:
            raise FormulaError(right.column, f"a power of {right.number:g}; expected at most {MAX_POWER}")
        if symbol == "/" and right.number == 0:
            raise FormulaError(right.column, "division by zero; expected another divisor")
        # The divisor is what fails in a division.
        column = right.column if symbol == "/" else left.column
        return _worked_out(Term(column, symbol, (left, right), function))

    def _call(self, node: ast.Call, name: str, column: int, depth: int) -> Term:
        if name in self.variables or name in CONSTANTS:
            raise FormulaError(column, f"'{name}' is no function; expected {name}*(…)")
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise FormulaError(column, f"unknown function '{_short(name)}'; expected one of {known}")
        count, function = FUNCTIONS[name]
        if node.keywords or len(node.args) != count:
            said = "one argument" if count == 1 else f"{count} arguments"
            raise FormulaError(
                column, f"{name} has {len(node.args) + len(node.keywords)} arguments; expected {said}"
            )
        return _worked_out(
            Term(column, name, tuple(self.term(each, depth + 1) for each in node.args), function)
        )


def _worked_out(term: Term) -> Term:
    """A term without variables as a number, computed in floating point, so that 9**9**9 costs nothing."""
    if term.apply is None or any(part.number is None for part in term.parts):
        return term
    numbers = [torch.tensor(part.number, dtype=torch.float64) for part in term.parts]
    number = float(term.apply(*numbers))
    if not math.isfinite(number):
        raise FormulaError(term.column, f"'{term.text}' gives {_said(number)}; expected a finite number")
    return Term(term.column, term.text, number=number)


def _kind(node: ast.expr) -> str:
    words = {
        ast.Lambda: "a lambda",
        ast.Subscript: "an index",
        ast.List: "a list",
        ast.Tuple: "a comma",
        ast.Compare: "a comparison",
        ast.IfExp: "a condition",
        ast.BoolOp: "'and' or 'or'",
        ast.NamedExpr: "an assignment",
        ast.JoinedStr: "text",
        ast.Call: "a call of a call",
        ast.Starred: "a star",
    }
    return words.get(type(node), "this")


def _said(number: float) -> str:
    return "no number" if math.isnan(number) else "infinite"


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
