"""The lab of convolution: follow one number, write a filter, draw, shift, be refused, measure."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import box_at_rest
from tests.browser.test_accessibility import complaints


def open_lab(page: Page) -> None:
    page.goto("/labs/convolution")
    expect(caption(page, 0)).to_have_text("48×48", timeout=90_000)  # the first worker has to start
    expect(caption(page, 1)).to_contain_text("46×46")


def caption(page: Page, figure: int) -> Locator:
    """What stands below the picture, the output, the pooled map."""
    return page.locator(".operand figcaption").nth(figure)


def choose(page: Page, option: str, label: str) -> None:
    page.locator(f"[data-pointer='/{option}'] select").select_option(label=label)


def write(page: Page, option: str, value: str) -> None:
    field = page.locator(f"[data-pointer='/{option}'] input:not([type=range])")
    field.fill(value)
    field.press("Enter")


def card(page: Page, title: str) -> Locator:
    return page.locator(".lab-card").filter(has=page.get_by_role("heading", name=re.compile(f"^{title}")))


def test_one_number_of_the_output_is_followed_and_a_filter_is_written(page: Page) -> None:
    open_lab(page)
    place = card(page, "One number of the output")
    expect(place).to_contain_text("row 24, column 24")
    output = page.get_by_role("application", name=re.compile("^The output"))
    output.focus()
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(place).to_contain_text("row 23, column 22")
    products = [float(text.replace("−", "-")) for text in place.locator(".product").all_text_contents()]
    said = place.get_by_role("status").text_content() or ""
    assert float(said.rpartition("=")[2].replace("−", "-")) == pytest.approx(sum(products), abs=0.05)

    choose(page, "padding", "Same")
    expect(caption(page, 1)).to_contain_text("48×48")
    expect(caption(page, 0)).to_have_text("48×48, 1 zeros around")
    expect(card(page, "Size")).to_contain_text("⌊(48 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 48")
    uses = card(page, "How often each pixel is used").locator("dd")
    expect(uses).to_have_text(["4", "6", "9"])

    expect(card(page, "Cost")).to_contain_text("This filter separates")
    weight = page.get_by_label("Weight in row 1, column 1")
    weight.fill("3")
    weight.press("Enter")
    expect(page.locator("[data-pointer='/filter'] option:checked")).to_have_text("Own")
    expect(card(page, "Cost")).to_contain_text("does not separate")
    page.reload()
    expect(page.get_by_label("Weight in row 1, column 1")).to_have_value("3")


def test_a_drawing_is_shifted_and_a_stride_breaks_its_equivariance(page: Page) -> None:
    open_lab(page)
    choose(page, "picture", "Drawn")
    page.get_by_role("button", name="Clear").click()
    expect(caption(page, 1)).to_contain_text("from 0 to 0")
    left, top, width, height = box_at_rest(page.get_by_role("application", name=re.compile("^The picture")))
    page.mouse.move(left + 0.5 * width, top + 0.3 * height)
    page.mouse.down()
    page.mouse.move(left + 0.5 * width, top + 0.7 * height)
    page.mouse.up()
    expect(caption(page, 1)).to_contain_text("from −4 to 4")  # a line, all its height: Sobel's 1 + 2 + 1
    shift = card(page, "Shift the picture")
    expect(shift).to_contain_text("number for number")
    write(page, "stride", "2")
    expect(shift).to_contain_text("the shift is no multiple of the stride")
    page.get_by_role("button", name="Shift right").click()
    expect(shift).to_contain_text("Shifted by 0 down, 2 right")
    expect(shift).to_contain_text("number for number")


def test_what_does_not_fit_is_said_and_the_last_result_stays(page: Page) -> None:
    open_lab(page)
    write(page, "window", "16")
    choose(page, "filter", "Blur")
    write(page, "side", "15")
    expect(caption(page, 1)).to_contain_text("34×34")
    write(page, "size", "14")
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text(
        "1×14×14 arrives; expected at least 15×15 for a kernel of 15"
    )
    expect(caption(page, 1)).to_contain_text("34×34")
    write(page, "size", "48")
    expect(page.locator(".refusal")).to_be_hidden()


def test_three_ways_are_measured_on_the_spot(page: Page) -> None:
    open_lab(page)
    timing = card(page, "Which way is quickest")
    timing.get_by_role("button", name="Measure").click()
    expect(timing.get_by_role("status")).to_contain_text("Measured here")
    timing.get_by_role("button", name="Stop").click()
    expect(timing.get_by_role("button", name="Measure again")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_and_used_by_everybody(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    open_lab(page)
    assert complaints(page) == []
