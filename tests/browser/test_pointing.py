"""Pointing at a unit or an edge says what it is called, and what it does."""

from playwright.sync_api import Page, expect

from tests.browser.steps import column, open_paused, preset


def test_a_unit_pointed_at_or_focused_shows_large_and_is_called_the_same_everywhere(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    legend = page.locator(".legend .pointed-unit")
    unit, said = column(page, "tanh1").nth(2), page.locator(".stage-hint")
    unit.hover()
    expect(legend).to_have_text("tanh 1, unit 3")
    expect(said).to_contain_text("tanh 1, unit 3: ")
    expect(unit).to_have_accessible_name("tanh 1, unit 3 of 4")
    unit.click()
    expect(page.locator("#drawer h2")).to_have_text("tanh 1, unit 3 of 4")
    page.mouse.move(5, 5)
    expect(legend).to_be_hidden()
    unit.press("ArrowLeft")  # by keys as well
    expect(legend).to_have_text("x₂")
