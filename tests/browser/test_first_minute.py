"""What someone sees who opens the page and clicks nothing, and then clicks the obvious."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    lamp,
    open_first,
    open_paused,
    play_button,
    preset,
    step,
    units,
    wait_painted,
    wait_until,
)


def test_the_first_example_trains_within_five_seconds_and_nothing_clicked(page: Page) -> None:
    page.set_default_timeout(5_000)
    open_first(page, timeout=5_000)
    wait_painted(page, ".stage-canvases canvas:last-child")
    wait_painted(page, "canvas.surface")


def test_the_curves_grow_and_say_their_values(page: Page) -> None:
    open_first(page)
    loss = page.locator("canvas.plot").first
    expect(loss).to_have_attribute("aria-label", re.compile("loss at epoch"))
    expect(page.locator(".plot-legend b").first).not_to_have_text("–")


def test_pause_holds_the_step_and_play_goes_on(page: Page) -> None:
    open_first(page)
    play_button(page).click()
    expect(play_button(page)).to_have_accessible_name("Play")
    expect(lamp(page)).to_have_text("paused")
    wait_until(page, "() => document.body.dataset.state === 'paused'")
    before = step(page)
    play_button(page).click()
    expect(lamp(page)).to_have_text("training")
    wait_until(
        page,
        "before => document.querySelector('.readout .step b').textContent !== before",
        f"{before:,}",
    )


def test_one_step_one_epoch_and_start_over(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.locator("#step").click()
    expect(page.locator(".readout .step b")).to_have_text("1")
    page.locator("#epoch").click()
    expect(lamp(page)).to_have_text("paused")
    expect(page.locator(".readout .epoch b")).to_have_text("1")
    page.locator("#reset").click()
    expect(page.locator(".readout .step b")).to_have_text("0")


def test_the_keys_do_what_their_sheet_says(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".readout .step b")).to_have_text("1")
    page.keyboard.press("r")
    expect(page.locator(".readout .step b")).to_have_text("0")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(lamp(page)).to_have_text("paused")
    page.keyboard.press("Space")
    expect(play_button(page)).to_have_accessible_name("Pause")
    page.keyboard.press("Space")
    expect(play_button(page)).to_have_accessible_name("Play")


def test_a_unit_opens_the_inspector_and_escape_closes_it(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    units(page).nth(2).click()
    inspector = page.locator("#inspector")
    expect(inspector).to_be_visible()
    expect(inspector.get_by_role("heading")).to_contain_text("unit 1 of 4")
    wait_painted(page, ".unit-picture", 4)
    inspector.get_by_role("tab", name="Weights").click()
    wait_painted(page, "canvas.matrix", 3)
    page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()


def test_arrows_walk_the_units(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    units(page).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator('.unit[data-unit="1"]:focus')).to_have_attribute("data-column", "tanh1")


def test_the_theme_is_chosen_and_remembered(page: Page) -> None:
    open_first(page)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_surface_answers_for_a_place_one_types(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    wait_painted(page, "canvas.surface", 4)
    page.get_by_label("x₁ to ask about").fill("2")
    page.get_by_label("x₂ to ask about").fill("-3")
    expect(page.locator(".answer")).to_contain_text("(2.0, −3.0) →")
