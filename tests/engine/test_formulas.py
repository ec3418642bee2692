"""Formulas that people type: what is read means what it says, and nothing else is read."""

from __future__ import annotations

import math

import pytest
import torch

from glassnet.engine.items.formulas import FUNCTIONS, FormulaError, parse

AXES = ("x", "y")


def value(text: str, x: float, y: float) -> float:
    asked = {"x": torch.tensor(x, dtype=torch.float64), "y": torch.tensor(y, dtype=torch.float64)}
    return float(parse(text, AXES)(asked))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2 + 3*y", 0.7**2 - 3 * 1.3),
        ("-x**2", -(0.7**2)),
        ("2**x / (1 + y*y)", 2**0.7 / (1 + 1.3**2)),
        ("sin(pi*x) - cos(y/2)", math.sin(math.pi * 0.7) - math.cos(-0.65)),
        ("x^2 − 2·y³", 0.7**2 + 2 * 1.3**3),
        ("x²·π", 0.7**2 * math.pi),
        ("+max(x, y) * min(x, y)", 0.7 * -1.3),
        ("abs(y) ** 0.5 + e", math.sqrt(1.3) + math.e),
        ("  3 ", 3.0),
        ("log(exp(x)) + sigmoid(0) + relu(y) + softplus(x)", 0.7 + 0.5 + math.log1p(math.exp(0.7))),
    ],
)
def test_a_formula_means_what_it_says(text: str, expected: float) -> None:
    assert value(text, 0.7, -1.3) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_slope_that_agrees_with_differences(name: str) -> None:
    count, _ = FUNCTIONS[name]
    text = f"{name}(x)" if count == 1 else f"{name}(x, y)"
    x = torch.tensor(0.4, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(0.9, dtype=torch.float64)
    (slope,) = torch.autograd.grad(parse(text, AXES)({"x": x, "y": y}), x)
    difference = (value(text, 0.4 + 1e-6, 0.9) - value(text, 0.4 - 1e-6, 0.9)) / 2e-6
    assert float(slope) == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "cannot be read"),
        ("x +", 4, "cannot be read"),
        ("x^2 + 3y", 7, "write 2*x for 2x"),
        ("x; y", 2, "cannot be read"),
        ("x² + é", 6, "unknown name 'é'"),
        ("x + foo", 5, "unknown name 'foo'; expected one of x, y, pi, e"),
        ("sin", 1, "expected sin(…)"),
        ("x(3)", 1, "expected x*(…)"),
        ("2*eval('1')", 3, "unknown function 'eval'"),
        ("__import__('os').system('ls')", 1, "has no place in a formula"),
        ("x.__class__.__bases__", 12, "'.__bases__' reaches into an object"),
        ("1 + x.real", 6, "'.real' reaches into an object"),
        ("().__class__", 3, "reaches into an object"),
        ("[x for x in y]", 1, "has no place"),
        ("lambda: x", 1, "a lambda has no place"),
        ("x if y else 0", 1, "a condition has no place"),
        ("x == y", 1, "a comparison has no place"),
        ("x[0]", 1, "an index has no place"),
        ("(x, y)", 1, "a comma has no place"),
        ("f'{x}'", 1, "text has no place"),
        ("'x' + x", 1, "is no real number"),
        ("1j * x", 1, "is no real number"),
        ("True + x", 1, "is no real number"),
        ("x + 1e999", 5, "too large"),
        ("x + " + "9" * 190 + "**3", 5, "infinite"),
        ("9**9**9", 4, "a power of 3.8742e+08; expected at most 64"),
        ("x**9**9**9**9", 10, "a power"),
        ("x**-100", 4, "a power of -100"),
        ("exp(1000) * x", 1, "infinite"),
        ("x / 0", 5, "division by zero"),
        ("x / (1 - 1)", 6, "division by zero"),
        ("sin(x, y)", 1, "sin has 2 arguments; expected one argument"),
        ("max(x)", 1, "max has 1 arguments; expected 2 arguments"),
        ("sin(*x)", 5, "a star has no place"),
        ("sin(x=1)", 1, "expected one argument"),
        ("-" * 60 + "x", 42, "more than 40 levels deep"),
        ("(" * 98 + "x" + ")" * 98 + "+1", 1, None),
        ("(" * 100 + "x", 100, "cannot be read"),
        ("x" * 201, 201, "201 characters; expected at most 200"),
        ("x\x00", 3, "cannot be read"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_column(text: str, column: int, said: str | None) -> None:
    if said is None:  # parentheses alone make nothing deep
        assert value(text, 0.5, 0) == 1.5
        return
    with pytest.raises(FormulaError) as caught:
        parse(text, AXES)
    assert said in str(caught.value)
    assert "expected" in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/(x - 1)", "column 4: division by zero at x = 1, y = 0"),
        ("x + 2/y", "column 7: division by zero at x = 1, y = 0"),
        ("log(y - x)", "column 1: 'log' is no number at x = 1, y = 0"),
        ("exp(x*1000)", "column 1: 'exp' is infinite at x = 1, y = 0"),
        ("sqrt(y)", "column 1: the slope is not finite at x = 1, y = 0"),
    ],
)
def test_a_start_at_which_it_has_no_value_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match="expected") as caught:
        parse(text, AXES).check({"x": 1.0, "y": 0.0})
    assert str(caught.value).startswith(said)
    parse(text, AXES).check({"x": 0.25, "y": 0.5})
