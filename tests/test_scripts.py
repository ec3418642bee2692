"""The rules of the page's scripts and style sheets, read as text."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests import house
from tests.house import scripts


def test_every_panel_has_a_twin_in_the_engine() -> None:
    engine = house.ROOT / "engine"
    twins = {path.stem for folder in ("probes", "studies") for path in (engine / folder).glob("*.py")}
    panels = {path.stem for path in (house.ROOT / "static" / "panels").glob("*.js")}
    assert panels, "no panel in static/panels/"
    assert panels - twins == set()


def test_every_picture_has_a_description_from_the_start() -> None:
    """A description that comes with the first frame is missing until then, on a slow machine for long."""
    silent = [
        f"{path.relative_to(house.ROOT)}: {each[0]}"
        for path in scripts("static")
        for each in re.finditer(r"\{[^{}]*role: \"img\"[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", path.read_text())
        if "aria-label" not in each[0]
    ]
    assert silent == []


#: A tag that stands behind prose, or whose type stands on the next line.
TAG = r"@(?:param|returns|template|type|typedef|property|callback)\b"

LOST_TAG = re.compile(rf"^\s*(?:/\*)?\*+ (?!@).*\S\s{TAG}|{TAG}$", re.MULTILINE)


def test_tags_of_a_comment_stand_on_lines_of_their_own() -> None:
    """A comment of one line may have its sentence and its tags side by side."""
    lost = [
        f"{path.relative_to(house.ROOT)}: {found[0].strip()}"
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
    files = [
        path for folder in ("probes", "studies") for path in (house.ROOT / "engine" / folder).glob("*.py")
    ]
    declaring = (path for path in files if re.search(r"^    panel = Panel\(", path.read_text(), re.MULTILINE))
    return {house.ROOT / "static" / "panels" / f"{path.stem}.js" for path in declaring}


def test_every_declared_panel_is_there_and_exports_one() -> None:
    for path in declared_panels():
        assert "export function panel(" in path.read_text(), path


def test_no_panel_has_screen_frames_of_its_own() -> None:
    """Data is painted together; a panel that follows a hand between two paints has both."""
    wrong = [
        str(path.relative_to(house.ROOT))
        for path in scripts("static/panels")
        if "requestAnimationFrame" in (source := path.read_text())
        or ("onNextFrame" in source and "onNextPaint" not in source)
    ]
    assert wrong == []


def test_no_export_is_without_an_importer() -> None:
    taken = {each for path in scripts("static", "tests/js") for each in imported(path)}
    taken |= {(path, "panel") for path in declared_panels()}
    unused = [
        f"{path.relative_to(house.ROOT)}: {name}"
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
    pages = "".join(path.read_text() for path in sorted((house.ROOT / "templates").rglob("*.html")))
    loaded |= {house.ROOT / name for name in re.findall(r'src="/(static/[^"]+\.js)"', pages)}
    loaded |= set(
        (house.ROOT / "static" / "labs").glob("*.js")
    )  # templates/lab.html loads the one of its name
    loaded |= declared_panels()
    assert {str(path.relative_to(house.ROOT)) for path in scripts("static") if path not in loaded} == set()


#: An address of this server as a script may not write it: `at`, through which `ask` asks, says where it is.
BARE_ADDRESS = re.compile(
    r"(?<!\bat\()(?<!\bask\()(?<!\baskJson\()[\"'`]/(?:api|labs|methods|runs|static)\b"
    r"|(?:assign\(|href: )[\"'`]/"
)


def test_scripts_find_this_server_below_the_path_of_a_proxy() -> None:
    asking = house.ROOT / "static" / "core" / "api.js"  # which asks everything through `ask`
    assert re.findall(r"= await fetch\((.*?),", asking.read_text()) == ["at(path)"]
    bare = [
        f"{path.relative_to(house.ROOT)}:{number}"
        for path in scripts("static")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if path != asking and BARE_ADDRESS.search(line) and not line.lstrip().startswith(("*", "/*"))
    ]
    assert bare == []


def test_what_a_browser_may_refuse_to_keep_is_kept_in_one_place() -> None:
    keeping = [
        path for path in scripts("static") if re.search(r"\b(?:local|session)Storage\.", path.read_text())
    ]
    assert keeping == [house.ROOT / "static" / "core" / "storage.js"]


def test_every_style_sheet_that_another_imports_is_there() -> None:
    imports = [
        (sheet, name)
        for sheet in sorted((house.ROOT / "static").rglob("*.css"))
        for name in re.findall(r'@import url\("([^"]+)"\)', sheet.read_text())
    ]
    assert imports
    missing = [
        f"{sheet.relative_to(house.ROOT)}: {name}"
        for sheet, name in imports
        if not (sheet.parent / name).is_file()
    ]
    assert missing == []
