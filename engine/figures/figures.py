"""The figure of any item: the plots of families, the sliders of an item, and figures side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from glassnet.engine.catalog import Item
from glassnet.engine.figures import (
    activations,
    data,
    initializers,
    layers,
    looked,
    losses,
    networks,
    optimizers,
    regularizers,
    schedules,
    stops,
    surfaces,
)
from glassnet.engine.figures.figure import Bars, Chart, Figure, Line, Part, Pictures, Plane
from glassnet.engine.figures.sliders import Slider, sliders
from glassnet.engine.reference import items_of


class Plot(NamedTuple):
    """How the items of a family are drawn, and the options that this does not depend on."""

    draw: Callable[[Any], Figure]
    without: frozenset[str] = frozenset()
    #: Whether its options are offered: those of probes and studies are many, and have their panels.
    adjustable: bool = True
    #: Whether networks are trained for it.
    trains: bool = False


#: Options of every node.
_OF_NODES = frozenset({"name", "inputs", "weights"})

#: Options of data sets that decide how samples are divided, and what is done to them afterwards.
_OF_DATASETS = frozenset({"test_share", "validation_share", "split", "features", "augmentations"})

#: By family, in the order of the reference.
PLOTS: dict[str, Plot] = {
    "datasets": Plot(data.dataset, _OF_DATASETS),
    "normalizations": Plot(data.normalization),
    "augmentations": Plot(data.augmentation),
    "tasks": Plot(looked.task, trains=True),
    "losses": Plot(losses.figure, frozenset({"weight", "node", "class_weights"})),
    "layers": Plot(layers.figure, _OF_NODES),
    "activations": Plot(activations.figure, _OF_NODES),
    "blocks": Plot(networks.figure, _OF_NODES),
    "architectures": Plot(networks.figure, _OF_NODES | {"width"}),
    "initializers": Plot(initializers.figure),
    "optimizers": Plot(optimizers.figure),
    "schedules": Plot(schedules.figure, frozenset({"metric"})),
    "regularizers": Plot(regularizers.figure, frozenset({"nodes", "biases"})),
    "stops": Plot(stops.figure, frozenset({"check", "metric", "restore_best"})),
    "inputs": Plot(data.single),
    "surfaces": Plot(surfaces.figure, frozenset({"noise"})),
    "probes": Plot(looked.probe, adjustable=False, trains=True),
    "studies": Plot(looked.study, adjustable=False, trains=True),
}


def plotted(family: str, item: type[Item]) -> list[Slider]:
    """The options of an item that change its figure, as controls."""
    plot = PLOTS[family]
    return [slider for slider in sliders(item) if plot.adjustable and slider.name not in plot.without]


def figure_of(family: str, item: Item) -> Figure:
    """The figure of an item with its options; a line without a name is the item's own, and gets its label."""
    figure: Figure = PLOTS[family].draw(item)
    return figure._replace(
        parts=tuple(
            _renamed(part, lambda name: name or item.label()) if isinstance(part, Chart | Plane) else part
            for part in figure.parts
        )
    )


def drawn(family: str, kinds: Sequence[str], options: Mapping[str, Any] | None) -> Figure:
    """The figure of an item with some options, or of several with their defaults, where there are none.

    Raises ValueError where the options suit no example.
    """
    items = [items_of(family)[kind].model_validate({"kind": kind, **(options or {})}) for kind in kinds]
    return compared(family, items) if options is None else figure_of(family, items[0])


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
