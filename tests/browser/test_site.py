"""The header of every page: the same parts, the current run, and on a phone a menu with the rest."""

import re

import pytest
from playwright.sync_api import Page, expect

from glassnet.app.core.site import SITE
from tests.browser.steps import open_paused, preset, units
from tests.browser.test_accessibility import complaints

#: A page of each kind that is no run.
PAGES = ("/labs", "/labs/convolution", "/methods", "/methods/occlusion")


def test_the_current_run_is_in_the_header_of_every_page_and_leads_back(page: Page) -> None:
    run = open_paused(page, preset(page, "xor"))
    title = page.request.get(f"/api/runs/{run}").json()["title"]
    chip = page.locator("#current-run")
    expect(chip).to_have_text(f"Current run: {title}, step 0, paused")
    answer = page.request.post(f"/api/runs/{run}/commands", data={"type": "step", "steps": 3})
    assert answer.ok, answer.text()
    for path in PAGES:
        page.goto(path)
        links = page.get_by_role("navigation", name="Site").get_by_role("link")
        assert links.all_inner_texts() == [entry.title for entry in SITE]
        expect(chip).to_have_text(f"Current run: {title}, step 3, paused")
    chip.click()
    expect(page).to_have_url(re.compile(f"/runs/{run}$"))
    expect(units(page).first).to_be_visible()


@pytest.mark.allow_console("status of 404")
def test_a_current_run_that_is_gone_leaves_the_header(page: Page) -> None:
    run = open_paused(page, preset(page, "xor"))
    page.goto("/labs")
    expect(page.locator("#current-run")).to_be_visible()
    page.request.delete(f"/api/runs/{run}")
    page.reload()
    expect(page.locator("#current-run")).to_be_hidden()


def test_a_phone_has_everything_of_header_and_bar_in_one_menu(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_paused(page, preset(page, "xor"))
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    menu = page.get_by_role("dialog", name="Menu")
    assert complaints(page) == []
    for name in ("Light or dark", "Share, save and export", "Examples", "Runs", "Keyboard (?)"):
        expect(menu.get_by_role("button", name=name)).to_be_visible()
    expect(menu.get_by_role("slider", name="Speed")).to_be_visible()
    title = menu.get_by_role("textbox", name="Title of the run")
    title.fill("Mine")
    title.press("Enter")
    expect(page.locator("#current-run")).to_contain_text("Mine")
    menu.get_by_role("button", name="Share, save and export").click()
    expect(page.get_by_role("dialog", name="Share and keep")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.get_by_role("navigation", name="Site")).to_be_visible()
    expect(page.locator("#bar").get_by_role("textbox", name="Title of the run")).to_have_value("Mine")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Labs").click()
    expect(page.get_by_role("heading", name="Labs", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints(page) == []
