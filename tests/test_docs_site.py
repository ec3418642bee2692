"""The documentation site is made of what is there: pages, catalogue, public names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import glassnet
from glassnet.engine.reference import reference
from tools import docs_site
from tools.package import ROOT


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "source"
    docs_site.gather(folder)
    return folder


def test_every_page_stands_in_the_table_of_contents_and_every_entry_is_a_page(source: Path) -> None:
    listed = {page for pages in docs_site.CONTENTS.values() for page in pages}
    top = {path.stem for path in source.glob("*.md")} - {"index"}
    assert listed == top | {"reference/index"}


def test_every_item_of_every_family_has_a_section_with_its_options(source: Path) -> None:
    for family, entries in reference().items():
        page = (source / "reference" / f"{family}.md").read_text()
        assert re.findall(r"^## .*\n\n`(\w+)`: ", page, re.MULTILINE) == [entry["kind"] for entry in entries]
    adam = (source / "reference" / "optimizers.md").read_text().partition("## Adam\n")[2]
    assert "| `beta1` | `0.9` | ≥ 0, < 1 | β₁" in adam.partition("\n## ")[0]


def test_every_public_name_has_a_section(source: Path) -> None:
    sections = re.findall(r"^## (\w+)$", (source / "api.md").read_text(), re.MULTILINE)
    assert sections == glassnet.__all__


def test_an_activation_is_plotted_as_it_computes(source: Path) -> None:
    plot = (source / docs_site.PLOTS / "relu.svg").read_text()
    solid, dashed = re.findall(r'points="([^"]*)"', plot)
    # x from −4 to 4 over 480 pixels, y from 2 to −2 over 240: ReLU is 0 up to the middle, and 2 at x = 2.
    assert solid.startswith("0.0,120.0 ")
    assert solid.endswith(" 360.0,0.0")
    assert dashed.endswith(" 480.0,60.0")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("nowhere.md", "is not there"),
        ("engine.md#nothing-of-the-kind", "has no such heading"),
        ("../Makefile", "the site does not have"),
    ],
)
def test_a_link_that_leads_nowhere_is_an_error(link: str, words: str, tmp_path: Path) -> None:
    page = ROOT / "docs" / "page.md"
    with pytest.raises(ValueError, match=words):
        docs_site.relinked(page, f"See [there]({link}).")


@pytest.mark.thorough
def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    docs_site.build(tmp_path / "site")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 30
    loaded = r'<(?:script|img|link|iframe)[^>]*(?:src|href)="(?:https?:)?//'
    assert [page.name for page in pages if re.search(loaded, page.read_text())] == []
