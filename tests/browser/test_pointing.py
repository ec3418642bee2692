"""Pointing at a unit or an edge says what it is called, and what it does."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import column, experiment_of, open_paused, preset, units, wait_painted, wait_until
from tests.browser.test_explanations import tabs


def test_a_unit_pointed_at_or_focused_shows_large_and_is_called_the_same_everywhere(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    legend = page.locator(".legend .pointed-unit")
    unit, said = column(page, "tanh1").nth(2), page.locator(".stage-hint")
    unit.hover()
    expect(legend).to_have_text("tanh 1, unit 3")
    expect(said).to_contain_text("tanh 1, unit 3: ")
    expect(unit).to_have_accessible_name("tanh 1, unit 3 of 4")
    unit.click()
    expect(page.locator("#inspector h2")).to_have_text("tanh 1, unit 3 of 4")
    page.mouse.move(5, 5)
    expect(legend).to_be_hidden()
    unit.press("ArrowLeft")  # by keys as well
    expect(legend).to_have_text("x₂")


#: Whether a canvas has something on it, and all of it is grey.
IS_GREY = """(selector) => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const levels = new Set();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return false;
    levels.add(data[at]);
  }
  return levels.size > 3;
}"""


def test_a_map_pointed_at_shows_large_beside_the_chosen_picture_which_is_grey(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    wait_painted(page, ".stage-canvases canvas:last-child")
    shown = page.locator(".pointed-map")
    column(page, "relu1").nth(1).hover()
    expect(shown).to_contain_text(re.compile(r"relu 1, map 2 [\d.]+ to [\d.]+"))
    wait_painted(page, ".pointed-picture", colors=8)
    box = page.locator(".pointed-picture").bounding_box()
    assert box is not None
    assert box["width"] > 150
    column(page, "input").first.hover()
    expect(shown).to_contain_text("Input")
    wait_until(page, IS_GREY, ".pointed-picture")
    page.mouse.move(5, 5)
    expect(shown).to_be_hidden()


#: Where the page says a node's name as the document has it, not as it is read: `linear1`.
RAW_NAMES = """(names) => {
  const written = names.map((name) => name.replaceAll(".", "\\\\.")).join("|");
  const raw = new RegExp(`(^|[^\\\\w.])(${written})(?![\\\\w.])`);
  const told = (node) => [node.getAttribute("aria-label"), node.title, ...[...node.childNodes]
    .filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data)];
  const shown = [...document.body.querySelectorAll("*:not(script, style, template)")]
    .filter((node) => node.matches("option") || node.checkVisibility());
  return [...new Set(shown.flatMap(told).filter((text) => text && raw.test(text)))];
}"""


def test_no_node_is_called_as_the_document_writes_it(page: Page) -> None:
    open_paused(page, preset(page, "digits-residual"))
    drawn = page.locator(".unit").evaluate_all("units => units.map((unit) => unit.dataset.column)")
    written = (node["name"] for node in experiment_of(page)["network"])
    names = [name for name in {*drawn, *written} if name[-1].isdigit()]
    units(page).nth(-12).click()
    raw = {tab: found for tab in tabs(page) if (found := page.evaluate(RAW_NAMES, names))}
    assert raw == {}
