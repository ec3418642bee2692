"""Undo of what is no edit, and maps that are clicked when the run has just finished."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import column, lamp, open_paused, play_button, preset, wait_painted


def test_a_title_is_undone_and_done_again(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    title = page.get_by_label("Title of the run")
    before = title.input_value()
    title.fill("Mine")
    title.press("Enter")
    undo = page.get_by_role("button", name="Undo").first
    expect(undo).to_be_enabled()
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    expect(title).to_have_value(before)
    expect(page).to_have_title(re.compile(re.escape(before)))
    page.keyboard.press("Control+Shift+z")
    expect(title).to_have_value("Mine")
    page.reload()
    expect(title).to_have_value("Mine")


def test_a_map_clicked_when_the_run_has_just_finished_is_followed(page: Page) -> None:
    """At once, and when the worker has been given to others meanwhile."""
    experiment = preset(page, "digits-convolution")
    experiment["training"]["epochs"] = 1
    open_paused(page, experiment)
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)
    column(page, "relu1").nth(1).click()
    wait_painted(page, ".arithmetic-figure canvas", colors=4)
    page.keyboard.press("Escape")
    endless = preset(page, "spiral")
    endless["training"]["epochs"] = 10**6
    for _ in range(4):
        assert page.request.post("/api/runs", data={"experiment": endless}).status == 201
    page.reload()
    column(page, "relu1").nth(2).click()
    expect(page.locator("#inspector h2")).to_contain_text("relu 1, map 3")
    wait_painted(page, ".arithmetic-figure canvas", colors=4)
