"""Call: what is built and what is printed are the same thing."""

from __future__ import annotations

import math

import pytest
import torch

from glassnet.engine.catalog.call import Call, Name, sources
from glassnet.engine.items.losses.margin import HingeLoss


def doubled(x: torch.Tensor) -> torch.Tensor:
    return twice(x, 2)


def twice(x: torch.Tensor, factor: int) -> torch.Tensor:
    return x * factor


def uses_something_else(x: torch.Tensor) -> None:
    pytest.fail(str(x))


class Scaled(torch.nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return doubled(x) * self.factor * math.pi


def test_a_dotted_target_is_found_in_torch() -> None:
    module = Call("torch.nn.Linear", 3, 2, bias=False).build()
    assert isinstance(module, torch.nn.Linear)
    assert module.weight.shape == (2, 3)
    assert module.bias is None


def test_names_are_bound_when_the_call_is_built_also_inside_lists_and_calls() -> None:
    inner = Call("torch.stack", [Name("x"), Name("x")])
    assert Call("torch.add", inner, Name("y")).build(x=torch.ones(2), y=1).tolist() == [[2, 2], [2, 2]]


def test_a_name_that_is_not_bound_is_an_error() -> None:
    with pytest.raises(KeyError, match="x"):
        Call("torch.neg", Name("x")).build()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (Call("torch.nn.Linear", 3, 2, bias=False), "torch.nn.Linear(3, 2, bias=False)"),
        (Call("f", Name("x"), [1, (2,)], "a", (1, 2)), "f(x, [1, (2,)], 'a', (1, 2))"),
        (Call("f", Call("g", Name("y")), key=Call("h")), "f(g(y), key=h())"),
        (
            Call("f", float("inf"), -float("inf"), float("nan")),
            'f(float("inf"), float("-inf"), float("nan"))',
        ),
        (Call(HingeLoss), "HingeLoss()"),
        (Call("f", 0.1, 1e-8, True, None), "f(0.1, 1e-08, True, None)"),
    ],
)
def test_a_call_prints_as_python(call: Call, text: str) -> None:
    assert str(call) == text


def test_sources_hold_what_a_definition_uses_before_it_and_once() -> None:
    found = sources([Call(Scaled, 2.0), Call("torch.neg", Call(doubled, Name("x")))])
    assert [text.split("(")[0] for text in found] == ["def twice", "def doubled", "class Scaled"]


def test_a_definition_that_needs_more_than_torch_and_math_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"uses_something_else uses 'pytest'"):
        sources([Call(uses_something_else, Name("x"))])


def test_calls_finds_every_nested_call() -> None:
    call = Call("f", [Call("g", Call("h"))], key=(Call("i"),))
    assert [nested.target for nested in call.calls()] == ["f", "g", "h", "i"]
