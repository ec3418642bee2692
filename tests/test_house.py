"""The rules of the house itself: what may import what, what must be described, what no file may say."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from glassnet.engine.catalog import catalog
from glassnet.engine.items.node import Node

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400  # lines; beyond it a file holds more than one concept
LONGEST_FUNCTION = 60  # lines, in Python; eslint.config.js has the limit of the page's functions
LONGEST_LINE = 120
MEDIAN_FUNCTION = 6

# What is longer than the limits above today. These may only shrink, and none is to be added.
LONGER_FILES: dict[str, int] = {}
LONGER_FUNCTIONS: dict[str, int] = {}

# Where packages come from is the business of each machine's own settings, never of a file here.
# Split, so that this file does not name them either.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "pytorch" + ".org/whl",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "npmmirror" + ".com",
    "deb.debian" + ".org",
    "archive.ubuntu" + ".com",
]

# What the engine must do without, so that it is usable alone.
SERVER_ONLY = {"glassnet.app", "fastapi", "starlette", "uvicorn"}


def project_files() -> list[Path]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def python_files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"no Python file in {folder}/"
    return found


def test_no_file_names_a_package_registry() -> None:
    files = project_files()
    assert ROOT / "package-lock.json" in files
    named = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in files
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_every_make_target_is_described_and_bare_make_lists_it() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    commands = set(phony[1].split())
    described = dict(re.findall(r"^([a-z-]+):.*## (\S.*)$", makefile, re.MULTILINE))
    assert described.keys() == commands
    # Not as a part of the `make test` that may have started us.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    asked = subprocess.run(["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    for command, words in described.items():
        assert re.search(rf"make {command} +{re.escape(words)}", asked.stdout), (
            f"bare make does not list {command}"
        )


def test_ci_runs_the_command_the_readme_gives_for_testing() -> None:
    ci_command = (ROOT / ".ci" / "run").read_text().splitlines()[-1].strip()
    readme = (ROOT / "README.md").read_text()
    # Split at headings: the first capture of each pair is the heading, the second what stands below it.
    parts = re.split(r"^#+ +(.*)$", readme, flags=re.MULTILINE)[1:]
    below = [text for heading, text in zip(parts[::2], parts[1::2], strict=True) if "test" in heading.lower()]
    assert below, "README.md has no heading about tests"
    blocks = re.findall(r"```\w*\n(.*?)```", "".join(below), re.DOTALL)
    commands = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    assert ci_command in commands


def imports(source: str) -> Iterator[str]:
    """The names a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(source: str) -> set[str]:
    """The packages a file imports from: `torch`, or `glassnet.engine`."""
    parts = (name.split(".") for name in imports(source))
    return {".".join(found[: 2 if found[0] == "glassnet" else 1]) for found in parts}


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda path: str(path.relative_to(ROOT)))
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
        path.relative_to(ROOT).as_posix()
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
        str(path.relative_to(ROOT)): sorted(found)
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
MOST_LOOSE_OF_PAGE = 4


def modules() -> dict[str, Path]:
    """Every module of ours by its name, the package itself apart."""
    files = [path.relative_to(ROOT) for package in FLOORS for path in python_files(package)]
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): ROOT / path for path in files}
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
        loose = [path.name for path in (ROOT / package).glob("*.py") if path.name != "__init__.py"]
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
SPECIFIER = re.compile(r"""(?:from\s*|import\s*\(?\s*)"(\.[^"]+)\"""")


def without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", script, flags=re.DOTALL)


def page_graph() -> dict[str, set[str]]:
    """The scripts of the page that each imports, those for types among them; types.d.ts is everybody's."""
    graph = {}
    for path in sorted((ROOT / "static").rglob("*.js")):
        named = {(path.parent / name).resolve() for name in SPECIFIER.findall(path.read_text())}
        paths = {other for other in named if other.suffix == ".js"} - {path}
        graph[path.relative_to(ROOT / "static").as_posix()] = {
            other.relative_to(ROOT / "static").as_posix() for other in paths
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


def test_every_panel_has_a_twin_in_the_engine() -> None:
    engine = ROOT / "engine"
    twins = {path.stem for folder in ("probes", "studies") for path in (engine / folder).glob("*.py")}
    panels = {path.stem for path in (ROOT / "static" / "panels").glob("*.js")}
    assert panels, "no panel in static/panels/"
    assert panels - twins == set()


def test_every_picture_has_a_description_from_the_start() -> None:
    """A description that comes with the first frame is missing until then, on a slow machine for long."""
    silent = [
        f"{path.relative_to(ROOT)}: {each[0]}"
        for path in scripts("static")
        for each in re.finditer(r"\{[^{}]*role: \"img\"[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", path.read_text())
        if "aria-label" not in each[0]
    ]
    assert silent == []


def sources() -> dict[str, list[str]]:
    """The lines of every file of the product's code, by name."""
    files = [*python_files("engine"), *python_files("app"), *scripts("static")]
    return {str(path.relative_to(ROOT)): path.read_text().splitlines() for path in files}


def functions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, int]]:
    """Every function with its lines, those inside classes and functions too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from functions(node.body, f"{within}{node.name}.")


def function_lengths() -> list[tuple[str, int]]:
    return [
        (f"{path}: {name}", lines)
        for path, source in sources().items()
        if path.endswith(".py")
        for name, lines in functions(ast.parse("\n".join(source)).body)
    ]


def assert_at_most(limit: int, lengths: dict[str, int], longer: dict[str, int]) -> None:
    """Nothing is longer than the limit, or than it was where it was longer; nothing is excused in vain."""
    assert {name: n for name, n in lengths.items() if n > longer.get(name, limit)} == {}
    assert {name for name in longer if lengths.get(name, 0) <= limit} == set(), "take these off the list"


def test_no_file_outgrows_its_concept() -> None:
    lengths = {name: len(lines) for name, lines in sources().items()}
    for sheet in (ROOT / "static").rglob("*.css"):
        lengths[str(sheet.relative_to(ROOT))] = len(sheet.read_text().splitlines())
    assert_at_most(LONGEST_FILE, lengths, LONGER_FILES)


def test_no_function_outgrows_a_screen() -> None:
    # Of two with one name, as a property and its setter, the longer counts.
    lengths = dict(sorted(function_lengths(), key=lambda named: named[1]))
    assert_at_most(LONGEST_FUNCTION, lengths, LONGER_FUNCTIONS)


@pytest.mark.parametrize("package", FLOORS)
def test_half_of_the_functions_are_short(package: str) -> None:
    """Those of the page are counted in tests/js/house.test.js."""
    lengths = [lines for name, lines in function_lengths() if name.startswith(f"{package}/")]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_few_files_stand_beside_the_rooms_of_the_page() -> None:
    loose = [path.name for path in (ROOT / "static").iterdir() if path.is_file()]
    assert len(loose) <= MOST_LOOSE_OF_PAGE, loose


def test_no_line_is_too_long() -> None:
    long = [
        f"{name}:{number}: {len(line)} characters"
        for name, lines in sources().items()
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []


#: Users, viewers, callers and owners have names; a sentence about nobody in particular hides who is meant.
UNNAMED = re.compile(r"\b(some|no)body\b", re.IGNORECASE)


def test_people_are_called_by_their_part() -> None:
    """Comments, docstrings, messages and documents say user, viewer, caller or owner."""
    files = [*python_files("engine"), *python_files("app"), *sorted((ROOT / "docs").rglob("*.md"))]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNNAMED.search(line)
    ]
    assert found == []


def scripts(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.js"))]


#: A tag that stands behind prose, or whose type stands on the next line.
TAG = r"@(?:param|returns|template|type|typedef|property|callback)\b"
LOST_TAG = re.compile(rf"^\s*(?:/\*)?\*+ (?!@).*\S\s{TAG}|{TAG}$", re.MULTILINE)


def test_tags_of_a_comment_stand_on_lines_of_their_own() -> None:
    """A comment of one line may have its sentence and its tags side by side."""
    lost = [
        f"{path.relative_to(ROOT)}: {found[0].strip()}"
        for path in scripts("static")
        for comment in re.findall(r"/\*\*(?:(?!\*/).)*\n.*?\*/", path.read_text(), re.DOTALL)
        for found in [LOST_TAG.search(comment)]
        if found
    ]
    assert lost == []


def imported(path: Path) -> Iterator[tuple[Path, str]]:
    """The names a script or document takes from others, each with the file it comes from."""
    source = path.read_text()
    for names, where in re.findall(r"(?:import|export) +\{([^}]*)\} from \"([^\"]+)\"", source):
        for name in names.split(","):
            yield (path.parent / where).resolve(), name.partition(" as ")[0].strip()
    for where in re.findall(r"import(?: \* as \w+ from)? *\(?\"(\.[^\"]+)\"", source):
        yield (path.parent / where).resolve(), "*"


def declared_panels() -> set[Path]:
    """The scripts of panels that a probe's or study's class declares; the page loads them by its kind."""
    files = [path for folder in ("probes", "studies") for path in (ROOT / "engine" / folder).glob("*.py")]
    declaring = (path for path in files if re.search(r"^    panel = Panel\(", path.read_text(), re.MULTILINE))
    return {ROOT / "static" / "panels" / f"{path.stem}.js" for path in declaring}


def test_every_declared_panel_is_there_and_exports_one() -> None:
    for path in declared_panels():
        assert "export function panel(" in path.read_text(), path


def test_no_panel_has_screen_frames_of_its_own() -> None:
    """Data is painted together; a panel that follows a hand between two paints has both."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in scripts("static/panels")
        if "requestAnimationFrame" in (source := path.read_text())
        or ("onNextFrame" in source and "onNextPaint" not in source)
    ]
    assert wrong == []


def test_no_export_is_without_an_importer() -> None:
    taken = {each for path in scripts("static", "tests/js") for each in imported(path)}
    taken |= {(path, "panel") for path in declared_panels()}
    unused = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in scripts("static")
        if (path, "*") not in taken
        for name in re.findall(
            r"^export (?:async )?(?:function\*?|const|let|class) (\w+)", path.read_text(), re.MULTILINE
        )
        if (path, name) not in taken
    ]
    assert unused == []


def test_every_script_is_imported_or_loaded_by_a_page() -> None:
    loaded = {path for path, _ in (each for script in scripts("static") for each in imported(script))}
    pages = "".join(path.read_text() for path in sorted((ROOT / "templates").rglob("*.html")))
    loaded |= {ROOT / name for name in re.findall(r'src="/(static/[^"]+\.js)"', pages)}
    loaded |= set((ROOT / "static" / "labs").glob("*.js"))  # templates/lab.html loads the one of its name
    loaded |= declared_panels()
    assert {str(path.relative_to(ROOT)) for path in scripts("static") if path not in loaded} == set()


#: An address of this server as a script may not write it: `at` says where a browser finds it.
BARE_ADDRESS = re.compile(r"(?<!\bat\()[\"'`]/(?:api|labs|methods|runs|static)\b|(?:assign\(|href: )[\"'`]/")


def test_scripts_find_this_server_below_the_path_of_a_proxy() -> None:
    asking = ROOT / "static" / "core" / "api.js"  # which asks everything through `ask`
    assert re.findall(r"= await fetch\((.*?),", asking.read_text()) == ["at(path)"]
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in scripts("static")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if path != asking and BARE_ADDRESS.search(line) and not line.lstrip().startswith(("*", "/*"))
    ]
    assert bare == []


def test_what_a_browser_may_refuse_to_keep_is_kept_in_one_place() -> None:
    keeping = [
        path for path in scripts("static") if re.search(r"\b(?:local|session)Storage\.", path.read_text())
    ]
    assert keeping == [ROOT / "static" / "core" / "storage.js"]


def test_every_style_sheet_that_another_imports_is_there() -> None:
    imports = [
        (sheet, name)
        for sheet in sorted((ROOT / "static").rglob("*.css"))
        for name in re.findall(r'@import url\("([^"]+)"\)', sheet.read_text())
    ]
    assert imports
    missing = [
        f"{sheet.relative_to(ROOT)}: {name}" for sheet, name in imports if not (sheet.parent / name).is_file()
    ]
    assert missing == []


#: Where a word that is a node's kind, too, means something else, or is what the user chooses.
OTHER_MEANINGS = {
    "engine/attribution/view.py": {"identity": "how a signal passes normalisations"},
    "engine/figures/arrays.py": {"input": "an array of a frame"},
    **{
        f"engine/{each}.py": {"input": "an array that its figure shows"}
        for each in (
            *("probes/arithmetic", "probes/attribution", "probes/backward_arithmetic", "probes/occlusion"),
            "probes/projection",
            *("studies/convolution", "studies/occlusion", "studies/sanity_check"),
        )
    },
    "engine/data/kernels.py": {
        "gaussian": "the filter that blurs",
        "identity": "the filter that changes nothing",
    },
    "engine/files/image_import/__main__.py": {"pad": "how a picture is made square"},
    "engine/diagnosis/cures.py": dict.fromkeys(
        ["batch_norm", "dropout", "leaky_relu", "relu", "residual"], "the names of cures"
    ),
    "engine/files/image_import/arrays.py": {"input": "what people call an array of pictures"},
    "engine/files/images.py": {"pad": "how a picture is made square"},
    "engine/studies/optimizer_pad.py": {"linear": "how rates are spaced"},
    "engine/studies/shortcut_landscapes.py": dict.fromkeys(["relu", "tanh"], "the study's two choices"),
    "engine/run/changes.py": {"add": "an operation of a JSON patch"},
    "engine/training/trainer.py": {"dropout": "the random stream that it draws from"},
    "static/core/json.js": {"add": "an operation of a JSON patch"},
    "static/draw/edges.js": {"identity": "how a link is drawn: unit to unit"},
    "static/labs/first-layers.js": dict.fromkeys(["alexnet", "zfnet"], "the two sides of the study"),
    "static/labs/convolution/result.js": {"input": "an array of a frame"},
    "static/labs/landscapes.js": dict.fromkeys(["relu", "tanh"], "the study's two choices"),
    "static/labs/descent/filling.js": {"pad": "the lab where one draws a descent by hand"},
    "static/labs/descent/settings.js": {"pad": "the lab where one draws a descent by hand"},
    "static/page/data/upload.js": {"pad": "how a picture is made square"},
    "static/page/input/file.js": {"pad": "how a picture is made square"},
    "static/panels/arithmetic.js": {"input": "an option of the probe"},
    "static/panels/backward_arithmetic.js": {"input": "an option of the probe"},
    "static/panels/occlusion/model.js": {"input": "an array of a frame"},
}

#: Kinds that are also the names of fields: what a network is shown, the shares that it answers with, a score.
FIELDS = {"input", "softmax", "logit"}


def constants(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def judged_in_python(source: str) -> Iterator[str]:
    """The words that a file compares with something, or lists."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                yield from constants(left, *others)
            case ast.Tuple(elts=listed) | ast.List(elts=listed) | ast.Set(elts=listed):
                yield from constants(*listed)
            case ast.MatchValue(value=value):
                yield from constants(value)
            case ast.Dict(keys=keys):
                yield from (key for key in constants(*keys) if key not in FIELDS)


def judged_in_javascript(source: str) -> Iterator[str]:
    """The same, of a script; comments are passed over."""
    code = without_comments(source)
    yield from re.findall(r'(?:[=!]==?|\bcase)\s*"(\w+)"', code)
    yield from re.findall(r'"(\w+)"\s*[=!]==?', code)
    yield from re.findall(r'(?:(?<![\w\]).])\[|,)\s*"(\w+)"\s*(?=[,\]])', code)
    yield from (key for key in re.findall(r"(?<=[{,])\s*(\w+)\s*:", code) if key not in FIELDS)


def test_what_a_node_is_stands_on_its_item_and_in_no_list_of_kinds() -> None:
    kinds = set(catalog(Node))
    judged = {
        path: {*(judged_in_python if path.endswith(".py") else judged_in_javascript)("\n".join(lines))}
        for path, lines in sources().items()
        if not path.startswith("engine/items/")
    }
    found = {path: words & kinds for path, words in judged.items() if words & kinds}
    assert found == {path: set(words) for path, words in OTHER_MEANINGS.items()}


def test_no_kind_is_told_by_its_letters() -> None:
    sniffed = re.compile(
        r"""\bkind\)?\.(?:startswith|endswith|startsWith|endsWith|includes|match)\(
        |/\.(?:test|exec)\((?:\w+\.)*kind\) | ["']\s(?:not\s)?in\s(?:\w+\.)*kind\b""",
        re.VERBOSE,
    )
    found = [
        f"{path}:{number}"
        for path, lines in sources().items()
        for number, line in enumerate(lines, 1)
        if sniffed.search(line)
    ]
    assert found == []


def test_a_list_of_kinds_is_seen_wherever_it_hides() -> None:
    python = """
LISTED, KEYED = ("add", "dropout"), {"linear": 1, "input": 2}
if item.kind == "conv2d" or "pool" in item.kind:
    match kind:
        case "tanh": pass
made = {"kind": "relu"}
"""
    assert set(judged_in_python(python)) == {"add", "dropout", "linear", "conv2d", "pool", "tanh", "kind"}
    script = """
const MERGING = new Set(["add", "concatenate"]); // "relu"
const SIZES = { linear: "units", input: 1 };
if (kind === "conv2d" || "tanh" !== kind) icon("flatten");
switch (kind) { case "vgg": }
"""
    assert set(judged_in_javascript(script)) >= {"add", "concatenate", "linear", "conv2d", "tanh", "vgg"}
    assert not {"relu", "input", "flatten", "units"} & set(judged_in_javascript(script))
