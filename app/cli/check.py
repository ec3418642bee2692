"""`glassnet check`: the promises of an item, checked over those of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from glassnet.engine.catalog import kind_of, plugins
from glassnet.engine.catalog.plugins import Plugin
from glassnet.engine.conformance.checks import faults
from glassnet.engine.conformance.guides import missing
from glassnet.engine.reference import family_of


class UnknownPlugin(Exception):
    """No plug-in of this name, or one that is left out; one line."""


def chosen(name: str | None) -> list[Plugin]:
    """The plug-ins to check: the one of this name, or with a package of it; for None all, those left out too.

    Raises UnknownPlugin.
    """
    installed = plugins.load(quiet=True)
    every = [*installed.taken, *installed.left_out]
    found = [plugin for plugin in every if name in (None, plugin.name, *plugin.packages)]
    if not every:
        raise UnknownPlugin("no plug-in is installed; expected one with entry points 'glassnet.items'")
    if not found:
        names = ", ".join(plugin.name for plugin in every)
        raise UnknownPlugin(f"'{name}' is no plug-in; expected one of {names}")
    for plugin in found:
        if name is not None and plugin.problem:
            raise UnknownPlugin(f"plug-in {plugin} is left out: {plugin.problem}")
    return found


class Checked(NamedTuple):
    """An item, its faults, and, where it has none, what its reference page lacks."""

    name: str
    faults: list[str]
    warnings: list[str]

    def lines(self) -> list[str]:
        """What is said of it, a line each."""
        told = self.faults or ["conforms", *(f"warning: {each}" for each in self.warnings)]
        return [f"{self.name}: {each}" for each in told]


def check(plugin: Plugin) -> Iterator[Checked]:
    """Each item of a plug-in, and what is wrong with it."""
    for item in plugin.items:
        family = family_of(item)
        found = faults(family, item)
        name = f"{plugin.name}: {family}: {kind_of(item)}"
        yield Checked(name, found, [] if found else missing(family, item))
