"""The header of every page: the same parts, the current run, and on a phone a menu with the rest."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from glassnet.app.api.pages import LABS
from glassnet.app.core.site import SITE
from tests.browser.steps import open_paused, preset, units
from tests.browser.test_accessibility import complaints

#: A page of each kind that is no run.
PAGES = ("/labs", "/labs/convolution", "/methods/occlusion", "/reference", "/runs", "/search?q=relu")


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


def test_runs_are_found_renamed_and_deleted_after_a_question(page: Page) -> None:
    open_paused(page, preset(page, "circle"))
    run = open_paused(page, preset(page, "xor"))
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Runs").click()
    rows = page.get_by_role("main").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("columnheader", name="Started")).to_have_attribute("aria-sort", "descending")
    assert complaints(page) == []
    page.get_by_role("searchbox", name="Search in runs").fill("exclusive")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/runs\?text=exclusive$"))
    rows.get_by_role("button", name=re.compile("^Rename ")).click()
    page.keyboard.type("Mine, exclusive")
    page.keyboard.press("Enter")
    expect(rows.get_by_role("link", name="Mine, exclusive")).to_be_visible()
    expect(rows.get_by_role("button", name="Rename Mine, exclusive")).to_be_focused()
    rows.get_by_role("button", name="Delete Mine, exclusive").click()
    sure = page.get_by_role("button", name="Delete Mine, exclusive for good")
    expect(sure).to_be_focused()
    page.keyboard.press("Escape")  # takes the question back
    expect(sure).to_have_count(0)
    expect(page.get_by_role("button", name="Delete Mine, exclusive", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(sure).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No run matches.")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#current-run")).to_be_hidden()
    assert page.request.get(f"/api/runs/{run}").status == 404
    page.get_by_role("button", name="Show all runs").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(units(page).first).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(1)


def test_a_server_without_runs_says_what_will_be_listed(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto("/runs")
    expect(page.get_by_text("No run yet.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints(page) == []


@pytest.mark.allow_console("status of 404")
def test_a_wrong_address_leads_on_by_keyboard(page: Page) -> None:
    page.goto("/labs/convolutoin")
    assert complaints(page) == []
    page.get_by_role("searchbox", name="Search").fill("gradient desc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("link").first).to_have_text("Gradient descent")
    assert complaints(page) == []


@pytest.mark.thorough
@pytest.mark.allow_console("status of 404")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 2560])
def test_every_page_is_whole_at_every_width(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    started = {"experiment": preset(page, "xor"), "start": "paused"}
    page.goto(f"/runs/{page.request.post('/api/runs', data=started).json()['id']}")
    expect(page.locator("#current-run")).to_be_visible()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in (*PAGES, *(lab.path for lab in LABS.values()), "/nowhere"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("#current-run")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert complaints(page) == [], path
