"""The command palette, as it is used: opened by a key, typed into, and something is done."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.steps import lamp, open_paused, play_button, preset
from tests.browser.test_accessibility import complaints


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search everything")


def chosen(page: Page) -> Locator:
    """The option that Enter chooses, as the field tells it to a screen reader."""
    field = page.get_by_role("combobox", name="Search everything")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-activedescendant", re.compile("."))
    return page.locator(f"#{field.get_attribute('aria-activedescendant')}")


def test_a_run_is_commanded_by_typing_what_to_do(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.keyboard.press("Control+k")
    page.keyboard.type("one st")
    expect(chosen(page)).to_contain_text("One step")
    expect(chosen(page)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(palette(page)).to_have_count(0)
    expect(page.locator(".readout .step b")).to_have_text("1")
    page.keyboard.press("Control+k")
    page.keyboard.type("play")
    page.keyboard.press("Enter")
    expect(play_button(page)).to_have_accessible_name("Pause")


def test_what_cannot_be_done_says_why_and_leaves_the_palette_open(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.keyboard.press("/")
    page.keyboard.type("redo")
    expect(chosen(page)).to_have_attribute("aria-disabled", "true")
    expect(chosen(page)).to_contain_text("nothing has been undone")
    page.keyboard.press("Enter")
    expect(palette(page).get_by_role("status")).to_have_text(
        "Redo cannot be done now: nothing has been undone"
    )
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    expect(lamp(page)).to_have_text("paused")


def test_letters_typed_while_it_is_loaded_are_searched_for_and_command_nothing(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.locator("#step").click()
    expect(page.locator(".readout .step b")).to_have_text("1")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/palette/palette.js", hold)
    with page.expect_request("**/palette/palette.js"):
        page.keyboard.press("/")
        page.keyboard.type("r")
    held[0].continue_()
    expect(page.get_by_role("combobox", name="Search everything")).to_have_value("r")
    expect(page.locator(".readout .step b")).to_have_text("1")


def test_a_command_typed_to_its_end_while_it_is_loaded_is_carried_out(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/palette/palette.js", hold)
    with page.expect_request("**/palette/palette.js"):
        page.keyboard.press("Control+k")
        page.keyboard.type("one step")
        page.keyboard.press("Enter")
    held[0].continue_()
    expect(page.locator(".readout .step b")).to_have_text("1")
    expect(palette(page)).to_have_count(0)


def test_arrows_walk_the_results_round_and_focus_comes_back(page: Page) -> None:
    page.goto("/gallery")
    button = page.get_by_role("button", name="Search")
    button.click()
    page.keyboard.type("adam")
    expect(chosen(page)).to_have_text(re.compile("^Adam"))
    expect(chosen(page)).to_contain_text("Optimizers")
    first = chosen(page).get_attribute("id")
    page.keyboard.press("ArrowUp")
    assert chosen(page).get_attribute("id") != first
    page.keyboard.press("ArrowDown")
    assert chosen(page).get_attribute("id") == first
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "label", "address"),
    [
        ("relu", "ReLU", "/reference/activations/relu"),
        ("gradient desc", "Gradient descent", "/labs/descent"),
    ],
)
def test_a_page_is_opened_by_a_few_of_its_letters(page: Page, typed: str, label: str, address: str) -> None:
    page.goto("/methods")
    page.keyboard.press("Control+k")
    page.keyboard.type(typed)
    found = palette(page).get_by_role("option").filter(has_text=re.compile(f"^{label}")).first
    found.click()
    expect(page).to_have_url(re.compile(f"{address}(#.*)?$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_it_fills_a_phone_and_axe_finds_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto("/methods")
    page.get_by_role("button", name="Search").click()
    expect(palette(page).get_by_role("option").first).to_be_visible()
    box = palette(page).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    page.keyboard.type("spiral")
    expect(palette(page).get_by_role("option").first).to_contain_text("Spiral")
    assert complaints(page) == []


@pytest.mark.allow_console("ERR_FAILED")
def test_a_list_that_the_server_refuses_is_told_and_the_rest_is_found(page: Page) -> None:
    page.route("**/api/runs", lambda route: route.abort())
    page.goto("/methods")
    page.keyboard.press("/")
    expect(palette(page)).to_contain_text("Runs cannot be listed: the server cannot be reached.")
    page.keyboard.type("theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_list_of_keys_has_what_applies_on_the_page(page: Page) -> None:
    page.goto("/methods")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_contain_text("Search everything")
    expect(keys).not_to_contain_text("One step")
    page.keyboard.press("Escape")
    open_paused(page, preset(page, "xor"))
    page.keyboard.press("?")
    expect(keys).to_contain_text("One step")
    expect(keys).to_contain_text("Undo")
