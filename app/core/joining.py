"""The scripts of a page joined into one, so that a first visit asks for one file and not for two hundred.

Each module becomes a function that is called once, in the order in which a browser evaluates modules; its
imports become constants that are read from the modules before it. What this takes for granted is checked:
imports lead every module, no import leads in a circle, and what is exported is declared once and never
assigned again. A module that is written otherwise is refused, and pages then load the modules one by one. The
lines stay those of the modules, and a source map leads from one to the other.

A module that is imported later, on demand, imports joined ones by their addresses. There, a small module
hands out what the joined script has made: no module is ever there twice.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from glassnet.app.core.comments import compact, without_comments

#: The name of the joined script, and of its source map.
JOINED, MAP = "joined.js", "joined.js.map"

#: The record of the modules in the joined script, and a name that no module may use.
_RECORD = "$modules"

_IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\}|\* as (?P<all>\w+)) from "(?P<path>\.[^"]+)";$', re.MULTILINE
)
_DECLARED = re.compile(
    r"^export (?=(?:async )?(?:function\*?|class|const) (?P<name>\w+)\b(?! *,))", re.MULTILINE
)
_LISTED = re.compile(r"^export \{(?P<names>[^}]*)\};$", re.MULTILINE)
_DEMANDED = re.compile(r"\bimport\((?P<path>\"\.[^\"]+\"|[\w.]+)\)")
_DEMAND = re.compile(r"\bimport\(")
_ANY_IMPORT_OR_EXPORT = re.compile(r"^(?:import|export)\b(?!\.|\()", re.MULTILINE)


class JoinError(ValueError):
    """A module is written in a way that cannot be joined."""


class Module(NamedTuple):
    """A module as a function's body, line by line as it was, and what it imports and exports."""

    name: str
    body: str
    imports: Mapping[str, frozenset[str]]  # the names that are imported of each module
    exports: tuple[tuple[str, str], ...]  # the exported name, and the one in the module

    @classmethod
    def parse(cls, name: str, source: str) -> Module:
        """The module of a script. Raises JoinError where it is written otherwise than what is joined."""
        if _RECORD in source:
            raise JoinError(f"{name} says {_RECORD}, which is the joined script's own name")
        found = list(_IMPORT.finditer(source))
        head = source[: found[-1].end()] if found else ""
        if _IMPORT.sub("", head).strip():
            raise JoinError(f"{name} has code before its last import")
        exports = [(declared["name"], declared["name"]) for declared in _DECLARED.finditer(source)]
        for listed in _LISTED.finditer(source):
            exports += [(alias or own, own) for own, alias in _pairs(listed["names"])]
        body = _IMPORT.sub(lambda each: _constants(name, each), source)
        body = _LISTED.sub(lambda each: "\n" * each[0].count("\n"), _DECLARED.sub("", body))
        if _ANY_IMPORT_OR_EXPORT.search(body):
            raise JoinError(f"{name} imports or exports in a form that is not joined")
        own = f'new URL("{name}", import.meta.url)'
        if len(_DEMANDED.findall(body)) != len(_DEMAND.findall(body)):
            raise JoinError(f"{name} demands a module in a form that is not joined")
        body = body.replace("import.meta.url", f"{own}.href")
        body = _DEMANDED.sub(lambda each: f"import(new URL({each['path']}, {own}))", body)
        imports: dict[str, frozenset[str]] = {}
        for each in found:
            path = _resolved(name, each["path"])
            named = frozenset(own for own, _ in _pairs(each["names"] or ""))
            imports[path] = imports.get(path, frozenset()) | named
        return cls(name, body, imports, tuple(exports))


def join(scripts: Mapping[str, bytes], entry: str, apart: str) -> dict[str, bytes]:
    """The joined script of a module and all that it imports, its source map, and what stands for each module.

    The module `apart`, and what that imports, stay as they are, and are imported. Raises JoinError.
    """
    known: dict[str, Module] = {}
    separate = set(_reached(apart, scripts, known))
    modules = [known[name] for name in _reached(entry, scripts, known) if name not in separate]
    outer = sorted({name for module in modules for name in module.imports if name in separate})
    lines = [f'import * as $outer{index} from "./{name}";' for index, name in enumerate(outer)]
    lines += [f"const {_RECORD} = {{}};", f"export {{ {_RECORD} as modules }};"]
    lines += [f'{_RECORD}["{name}"] = $outer{index};' for index, name in enumerate(outer)]
    places: list[
        tuple[int, int]
    ] = []  # of each module, its first line in the joined script and how many it has
    for module in modules:
        lines.append(f'{_RECORD}["{module.name}"] = (() => {{')
        body = compact(module.body.encode()).decode().split("\n")
        places.append((len(lines), len(body)))
        handed = ", ".join(name if name == own else f"{name}: {own}" for name, own in module.exports)
        lines += [*body, f"return {{ {handed} }};", "})();"]
    lines.append(f"//# sourceMappingURL={MAP}")
    sources = {module.name: scripts[module.name] for module in modules}
    files = {module.name: _stand_in(module, sources[module.name].count(b"\n")) for module in modules}
    return files | {JOINED: "\n".join(lines).encode(), MAP: _source_map(sources, places)}


def _reached(entry: str, scripts: Mapping[str, bytes], known: dict[str, Module]) -> list[str]:
    """A module and all that it imports, in the order in which they are evaluated. Raises JoinError."""
    done: dict[str, None] = {}
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in under_way:
            raise JoinError(f"{' imports '.join([*under_way[under_way.index(name) :], name])}: a circle")
        if name not in scripts:
            raise JoinError(f"there is no {name}")
        if name not in known:
            known[name] = Module.parse(name, without_comments(scripts[name]).decode())
        under_way.append(name)
        for imported, names in known[name].imports.items():
            visit(imported)
            if missing := names - {exported for exported, _ in known[imported].exports}:
                raise JoinError(
                    f"{name} imports {', '.join(sorted(missing))}, which {imported} does not export"
                )
        done[under_way.pop()] = None

    visit(entry)
    return list(done)


def _resolved(name: str, path: str) -> str:
    """The name of the module that a module imports by a relative path."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    """The names in braces, each with what it is called on the other side, or with nothing."""
    for each in names.split(","):
        own, _, alias = each.strip().partition(" as ")
        if own:
            yield own, alias


def _constants(name: str, found: re.Match[str]) -> str:
    """An import as constants, on as many lines."""
    module = f'{_RECORD}["{_resolved(name, found["path"])}"]'
    if found["all"]:
        return f"const {found['all']} = {module};"
    return f"const {{{re.sub(r' as ', ': ', found['names'])}}} = {module};"


def _stand_in(module: Module, lines: int) -> bytes:
    """The module at the address of a joined one: what that exports, and as many lines."""
    above = "../" * module.name.count("/") or "./"
    source = f'import {{ modules }} from "{above}{JOINED}";'
    if module.exports:
        names = ", ".join(name for name, _ in module.exports)
        source += f' export const {{ {names} }} = modules["{module.name}"];'
    return (source + "\n" * lines).encode()


def _source_map(sources: Mapping[str, bytes], places: list[tuple[int, int]]) -> bytes:
    """The source map that leads from each line of the joined script to its line in a module."""
    mappings: list[str] = []
    source = line = 0  # each mapping is told as the difference to the one before
    for index, (first, count) in enumerate(places):
        mappings += [""] * (first - len(mappings))
        for row in range(count):
            mappings.append(f"A{_variable_length(index - source)}{_variable_length(row - line)}A")
            source, line = index, row
    document = {
        "version": 3,
        "sources": [f"/{name}" for name in sources],
        "sourceRoot": "glassnet://static",
        "sourcesContent": [source.decode() for source in sources.values()],
        "names": [],
        "mappings": ";".join(mappings),
    }
    return json.dumps(document).encode()


def _variable_length(value: int) -> str:
    """A whole number in base 64, variable length, as source maps have it (ECMA-426)."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    rest, found = (-value << 1 | 1) if value < 0 else value << 1, ""
    while True:
        rest, digit = rest >> 5, rest & 31
        found += digits[digit | (32 if rest else 0)]
        if not rest:
            return found
