"""No field, button, label or choice of the instrument cuts what it says, at any width."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.measures import cut_texts
from tests.browser.steps import open_paused, preset, units
from tests.browser.test_explanations import tabs, unfold

WIDTHS = {1440: 900, 1024: 768, 390: 844}


def cut_at_all_widths(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        parts: list[Locator | None] = [*page.locator("#tabs button:visible").all()]
        for part in parts or [None]:
            if part is not None:
                part.click()
            unfold(page)
            page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
            if cut := cut_texts(page):
                found[f"{width} {part.text_content() if part is not None else ''}"] = cut
        if parts:
            page.get_by_role("button", name="Network", exact=True).click()
    return found


@pytest.mark.parametrize("name", ["xor", "digits-convolution", "breast-cancer"])
def test_nothing_of_the_instrument_is_cut(page: Page, name: str) -> None:
    """A plane, pictures, a table with long names; unfolded, and with a unit selected."""
    open_paused(page, preset(page, name))
    expect(page.locator(".explain").first).to_be_attached()
    assert cut_at_all_widths(page) == {}
    units(page).nth(3).click()
    expect(page.locator("#inspector")).to_be_visible()
    page.get_by_role("tab", name="Weights").or_(page.get_by_role("tab", name="Node")).last.click()
    assert cut_at_all_widths(page) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["xor", "digits-residual", "breast-cancer"])
def test_nothing_of_the_inspector_is_cut(page: Page, name: str) -> None:
    open_paused(page, preset(page, name))
    units(page).nth(3).click()
    found = {}
    for tab in tabs(page):
        if cut := cut_at_all_widths(page):
            found[tab] = cut
    assert found == {}
