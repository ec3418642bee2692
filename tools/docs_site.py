"""The documentation site: docs/, the README and the reference of the catalogue as HTML, built offline.

    python -m tools.docs_site [OUT]

The pages of docs/ are read as they stand; the reference is made from the classes of the catalogue and from
the public names of the package. A link that leads nowhere, within a page too, fails the build.
"""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.package import ROOT, use_this_checkout

#: Where the site is built, and what it is built from.
SITE, SOURCE = ROOT / ".build" / "site", ROOT / ".build" / "site-source"

#: Pages by the heading that they stand under in the table of contents, in order.
CONTENTS = {
    "Use": ["engine", "data", "looking", "landscape", "descent"],
    "Reference": ["reference/index", "api", "commands", "service"],
    "Build on it": ["architecture", "page", "plugins", "benchmarks"],
    "The project": ["contributing", "security", "changelog", "license"],
}

#: The folder of the activations' plots, and their size in pixels and in units of x and y.
PLOTS, PLOT_SIZE, PLOT_RANGE = "images/activations", (480, 240), (4.0, 2.0)

#: Files beside docs/ and the pages that they become.
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "license.md",
    "docs/example-plugin/README.md": "plugins.md",
}


def gather(folder: Path) -> None:
    """Write the sources of the site into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    shutil.copy(ROOT / "tools" / "site" / "conf.py", folder)
    for page in sorted((ROOT / "docs").glob("*.md")):
        (folder / page.name).write_text(relinked(page))
    for name, page_name in PAGES.items():
        path = ROOT / name
        text = f"# License\n\n```\n{path.read_text()}```\n" if name == "LICENSE" else relinked(path)
        (folder / page_name).write_text(text + (contents() if name == "README.md" else ""))
    (folder / "api.md").write_text(api_page())  # first: a notebook has an item of its own
    (folder / "reference").mkdir()
    for name, text in reference_pages().items():
        (folder / "reference" / name).write_text(text)
    (folder / PLOTS).mkdir()
    for name, picture in activation_plots().items():
        (folder / PLOTS / name).write_text(picture)


def relinked(path: Path, text: str | None = None) -> str:
    """A page, or another text in its place, whose links lead to the pages that files become.

    Raises ValueError where a link leads to a file that is not there, or that the site does not have.
    """

    def page_of(target: str) -> str:
        file, hash_, anchor = target.partition("#")
        if not file or re.match(r"[a-z]+:", target):
            return target
        found = (path.parent / file).resolve()
        if not found.exists():
            raise ValueError(f"{path.name} links to '{target}', which is not there")
        name = found.relative_to(ROOT).as_posix()
        page = PAGES.get(name, name.removeprefix("docs/"))
        if page == name and not name.startswith("docs/"):
            raise ValueError(f"{path.name} links to '{target}', which the site does not have")
        if anchor and anchor not in anchors(found.read_text()):
            raise ValueError(f"{path.name} links to '{target}', which has no such heading")
        return page + hash_ + anchor

    return re.sub(
        r"\]\(([^)\s]+)\)", lambda link: f"]({page_of(link[1])})", path.read_text() if text is None else text
    )


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#{1,4} +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def contents() -> str:
    """The table of contents, for the end of the first page."""
    return "".join(
        "\n```{toctree}\n:hidden:\n:caption: " + caption + "\n\n" + "\n".join(pages) + "\n```\n"
        for caption, pages in CONTENTS.items()
    )


# The catalogue -----------------------------------------------------------------------------------------


def reference_pages() -> dict[str, str]:
    """A page for each family of the catalogue, and the one that lists them, by file name."""
    from glassnet.engine.catalog import catalog
    from glassnet.engine.reference import FAMILIES

    pages, listed = {}, []
    for family, (base, root) in FAMILIES.items():
        items = [item for item in catalog(root).values() if issubclass(item, base)]
        about = inspect.cleandoc(base.__doc__ or "").split("\n\n")[0]
        listed.append((family, about, len(items)))
        sections = "\n".join(item_section(item) for item in items)
        pages[f"{family}.md"] = f"# {family.capitalize()}\n\n{about}\n\n{sections}"
    lines = [row(f"[{family}]({family}.md)", str(count), about) for family, about, count in listed]
    toctree = "```{toctree}\n:hidden:\n\n" + "\n".join(family for family, _, _ in listed) + "\n```\n"
    head = "# Catalogue\n\nAll that an experiment can be made of, from the classes themselves.\n\n"
    pages["index.md"] = (
        f"{head}| family | items | |\n| --- | ---: | --- |\n" + "\n".join(lines) + f"\n\n{toctree}"
    )
    return pages


def item_section(item: Any) -> str:
    """What the class of an item says: what it is, formulas, options, source."""
    entry = item.entry()
    _, _, about = entry["summary"].partition(": ")
    parts = [f"## {entry['label']}", f"`{entry['kind']}`: {about or entry['summary']}"]
    formulas = [str(entry[name]) for name in ("formula", "derivative") if entry.get(name)]
    if formulas:
        parts.append("```\n" + "\n".join(formulas) + "\n```")
    if entry.get("elementwise"):
        parts.append(f"![{entry['label']} and its derivative](../{PLOTS}/{entry['kind']}.svg)")
    parts += [entry["reference"], options_table(item)]
    return "\n\n".join(part for part in parts if part) + "\n"


def options_table(item: Any) -> str:
    """The options of an item with their defaults, bounds and help; empty where there are none."""
    schema = item.model_json_schema()
    rows = [
        row(f"`{name}`", default(field), bounds(field), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
        if name != "kind"
    ]
    return "\n".join(["| option | default | values | |", "| --- | --- | --- | --- |", *rows]) if rows else ""


def default(field: dict[str, Any]) -> str:
    """An option's default as JSON writes it; a chosen item by its kind."""
    if "default" not in field:
        return "required"
    value = field["default"]
    if isinstance(value, dict) and "kind" in value:
        value = value["kind"]
    words = {None: "null", True: "true", False: "false"}
    return f"`{words[value] if value is None or isinstance(value, bool) else value}`"


def bounds(field: dict[str, Any]) -> str:
    """The values that an option may have, where its schema bounds them."""
    for branch in [field, *field.get("anyOf", [])]:
        if "enum" in branch:
            return ", ".join(f"`{value}`" for value in branch["enum"])
        signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
        found = [f"{sign} {branch[name]:g}" for name, sign in signs.items() if name in branch]
        if found:
            return ", ".join(found)
    return ""


def row(*texts: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(' '.join(text.split()).replace('|', chr(92) + '|') for text in texts)} |"


def activation_plots() -> dict[str, str]:
    """Each activation with its derivative as SVG, computed by the module that trains, by file name."""
    from glassnet.engine.catalog import catalog
    from glassnet.engine.items.activations import Activation
    from glassnet.engine.items.node import Node

    items = [item for item in catalog(Node).values() if issubclass(item, Activation)]
    return {
        f"{item.entry()['kind']}.svg": activation_plot(item.model_validate({}))
        for item in items
        if item.elementwise
    }


def activation_plot(item: Any) -> str:
    """The function, solid, and its derivative by autograd, dashed."""
    import torch

    from glassnet.engine.items.node import Context

    x = torch.linspace(-PLOT_RANGE[0], PLOT_RANGE[0], 401, dtype=torch.float64, requires_grad=True)
    module = item.call(Context(shapes=((1,),), width=None, shape_after=lambda chain: (1,))).build()
    y = module.double()(x[:, None])[:, 0]
    (slope,) = torch.autograd.grad(y.sum(), x)
    lines = [polyline(x, y, "solid"), polyline(x, slope, "dashed")]
    width, height = PLOT_SIZE
    style = (
        ".axis{stroke:#999;stroke-width:1}.solid,.dashed{fill:none;stroke-width:2}"
        ".solid{stroke:#2a78c8}.dashed{stroke:#e8801c;stroke-dasharray:6 4}"
    )
    axes = (
        f'<path class="axis" d="M0 {height / 2}H{width}M{width / 2} 0V{height}"/>'
        f'<text x="4" y="{height / 2 - 4}">−{PLOT_RANGE[0]:g}</text>'
        f'<text x="{width - 12}" y="{height / 2 - 4}">{PLOT_RANGE[0]:g}</text>'
        f'<text x="{width / 2 + 4}" y="12">{PLOT_RANGE[1]:g}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="11" fill="#777">'
        f"<style>{style}</style>{axes}{''.join(lines)}</svg>"
    )


def polyline(x: Any, y: Any, name: str) -> str:
    """A line through the points that the plot shows; beyond its edges the line ends."""
    width, height = PLOT_SIZE
    points = []
    for at, value in zip(x.tolist(), y.tolist(), strict=True):
        if abs(value) <= PLOT_RANGE[1]:
            left = (at / PLOT_RANGE[0] + 1) * width / 2
            points.append(f"{left:.1f},{(1 - value / PLOT_RANGE[1]) * height / 2:.1f}")
    return f'<polyline class="{name}" points="{" ".join(points)}"/>'


# The package -------------------------------------------------------------------------------------------


def api_page() -> str:
    """The public names of the package, each with its signature and docstring."""
    import glassnet

    sections = [api_section(name, getattr(glassnet, name)) for name in glassnet.__all__]
    return "# import glassnet\n\n" + "\n".join(sections)


def api_section(name: str, thing: Any) -> str:
    """A class with its public methods, or a function."""
    parts = [f"## {name}", f"```python\nglassnet.{name}{signature(thing)}\n```", documented(thing)]
    if inspect.isclass(thing):
        for method, function in methods(thing):
            parts += [
                f"### {name}.{method}",
                f"```python\n{method}{signature(function)}\n```",
                documented(function),
            ]
    return "\n\n".join(part for part in parts if part) + "\n"


def methods(thing: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods that a class of ours defines itself."""
    for name, member in list(vars(thing).items()):
        function = getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(function) and inspect.getdoc(function):
            yield name, function


def signature(thing: Any) -> str:
    """Parameters and result; empty where Python knows none, or a constructor takes a document's fields."""
    try:
        known = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parameters = [each for name, each in known.parameters.items() if name not in ("self", "cls")]
    if [each.kind for each in parameters] == [inspect.Parameter.VAR_KEYWORD] and inspect.isclass(thing):
        return "(**fields)"
    found = str(known.replace(parameters=parameters)).removesuffix(" -> None")
    return found.replace("glassnet.engine.", "").replace("'", "")


def documented(thing: Any) -> str:
    """A docstring; what is indented in it is code."""
    return inspect.getdoc(thing) or ""


# Building ----------------------------------------------------------------------------------------------


def build(out: Path = SITE) -> None:
    """Build the site. Raises CalledProcessError, with what Sphinx says, where anything is amiss."""
    gather(SOURCE)
    shutil.rmtree(out, ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "--fail-on-warning", "--keep-going"]
    subprocess.run([*sphinx, "-d", SOURCE.with_name("site-cache"), SOURCE, out], check=True)


if __name__ == "__main__":
    use_this_checkout()
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SITE
    try:
        build(target)
    except (ValueError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"the site was not built: {error}") from None
    print(target / "index.html")
