"""The lab of gradient descent: drag the start, race six optimizers, fill the pad, write a formula."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import box_at_rest, wait_painted
from tests.browser.test_accessibility import complaints


def open_lab(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 1200})
    page.goto("/labs/descent")
    expect(page.get_by_role("button", name="Six on Beale")).to_have_attribute("aria-pressed", "true")
    # The first study of a server waits until the workers are warm.
    expect(scrub(page)).to_have_attribute("max", "1300", timeout=30_000)


def scrub(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step", exact=True)


def to_the_end(page: Page) -> None:
    """When all steps have come, scrub to the last."""
    expect(page.locator(".race-progress.idle")).to_have_count(1, timeout=20_000)
    scrub(page).focus()
    page.keyboard.press("End")


def fates(page: Page) -> Locator:
    return page.locator(".outcome")


def place_on(page: Page, across: float, down: float) -> tuple[float, float]:
    """A place of the map, in shares of its inside from the top left."""
    left, top, width, height = box_at_rest(page.locator(".map-top").first)
    return left + 40 + across * (width - 50), top + 10 + down * (height - 34)


def test_six_optimizers_race_on_beale_and_the_start_is_dragged(page: Page) -> None:
    open_lab(page)
    wait_painted(page, ".map canvas:nth-child(2)", 6)
    to_the_end(page)
    expect(fates(page)).to_have_text(
        [f"there in {steps} steps" for steps in ("1,202", "1,165", "1,168", "1,109", "848", "829")]
    )
    page.mouse.move(*place_on(page, (1 + 4.5) / 9, (4.5 - 1.5) / 9))
    page.mouse.down()
    page.mouse.move(*place_on(page, 0.75, 0.6), steps=6)
    page.mouse.up()
    expect(page.get_by_label("Start x")).to_have_value(re.compile(r"^2\.2"))
    expect(page.get_by_label("Start y")).to_have_value(re.compile(r"^-0\.[89]"))
    to_the_end(page)
    expect(fates(page).last).to_have_text(re.compile(r"there in (?!829 )\d+ steps"), timeout=20_000)
    dragged = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(dragged)
    expect(page.get_by_label("Start x")).to_have_value(re.compile(r"^2\.2"), timeout=20_000)


def test_the_pad_fills_and_a_place_of_it_races(page: Page) -> None:
    open_lab(page)
    page.get_by_role("button", name="Ravine").click()
    said = page.locator(".pad-said")
    expect(said).to_have_text(re.compile(r"1,600 runs; the best is there in \d+ steps"))
    wait_painted(page, "canvas.pad-canvas")
    pad = page.locator("canvas.pad-canvas")
    pad.click(position={"x": 180, "y": 60})
    expect(page.locator(".runner").first).to_contain_text(re.compile(r"SGD, 0\.\d+"))
    rate = page.locator(".runner b").first.text_content()
    pad.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".runner b").first).not_to_have_text(rate or "")
    page.get_by_role("button", name="Adagrad, 0.6").click()
    expect(said).to_have_text("Adagrad, 0.6 has no momentum. Choose a runner that has.")


@pytest.mark.allow_console("status of 422")
def test_a_formula_of_ones_own_is_refused_in_words_at_its_column(page: Page) -> None:
    open_lab(page)
    page.get_by_role("button", name="Your own formula").click()
    text = page.locator('[data-pointer="/surface/text"] input')
    complaint = page.locator('[data-pointer="/surface/text"] .complaint')
    for typed, words in (
        ("x**2 + y.real", "column 9: '.real' reaches into an object"),
        ("9**9**9 * x", "column 4: a power of"),
        ("x^2 + 3y", "column 7: this cannot be read"),
        ("1/(x + 2.1)", "column 4: division by zero at x = -2.1"),
    ):
        text.fill(typed)
        text.press("Enter")
        expect(complaint).to_contain_text(words)
        expect(text).to_have_value(typed)
    text.fill("x^2 + 3*y^2")
    text.press("Enter")
    expect(complaint).to_be_hidden()
    to_the_end(page)
    expect(fates(page).first).to_have_text(re.compile("level ground after"))


def test_runners_are_added_changed_and_removed(page: Page) -> None:
    open_lab(page)
    page.get_by_role("combobox", name="Add an optimizer").select_option("nadam")
    added = page.locator(".runner").last
    expect(added).to_contain_text("NAdam, 0.01")
    expect(added).to_contain_text("Πμ")
    added.get_by_text("Options").click()
    added.get_by_label("Schedule").select_option("warm_up")
    expect(added.get_by_label("Then")).to_have_value("constant")
    rate = added.locator('[data-pointer="/entries/6/optimizer/learning_rate"] input.number')
    rate.fill("0.2")
    rate.press("Enter")
    expect(added).to_contain_text("NAdam, 0.2")
    to_the_end(page)
    expect(fates(page)).to_have_count(7)
    expect(fates(page).last).to_have_text(re.compile("there in|not there"))
    added.get_by_role("button", name="Remove").click()
    expect(page.locator(".runner")).to_have_count(6)
    page.keyboard.press("Control+z")
    expect(page.locator(".runner")).to_have_count(7)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".runner")).to_have_count(6)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_lab_of_descent(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    open_lab(page)
    page.get_by_role("button", name="A line's cost").click()
    page.locator(".runner").first.get_by_text("Options").click()
    expect(page.locator("canvas.points")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="In 3-D").click()
    wait_painted(page, ".relief canvas:first-child")
    assert complaints(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
