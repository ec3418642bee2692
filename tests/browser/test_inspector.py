"""The inspector: where it lies, how large it is, and that nothing it exists to show is hidden."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import column, open_paused, open_tab, preset, step, tab_names, wait_until

#: Below and at the right of the network; on pages with less room it is full. The unit is one of 24 maps where
#: blocks are not folded.
PAGES = [
    (1440, 900, "below", "residual2.batch_norm2"),
    pytest.param(1440, 900, "right", "residual2.batch_norm2", marks=pytest.mark.thorough),
    pytest.param(1024, 768, "full", "relu1", marks=pytest.mark.thorough),
    (390, 844, "full", "relu1"),
]

#: What a tab exists to show, by its name; of what is long, what says the rest of it.
SHOWS = {
    "Node": [".unit-picture"],
    "Arithmetic": [".arithmetic-result", ".arithmetic-map"],
    "Weights": [".matrix", ".histogram"],
    "Maps": [".map-layer .map-grid"],
    "Filters": [".filters-panel > .note"],
    "Features": [".features-words"],
    "Attribution": [".method-card"],
    "Gradient flow": [".flow-rows tbody tr:last-child", ".flow-panel canvas"],
    "Histograms": [".ridge-card:first-child canvas"],
    "Trajectory": [".relief-figure", ".recording"],
    "Landscape": [".relief-canvas"],
    "Rates": [".lr-range-test .study-control"],
    "Race": [".race-figure", ".race-row"],
    "One sample": [".walk-step > h3", ".walk-player", ".walk-phase"],
    "Dropout": [".study > .panel-head"],
    "Resamples": [".study > .panel-head"],
    "Unit health": [".health-panel > .note"],
    "Warm start": [".study > .panel-head"],
    "Transfer": [".study > .panel-head"],
    "Degradation": [".study > .panel-head"],
}

#: Elements that are not wholly within what can be seen of the inspector's body, or of the network.
CUT = """(selectors) => {
  const cut = [];
  for (const [root, selector] of selectors) {
    const room = document.querySelector(root).getBoundingClientRect();
    const seen = [...document.querySelectorAll(selector)].filter((each) => each.offsetParent !== null);
    if (seen.length === 0) cut.push(`${selector} is not there`);
    const { left, top, right, bottom } = seen[0]?.getBoundingClientRect() ?? room;
    const inside = left >= room.left - 1 && right <= room.right + 1 && top >= room.top - 1;
    const fits = bottom <= Math.min(room.bottom, innerHeight) + 1;
    if (!inside || !fits) cut.push(`${selector}: ${[left, top, right, bottom].map(Math.round)}`);
  }
  return cut;
}"""


def open_unit(page: Page, name: str, unit: int, place: str) -> None:
    """The inspector at a unit of the preset `09-digits-residual`, where `place` says."""
    arrangement = json.dumps(json.dumps({"place": place}))
    page.add_init_script(f"localStorage.arrangement ??= {arrangement}")
    open_paused(page, preset(page, "09-digits-residual"))
    column(page, name).nth(unit).click()
    expect(page.locator("#inspector")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-inspector", place)


@pytest.mark.parametrize(("width", "height", "place", "unit"), PAGES)
def test_nothing_that_a_tab_exists_to_show_is_hidden(
    page: Page, width: int, height: int, place: str, unit: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_unit(page, unit, 1, place)
    names = tab_names(page)
    assert set(names) == SHOWS.keys()
    for name in names:
        open_tab(page, name)
        wanted = (
            SHOWS[name] if width > 640 else SHOWS[name][:1]
        )  # on a phone the rest is below, as a shade says
        expect(page.locator(f"{wanted[0]}:visible").first).to_be_visible()
        seen = [("#inspector .inspector-body", each) for each in wanted]
        assert page.evaluate(CUT, [*seen, ("#stage", ".unit.selected")]) == [], f"{name}, {place}"
        body = page.locator(".inspector-body")
        assert body.evaluate("(body) => body.scrollWidth - body.clientWidth") == 0, (
            f"{name} is cut at its side"
        )


def test_the_predicted_class_and_the_selected_map_stay_in_the_network(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_unit(page, "residual2.batch_norm2", 1, "full")
    best = "() => document.querySelectorAll('.unit[data-column=output]').length > 0"
    wait_until(page, best)
    open_tab(page, "Maps")
    grid = page.get_by_role("img", name="residual 2.batch norm 2:")
    grid.focus()
    page.keyboard.press("End")
    for _ in range(24):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#inspector h2")).to_contain_text("map 24 of 24")
    expect(page.locator(".unit.selected")).to_have_attribute("data-unit", "23")
    assert page.evaluate(CUT, [("#stage", ".unit.selected")]) == []


def test_tabs_stand_in_one_line_and_leave_the_controls_below_the_columns_their_room(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_paused(page, preset(page, "01-spiral"))
    column(page, "tanh1").first.click()
    inspector = page.locator("#inspector")
    expect(page.get_by_label("Activation of linear 1")).to_be_visible()
    tops = "(all) => new Set(all.map((each) => each.getBoundingClientRect().top)).size"
    assert inspector.locator("[role=tab]:visible, .more-tabs:visible").evaluate_all(tops) == 1
    last = inspector.get_by_role("tab", name="Warm start")
    expect(last).to_be_hidden()
    more = inspector.get_by_role("button", name="More of Network")
    more.press("Enter")
    page.keyboard.type("warm")
    page.keyboard.press("Enter")
    expect(last).to_be_focused()
    expect(last).to_be_visible()
    page.keyboard.press("ArrowLeft")  # the next one that has no room takes its place
    expect(inspector.get_by_role("tab", name="Transfer")).to_be_focused()
    expect(last).to_be_hidden()
    page.keyboard.press("Home")
    expect(inspector.get_by_role("tab", name="Node")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("warm")
    page.get_by_role("option", name="Warm start").filter(has_text="Inspector").click()
    expect(last).to_be_focused()
    page.set_viewport_size({"width": 3200, "height": 1440})
    expect(inspector.get_by_role("button", name="More of Network")).to_be_hidden()


def test_it_lies_and_measures_as_it_was_left(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_unit(page, "relu1", 1, "below")
    separator = page.get_by_role("separator", name="Height of the inspector")
    open_tab(page, "Weights")
    expect(separator).to_have_attribute("aria-valuenow", "204")
    before = int(separator.get_attribute("aria-valuenow") or 0)
    separator.focus()
    page.keyboard.press("ArrowUp")
    expect(separator).to_have_attribute("aria-valuenow", str(before + 16))
    page.get_by_role("button", name="To the right of the network").click()
    width = page.get_by_role("separator", name="Width of the inspector")
    width.focus()
    page.keyboard.press("Home")
    expect(width).to_have_attribute("aria-valuenow", "360")
    page.reload()
    column(page, "relu1").first.click()
    expect(page.locator("body")).to_have_attribute("data-inspector", "right")
    expect(width).to_have_attribute("aria-valuenow", "360")
    page.get_by_role("button", name="Full, with the network as a strip").click()
    expect(page.locator("#settings")).to_be_hidden()
    expect(column(page, "relu1").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_visible()


def test_the_trajectory_is_recorded_from_step_0_by_a_switch(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_paused(page, preset(page, "01-spiral"))
    column(page, "tanh1").first.click()
    open_tab(page, "Trajectory")
    page.get_by_label("Record from step 0").check()
    expect(page.get_by_text("Recorded from step 0 on")).to_be_visible()
    open_tab(page, "Weights")
    page.locator("#play").click()
    wait_until(
        page, "() => Number(document.querySelector('.readout .step b').textContent.replace(',', '')) > 500"
    )
    page.locator("#play").click()
    assert step(page) > 500
    open_tab(page, "Trajectory")
    expect(page.locator(".study-facts").get_by_text("from step 0")).to_be_visible()


def test_weights_open_at_the_unit_that_is_selected(page: Page) -> None:
    experiment = preset(page, "01-spiral")
    page.goto("/")
    open_paused(page, experiment)
    column(page, "tanh1").nth(1).click()
    open_tab(page, "Weights")
    unit = page.get_by_label("Unit whose weight is set")
    expect(unit).to_have_value("2")
    unit.fill("3")
    unit.press("Tab")
    expect(page.locator("#inspector h2")).to_contain_text("unit 3 of")
