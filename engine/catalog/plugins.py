"""Plug-ins: installed packages whose entry points `glassnet.items` add items to the catalogues.

An entry point names a module, or a package whose modules are all imported, or one class of a module. All
entry points of a distribution make one plug-in: it is taken whole, or left out whole with a reason, so that
no plug-in keeps Glassnet or another plug-in from working.
"""

from __future__ import annotations

import importlib
import logging
import sys
from dataclasses import dataclass, replace
from functools import reduce
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from glassnet.engine.catalog.discovery import import_modules, refused, subclasses
from glassnet.engine.catalog.item import Item
from glassnet.engine.catalog.plugin_checks import Unfit, check_class, checked_items

log = logging.getLogger(__name__)

GROUP = "glassnet.items"

#: Characters of the reason why a plug-in is left out.
MOST_WORDS = 400


@dataclass(frozen=True)
class Plugin:
    """A distribution that adds items."""

    name: str
    version: str
    #: Its outermost packages, which contain all its classes.
    packages: tuple[str, ...] = ()
    items: tuple[type[Item], ...] = ()
    #: Why it is left out; empty where it is not.
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    def package_of(self, item: type[Item]) -> str | None:
        """The package of the plug-in that contains the class; None where there is none."""
        inside = (name for name in self.packages if f"{item.__module__}.".startswith(f"{name}."))
        return next(inside, None)


@dataclass(frozen=True)
class Plugins:
    """The installed plug-ins, in the order of their names."""

    taken: tuple[Plugin, ...] = ()
    left_out: tuple[Plugin, ...] = ()

    def provider(self, item: type[Item]) -> Plugin | None:
        """The plug-in of an item; None for Glassnet's own items."""
        return next((plugin for plugin in self.taken if plugin.package_of(item)), None)

    def static_folders(self) -> dict[str, Path]:
        """The folder `static` of each package that has one, by the package's name."""
        packages = (package for plugin in self.taken for package in plugin.packages)
        found = ((package, folder(sys.modules[package])) for package in packages)
        return {package: path / "static" for package, path in found if path and (path / "static").is_dir()}

    def complaints(self) -> list[str]:
        """A line for each plug-in that is left out."""
        return [f"plug-in {plugin} is left out: {plugin.problem}" for plugin in self.left_out]


def folder(package: ModuleType) -> Path | None:
    """The folder of a package; None for a single module, whose folder is shared."""
    inside = hasattr(package, "__path__") and package.__file__ is not None
    return Path(package.__file__ or "").parent if inside else None


# Loading ---------------------------------------------------------------------------------------------------

_lock = RLock()
_loaded: Plugins | None = None
#: The plug-in that is being loaded.
_looked_at = ""


def load(*, quiet: bool = False) -> Plugins:
    """The installed plug-ins, imported on the first call.

    Call it before the first union of items is built, which later items could not join. Logs a line for each
    one that is left out, unless `quiet`, for processes whose parent has logged it.
    """
    global _loaded  # noqa: PLW0603 what is imported is the interpreter's, and so is this
    with _lock:
        if _looked_at:
            raise Unfit(
                "it makes an item that holds others while it is imported; expected that to be left until it "
                "is used, or model_construct() for a default"
            )
        if _loaded is None:
            _loaded = _found()
            for line in _loaded.complaints() if not quiet else ():
                log.warning("%s", line)
        return _loaded


def _found() -> Plugins:
    """The plug-ins of the entry points, imported and checked, one distribution at a time."""
    global _looked_at  # noqa: PLW0603 see load
    installed = Plugins()
    points = sorted(entry_points(group=GROUP), key=lambda point: (*_distribution(point), point.name))
    for (name, version), group in groupby(points, key=_distribution):
        plugin, named = Plugin(name, version), list(group)
        _looked_at = name
        try:
            plugin = replace(plugin, packages=_packages(named, installed))
            for point in named:
                _import(point)
            items = checked_items(plugin.package_of, lambda name: folder(sys.modules[name]))
            plugin = replace(plugin, items=items)
        except Unfit as error:
            plugin = replace(plugin, problem=_one_line(str(error)))
            installed = replace(installed, left_out=(*installed.left_out, plugin))
            refused.update(item for item in subclasses(Item) if plugin.package_of(item))
        else:
            installed = replace(installed, taken=(*installed.taken, plugin))
        finally:
            _looked_at = ""
    return installed


def _distribution(point: EntryPoint) -> tuple[str, str]:
    """The name and version of the distribution of an entry point."""
    if point.dist is None:
        return point.name, ""
    return str(point.dist.metadata["Name"] or point.name), str(point.dist.metadata["Version"] or "")


def _packages(points: list[EntryPoint], installed: Plugins) -> tuple[str, ...]:
    """The outermost packages that the entry points lead into. Raises Unfit where they are another's."""
    packages = tuple(dict.fromkeys(_outermost(_module(point)) for point in points))
    for package in packages:
        if package.partition(".")[0] == "glassnet":
            raise Unfit(f"its package is '{package}', which is Glassnet's own; expected one of another name")
        for other in (*installed.taken, *installed.left_out):
            if package in other.packages:
                raise Unfit(
                    f"its package '{package}' is that of plug-in {other}, too; expected one of its own"
                )
    return packages


def _module(point: EntryPoint) -> str:
    if point.pattern.match(point.value) is None:
        raise Unfit(f"its entry point '{point.name} = {point.value}' names no module")
    return point.module


def _outermost(module: str) -> str:
    """The outermost package of a module that is not a namespace, which distributions may share."""
    name, *rest = module.split(".")
    try:
        while rest and (spec := find_spec(name)) is not None and spec.origin is None:
            name = f"{name}.{rest.pop(0)}"
    except (ImportError, ValueError) as error:
        raise Unfit(f"its module '{module}' cannot be found: {error}") from error
    return name


def _import(point: EntryPoint) -> None:
    """Import the object of an entry point. Raises Unfit for every error."""
    try:
        with _NoTensors(point.module):
            module = importlib.import_module(point.module)
            if not point.attr and hasattr(module, "__path__"):
                import_modules(module)
            named = reduce(getattr, filter(None, (point.attr or "").split(".")), module)
    except Unfit:
        raise
    except (Exception, SystemExit) as error:  # other people's code
        said = f"{type(error).__name__}: {error}"
        raise Unfit(f"its module '{point.module}' cannot be imported: {said}") from error
    if point.attr:
        check_class(named, point.value)


class _NoTensors(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses to compute while a module is imported: workers are forked from a process that imported it.

    Threads and device contexts do not survive a fork, and the workers would hang.
    """

    def __init__(self, module: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._module = module

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # or torch's compiler would be imported, for over a second

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise Unfit(
            f"its module '{self._module}' computes with tensors while it is imported ({func}); expected that "
            "to be left until an item is used"
        )


def _one_line(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MOST_WORDS else f"{line[: MOST_WORDS - 1]}…"
