"""The learning rate range test on the page: a good rate, what it was measured by, and its use."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.steps import open_paused, open_tab, units, wait_painted, wait_stored

#: One large batch a step and few epochs: a test that is soon done.
SMALL: dict[str, Any] = {
    "data": {"kind": "gauss", "noise": 0.3},
    "network": [
        {"kind": "linear", "units": 4},
        {"kind": "tanh"},
        {"kind": "linear", "name": "output", "units": None},
    ],
    "training": {"batch_size": 128, "epochs": 40, "updates": [{"optimizer": {"kind": "sgd"}}]},
}

#: Elements of the panel whose words reach beyond them, or that reach beyond the window.
CLIPPED = """() => [...document.querySelectorAll(".lr-result *")].filter((one) => one.clientWidth > 0 &&
    (one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)).length"""


def test_a_good_rate_says_what_was_trained_and_can_be_used(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_paused(page, SMALL)
    units(page).first.click()
    open_tab(page, "Rates")
    panel = page.get_by_role("tabpanel", name="Rates")
    panel.get_by_role("button", name="Run", exact=True).click()
    good = panel.locator(".lr-good")
    measured = re.compile(r"trained 80 steps each: .+, half .+, double .+; [23] of [23] seeds agree")
    expect(good).to_contain_text(measured, timeout=30_000)
    wait_painted(page, ".lr-plot", 4)
    told = good.locator("b").inner_text()
    expect(good.locator(".lr-tried .good")).to_contain_text(told)
    expect(panel.get_by_text("Grey: each batch. Line: running mean, ± its standard error.")).to_be_visible()
    expect(panel.locator(".lr-diverges")).to_contain_text(re.compile("in this (sweep|range)|not in this"))
    for width in (1024, 390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CLIPPED) == 0, width
    good.get_by_role("button", name="Use this rate").click()
    wait_stored(page, ["training", "updates", 0, "optimizer", "learning_rate"], float(told))


def test_a_schedule_and_a_loss_are_seen_when_they_are_chosen(page: Page) -> None:
    open_paused(page, SMALL)
    page.get_by_label("Schedule", exact=True).select_option("warm_restarts")
    expect(page.get_by_role("img", name="Planned rate, from")).to_be_visible()
    page.get_by_label("Loss", exact=True).select_option("hinge")
    expect(page.get_by_role("img", name="Loss over the score, from 5 at −4 to 0 at 4")).to_be_visible()
    wait_painted(page, ".preview-plot", 3)
    page.get_by_label("Schedule", exact=True).select_option("reduce_on_plateau")
    expect(page.get_by_text("Less whenever train loss has stopped improving.")).to_be_visible()
