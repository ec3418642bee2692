"""What may import what: the rooms of the engine, of the service and of the page."""

import re
from pathlib import Path

import pytest

from tests import house
from tests.house import imports, python_files

# What the engine must do without, so that it is usable alone.
SERVER_ONLY = {"glassnet.app", "fastapi", "starlette", "uvicorn"}


def packages(source: str) -> set[str]:
    """The packages a file imports from: `torch`, or `glassnet.engine`."""
    parts = (name.split(".") for name in imports(source))
    return {".".join(found[: 2 if found[0] == "glassnet" else 1]) for found in parts}


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda path: str(path.relative_to(house.ROOT)))
def test_the_engine_imports_nothing_of_the_server(path: Path) -> None:
    assert not SERVER_ONLY & packages(path.read_text())


def test_a_forbidden_import_is_seen_wherever_it_hides() -> None:
    source = """
import os
def late():
    import uvicorn.config
    from glassnet.app.hub.hub import Hub
    from . import near
"""
    assert packages(source) == {"os", "uvicorn", "glassnet.app"}


def test_nothing_reaches_another_host_but_the_download_of_a_published_data_set() -> None:
    clients = {
        "aiohttp",
        "ftplib",
        "http.client",
        "httpx",
        "requests",
        "smtplib",
        "urllib.request",
        "urllib3",
    }
    outward = [
        path.relative_to(house.ROOT).as_posix()
        for folder in ("app", "engine")
        for path in python_files(folder)
        if any(
            f"{name}.".startswith(tuple(f"{each}." for each in clients)) for name in imports(path.read_text())
        )
    ]
    # The notebook's server is one that it has started itself, on 127.0.0.1.
    assert sorted(outward) == ["engine/files/downloads.py", "engine/notebook/server.py"]


@pytest.mark.parametrize("folder", ["app", "engine", "tests", "bench", "tools"])
def test_our_code_is_imported_under_one_name(folder: str) -> None:
    """A class that is imported as `engine.x` and as `glassnet.engine.x` is two."""
    wrong = {
        str(path.relative_to(house.ROOT)): sorted(found)
        for path in python_files(folder)
        if (found := {"app", "engine"} & packages(path.read_text()))
    }
    assert wrong == {}


#: The rooms of each package from top to bottom: a room imports only what stands below it.
FLOORS = {
    "engine": [
        "public",
        "notebook",
        "run",
        "figures",
        "conformance",
        "reference",
        "export",
        "studies",
        "diagnosis",
        "probes",
        "attribution",
        "landscape",
        "descent",
        "training",
        "network",
        "data",
        "experiment",
        "items",
        "boxes",
        "files",
        "catalog",
        "frame",
        "random_streams",
        "errors",
    ],
    "app": [
        "cli",
        "server",
        "main",
        "api",
        "live",
        "runs",
        "studies",
        "hub",
        "workers",
        "store",
        "security",
        "core",
    ],
}

#: How many modules may stand beside the rooms.
MOST_LOOSE = {"engine": 6, "app": 4}


def modules() -> dict[str, Path]:
    """Every module of ours by its name, the package itself apart."""
    files = [path.relative_to(house.ROOT) for package in FLOORS for path in python_files(package)]
    names = {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): house.ROOT / path for path in files
    }
    return {f"glassnet.{name}": path for name, path in names.items() if "." in name}


def import_graph() -> dict[str, set[str]]:
    """The modules of ours that each imports, late imports and those for types alone among them."""
    ours = modules()
    graph: dict[str, set[str]] = {}
    for name, path in ours.items():
        named = {full if full in ours else full.rpartition(".")[0] for full in imports(path.read_text())}
        graph[name] = named & ours.keys() - {name}
    return graph


def room(module: str) -> str:
    return module.split(".")[2]


def test_every_module_stands_in_a_room_and_few_beside_them() -> None:
    assert {
        package: {room(name) for name in modules() if name.split(".")[1] == package} for package in FLOORS
    } == {package: set(rooms) for package, rooms in FLOORS.items()}
    for package, most in MOST_LOOSE.items():
        loose = [path.name for path in (house.ROOT / package).glob("*.py") if path.name != "__init__.py"]
        assert len(loose) <= most, loose


@pytest.mark.parametrize("package", FLOORS)
def test_no_import_goes_upward(package: str) -> None:
    floor = {name: index for index, name in enumerate(FLOORS[package])}
    upward = [
        f"{name} imports {other}"
        for name, others in import_graph().items()
        for other in others
        if name.split(".")[1] == other.split(".")[1] == package and floor[room(other)] < floor[room(name)]
    ]
    assert upward == []


def in_circles(graph: dict[str, set[str]]) -> set[str]:
    """What is part of a circle, or leads to one."""
    while last := {name for name, others in graph.items() if not others}:
        graph = {name: others - last for name, others in graph.items() if name not in last}
    return set(graph)


def test_no_imports_go_in_a_circle() -> None:
    assert in_circles(import_graph()) == set()
    assert in_circles({"a": {"b"}, "b": {"c", "d"}, "c": {"b"}, "d": set(), "e": {"d"}}) == {"a", "b", "c"}


#: The rooms of static/, the highest first: each imports, values and types, only what stands below it.
PAGE_FLOORS = [
    "main",
    "site",
    "page",
    "labs",
    "panels",
    "widgets",
    "form",
    "run",
    "draw",
    "network",
    "catalog",
    "core",
]

MOST_LOOSE_OF_PAGE = 4

SPECIFIER = re.compile(r"""(?:from\s*|import\s*\(?\s*)"(\.[^"]+)\"""")


def page_graph() -> dict[str, set[str]]:
    """The scripts of the page that each imports, those for types among them; types.d.ts is everybody's."""
    graph = {}
    for path in sorted((house.ROOT / "static").rglob("*.js")):
        named = {(path.parent / name).resolve() for name in SPECIFIER.findall(path.read_text())}
        paths = {other for other in named if other.suffix == ".js"} - {path}
        graph[path.relative_to(house.ROOT / "static").as_posix()] = {
            other.relative_to(house.ROOT / "static").as_posix() for other in paths
        }
    return graph


def test_no_scripts_of_the_page_go_in_a_circle() -> None:
    assert in_circles(page_graph()) == set()


def test_no_script_of_the_page_imports_upward() -> None:
    floor = {name: index for index, name in enumerate(PAGE_FLOORS)}
    graph = page_graph()
    assert {script.split("/")[0].removesuffix(".js") for script in graph} == set(PAGE_FLOORS)
    upward = [
        f"{script} imports {other}"
        for script, others in graph.items()
        for other in others
        if floor[other.split("/")[0].removesuffix(".js")] < floor[script.split("/")[0].removesuffix(".js")]
    ]
    assert upward == []


def test_few_files_stand_beside_the_rooms_of_the_page() -> None:
    loose = [path.name for path in (house.ROOT / "static").iterdir() if path.is_file()]
    assert len(loose) <= MOST_LOOSE_OF_PAGE, loose
