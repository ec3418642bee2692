"""A training that ends by itself: what is said, what is back, and how it is asked for."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import lamp, open_paused, play_button, preset, step, wait_stored


def test_early_stopping_is_seen_going_back(page: Page) -> None:
    open_paused(page, preset(page, "early-stopping"))
    play_button(page).click()
    expect(lamp(page)).to_have_text("stopped early", timeout=30_000)
    banner = page.locator(".banner")
    expect(banner).to_contain_text("validation loss had not fallen for 20 epochs")
    said = re.search(r"step ([\d,]+): .* weights of step ([\d,]+) are back", banner.inner_text())
    assert said is not None
    ended, restored = (int(number.replace(",", "")) for number in said.groups())
    assert step(page) == restored < ended
    expect(play_button(page)).to_have_accessible_name(re.compile("Train on"))
    banner.get_by_role("button", name="Train on without this stop").click()
    expect(lamp(page)).to_have_text("training")
    wait_stored(page, ["training", "stops"], [])


def test_validation_is_offered_where_early_stopping_lacks_it(page: Page) -> None:
    open_paused(page, preset(page, "few-points"))
    page.get_by_label("Add to stops").select_option("early_stopping")
    offer = page.get_by_role("button", name="Keep 20% for validation")
    expect(page.locator(".list > .complaint:visible")).to_contain_text("kept for validation")
    offer.click()
    wait_stored(page, ["training", "stops", 0, "kind"], "early_stopping")
    wait_stored(page, ["data", "validation_share"], 0.2)
    expect(offer).to_be_hidden()
