"""The figure of any item: the plots of families, the sliders of an item, and figures side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from glassnet.engine.catalog import Item
from glassnet.engine.figures import (
    activations,
    initializers,
    losses,
    optimizers,
    regularizers,
    schedules,
    surfaces,
)
from glassnet.engine.figures.figure import Bars, Chart, Figure, Line, Part, Pictures, Plane
from glassnet.engine.figures.sliders import Slider, sliders


class Plot(NamedTuple):
    """How the items of a family are drawn, and the options that this does not depend on."""

    draw: Callable[[Any], Figure]
    without: frozenset[str] = frozenset()


#: Options of every node.
_OF_NODES = frozenset({"name", "inputs", "weights"})

#: By family.
PLOTS: dict[str, Plot] = {
    "losses": Plot(losses.figure, frozenset({"weight", "node", "class_weights"})),
    "activations": Plot(activations.figure, _OF_NODES),
    "initializers": Plot(initializers.figure),
    "optimizers": Plot(optimizers.figure),
    "schedules": Plot(schedules.figure, frozenset({"metric"})),
    "regularizers": Plot(regularizers.figure, frozenset({"nodes", "biases"})),
    "surfaces": Plot(surfaces.figure, frozenset({"noise"})),
}


def plotted(family: str, item: type[Item]) -> list[Slider]:
    """The options of an item that change its figure, as controls."""
    return [slider for slider in sliders(item) if slider.name not in PLOTS[family].without]


def figure_of(family: str, item: Item) -> Figure:
    """The figure of an item with its options; a line without a name is the item's own, and gets its label."""
    figure: Figure = PLOTS[family].draw(item)
    return figure._replace(
        parts=tuple(_renamed(part, lambda name: name or item.label()) for part in figure.parts)
    )


def compared(family: str, items: Sequence[Item]) -> Figure:
    """The figures of several items as one: parts of the same title lie over each other, or side by side."""
    merged: dict[tuple[type[Part], str], Part] = {}
    note = ""
    for item in items:
        figure: Figure = PLOTS[family].draw(item)
        note = note or figure.note
        for part in figure.parts:
            key, mine = (type(part), part.title), _renamed(part, partial(_as_one_of, item.label()))
            merged[key] = _together(merged[key], mine) if key in merged else mine
    return Figure(tuple(merged.values()), note)


def _as_one_of(label: str, name: str) -> str:
    return f"{label}: {name}" if name else label


def _renamed(part: Part, rename: Callable[[str], str]) -> Part:
    """A part whose lines, pictures and bars have other names."""
    match part:
        case Chart():
            return part._replace(lines=_lines(part.lines, rename))
        case Plane():
            return part._replace(points=_lines(part.points, rename), paths=_lines(part.paths, rename))
        case Pictures():
            return part._replace(
                pictures=tuple(each._replace(caption=rename(each.caption)) for each in part.pictures)
            )
        case Bars():
            return part._replace(bars=tuple((rename(name), value, note) for name, value, note in part.bars))


def _lines(lines: tuple[Line, ...], rename: Callable[[str], str]) -> tuple[Line, ...]:
    return tuple(line._replace(name=rename(line.name)) for line in lines)


def _together(first: Part, second: Part) -> Part:
    """Two parts of the same kind and title as one."""
    match first, second:
        case Chart(), Chart():
            return first._replace(lines=first.lines + second.lines)
        case Plane(), Plane():
            return first._replace(points=first.points + second.points, paths=first.paths + second.paths)
        case Pictures(), Pictures():
            return first._replace(pictures=first.pictures + second.pictures)
        case Bars(), Bars():
            return first._replace(bars=first.bars + second.bars)
    raise TypeError(f"a {type(first).__name__} and a {type(second).__name__} do not go together")
