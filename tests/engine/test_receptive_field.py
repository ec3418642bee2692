"""Receptive fields: what the formulas say is what the gradient reaches, at every place."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.engine.items.layers.convolution import Conv1d
from glassnet.engine.items.layers.pooling import AveragePool1d
from glassnet.engine.items.layers.transposed import ConvTranspose1d
from glassnet.engine.items.layers.upsample import Upsample
from glassnet.engine.items.node import Context, Operation, Window
from glassnet.engine.network.receptive_field import Field, ReceptiveField, after

LENGTH = 30

NODES: st.SearchStrategy[Operation] = st.one_of(
    st.builds(
        Conv1d,
        filters=st.just(1),
        kernel=st.integers(1, 4),
        stride=st.integers(1, 3),
        padding=st.integers(0, 3),
    ),
    st.builds(AveragePool1d, kernel=st.integers(2, 3), stride=st.integers(1, 3)),
    st.builds(
        ConvTranspose1d,
        filters=st.just(1),
        kernel=st.integers(2, 5),
        stride=st.integers(1, 2),
        padding=st.integers(0, 1),
    ),
    st.builds(Upsample, factor=st.sampled_from([1, 2, 3])),
    st.builds(Upsample, factor=st.just(2), mode=st.just("linear")),
)


def told(nodes: list[Operation], shape: tuple[int, ...]) -> Context:
    return Context((shape,), None, lambda _: shape)


@given(st.lists(NODES, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_it_is_what_the_gradient_reaches_at_every_place(nodes: list[Operation]) -> None:
    x = torch.ones(1, 1, LENGTH, dtype=torch.float64, requires_grad=True)
    y, field = x, (Field(1, 1),)
    for node in nodes:
        context = told(nodes, tuple(y.shape[1:]))
        try:
            module = node.call(context).build(dropout=None).double()
        except ValueError:
            return  # it does not fit
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                parameter.fill_(1.0 if name == "weight" else 0.0)  # so that nothing cancels
        y = module(y)
        seen = after([field], node.windows(context))
        assert seen is not None
        field = (seen[0],)
    inside = 0
    for position in range(y.shape[2]):
        (gradient,) = torch.autograd.grad(y[0, 0, position], x, retain_graph=True)
        reached = gradient[0, 0].nonzero().flatten().tolist()
        first, end = field[0].at(position)
        if reached:
            assert max(0, first) <= reached[0]
            assert reached[-1] < min(LENGTH, end)
        if 0 <= first < end <= LENGTH and not _padded(nodes):
            inside = max(inside, end - first)
            assert (first, end) == (reached[0], reached[-1] + 1)
        assert end - first <= field[0].size


def _padded(nodes: list[Operation]) -> bool:
    """Whether somewhere zeros of a border stand for numbers that a field counts, or numbers are cut off."""
    return any(getattr(node, "padding", 0) for node in nodes) or any(
        isinstance(node, Upsample) and node.mode == "linear" for node in nodes
    )


def test_dilation_widens_and_strides_add_up() -> None:
    windows: list[Any] = [Window(3), Window(3, dilation=2), Window(3, dilation=4)]
    field: ReceptiveField = (Field(1, 1),)
    for window in windows:
        field = after([field], (window,))
    assert field == (Field(15, 1),)
    field = after([after([field], (Window(2, 2),))], (Window(2, 2),))
    assert field == (Field(18, 4),)


def test_branches_see_what_they_see_together() -> None:
    near, far = (Field(3, 2, -1),), (Field(5, 2, 0),)
    assert after([near, far], ()) == (Field(6, 2, -1),)
    assert after([near, None], ()) is None
    assert after([near, far], None) is None


def test_enlarging_and_shrinking_again_changes_nothing() -> None:
    up = after([(Field(1, 1),)], (Window(2, spread=2),))
    assert up is not None
    assert [up[0].at(position) for position in range(4)] == [(0, 1), (0, 1), (1, 2), (1, 2)]
    assert after([up], (Window(2, 2),)) == (Field(1, 1),)
