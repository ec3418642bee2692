"""Gradient flow on the page: a gradient that vanishes is seen, and told."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import open_paused, play_button, preset


def test_in_deep_sigmoid_layers_the_gradient_is_seen_to_vanish(page: Page) -> None:
    open_paused(page, preset(page, "deep-sigmoid"))
    page.locator(".foot-name").nth(1).click()
    page.get_by_role("tab", name="Gradient flow").click()
    panel = page.locator(".flow-panel")
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(7)
    play_button(page).click()
    expect(panel).to_contain_text("The gradient of linear 1 is")
    play_button(page).click()
    expect(panel).to_contain_text(re.compile(r"of that of output: it vanishes on the way down"))
    sizes = [float(text) for text in rows.locator("td").all_inner_texts()]
    assert sizes[0] < 1e-3 * sizes[-1]
    panel.get_by_label("Size of").select_option(label="Update ÷ weight")
    expect(panel).to_contain_text("Usual is about 0.001")
    expect(rows.locator("td").first).to_have_text(re.compile(r"\d"))
