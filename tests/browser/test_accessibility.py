"""axe-core finds nothing, at any width, in light and dark; and no column is wider than the screen."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.measures import PAGES
from tests.browser.steps import open_paused, open_tab, preset, tab_names, units

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def complaints(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    # Without preloading: axe would set what it fetched of imported styles inline, which the policy forbids.
    options = {"resultTypes": ["violations"], "preload": False}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


SIZES = {"390": (390, 844), "1024": (1024, 768), "1440": (1440, 900), "2560": (2560, 1440)}


def open_at(page: Page, size: str, scheme: Literal["light", "dark"]) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    # No colour is caught on its way to another.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["xor", "digits", "diabetes"])
def test_axe_finds_nothing_at_any_size(
    page: Page, size: str, scheme: Literal["light", "dark"], name: str
) -> None:
    open_at(page, size, scheme)
    open_paused(page, preset(page, name))
    assert complaints(page) == []
    if size == "390":
        for title in ("Data", "Result", "Network"):
            page.get_by_role("button", name=title, exact=True).click()
            assert complaints(page) == []
    units(page).nth(2).click()
    for tab in tab_names(page):
        open_tab(page, tab)
        assert complaints(page) == []
    for path in PAGES:
        page.goto(path)
        assert complaints(page) == []


@pytest.mark.parametrize(("name", "scheme", "size"), [("xor", "light", "1440"), ("digits", "dark", "390")])
def test_axe_finds_nothing(page: Page, scheme: Literal["light", "dark"], size: str, name: str) -> None:
    open_at(page, size, scheme)
    open_paused(page, preset(page, name))
    units(page).nth(2).click()
    expect(page.locator("#inspector")).to_be_visible()
    assert complaints(page) == []


def test_axe_finds_nothing_in_menus_and_the_sheet(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Add a layer before output").click()
    assert complaints(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert complaints(page) == []


def test_a_phone_shows_every_part_and_never_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_paused(page, preset(page, "xor"))
    for tab in ("Data", "Network", "Result"):
        page.get_by_role("button", name=tab, exact=True).click()
        assert complaints(page) == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
