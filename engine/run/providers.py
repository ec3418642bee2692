"""The plug-ins that provide items of a run: recorded in its directory, and read where one is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from glassnet.engine.catalog import Item, kind_of, plugins
from glassnet.engine.catalog.plugins import Plugin
from glassnet.engine.errors import DamagedFile, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import untrusted
from glassnet.engine.files.storage import replace
from glassnet.engine.network import planner
from glassnet.engine.reference import entries, facts

NAME = "plugins.json"

#: The most bytes of the file.
MOST = 4 << 20

Text = Annotated[str, Field(max_length=200)]


@dataclass(frozen=True)
class Provider:
    """A plug-in that provides items of a run."""

    name: Text
    version: Text
    kinds: tuple[Text, ...]

    def missing(self) -> str | None:
        """What is missing of it, with the remedy; None where nothing is."""
        taken = {plugin.name: plugin for plugin in plugins.load().taken}
        here = taken.get(self.name)
        kinds = {kind_of(item) for item in here.items} if here else set()
        gone = [f"'{kind}'" for kind in self.kinds if kind not in kinds]
        if not gone:
            return None
        is_or_are = "is" if len(gone) == 1 else "are"
        return (
            f"{', '.join(gone)} {is_or_are} of the plug-in {self.name} {self.version}, {self._whereabouts()}"
        )

    def _whereabouts(self) -> str:
        installed = plugins.load()
        for plugin in installed.left_out:
            if plugin.name == self.name:
                return f"which is left out: {plugin.problem}"
        for plugin in installed.taken:
            if plugin.name == self.name:
                return f"and not of {plugin.version}, which is here; install {self.version} and start again"
        return "which is not installed here; install it and start again"


@dataclass(frozen=True)
class Noted:
    """The recorded plug-ins of a run's experiments."""

    plugins: tuple[Provider, ...] = ()
    #: The network as it was last, and the catalogue's entries of what the plug-ins gave, by family: what
    #: shows a run by without them.
    description: dict[str, Any] | None = None
    catalog: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def missing(self) -> list[str]:
        """The missing plug-ins, a line for each."""
        return [line for provider in self.plugins if (line := provider.missing()) is not None]


_NOTED = TypeAdapter(Noted)


def note(directory: Path, experiment: Experiment) -> None:
    """Record the plug-ins that an experiment of a run needs, if any. Raises StorageError."""
    origins = dict(_origins(experiment))
    if not origins:
        return
    found = [Provider(plugin.name, plugin.version, (kind_of(item),)) for item, plugin in origins.items()]
    description = None
    with suppress(InvalidExperiment):  # reported when it is trained
        description = {**planner.plan(experiment).describe(), "data": facts(experiment.data)}
    noted = Noted(_merged([*read(directory).plugins, *found]), description, entries(origins))
    replace(directory / NAME, [json.dumps(asdict(noted), indent=1).encode()])


def _origins(experiment: Experiment) -> Iterator[tuple[type[Item], Plugin]]:
    """The items of an experiment that are from plug-ins, each with its plug-in."""
    for item in dict.fromkeys(type(item) for item in _items(experiment)):
        plugin = plugins.load().provider(item)
        if plugin is not None:
            yield item, plugin


def _items(value: Any) -> Iterator[Item]:
    """Every item within a document, itself included."""
    if isinstance(value, Item):
        yield value
    inner: list[Any] = []
    if isinstance(value, BaseModel):
        inner = [getattr(value, name) for name in type(value).model_fields]
    elif isinstance(value, list | tuple):
        inner = list(value)
    for part in inner:
        yield from _items(part)


def _merged(providers: list[Provider]) -> tuple[Provider, ...]:
    """One provider for each version of a plug-in, with all its kinds."""
    kinds: dict[tuple[str, str], dict[str, None]] = {}
    for provider in providers:
        kinds.setdefault((provider.name, provider.version), {}).update(dict.fromkeys(provider.kinds))
    return tuple(Provider(name, version, tuple(found)) for (name, version), found in kinds.items())


def read(directory: Path) -> Noted:
    """The recorded plug-ins of a run's directory; empty where the record is missing or unreadable."""
    try:
        return _NOTED.validate_json(untrusted.read_regular(directory / NAME, MOST))
    except (OSError, DamagedFile, ValidationError):
        return Noted()
