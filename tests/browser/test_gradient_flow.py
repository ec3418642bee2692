"""Gradient flow and histograms on the page: a gradient that vanishes is seen, and told."""

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.steps import open_paused, open_tab, preset


def test_in_deep_sigmoid_layers_the_gradient_is_seen_to_vanish(page: Page) -> None:
    open_paused(page, preset(page, "deep-sigmoid"))
    page.locator(".foot-name").nth(1).click()
    open_tab(page, "Gradient flow")
    panel = page.locator(".flow-panel")
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(7)
    page.get_by_role("button", name="One epoch").click()
    expect(panel).to_contain_text(re.compile(r"of that of output: it vanishes on the way down"))
    sizes = [float(text) for text in rows.locator("td").all_inner_texts()]
    assert sizes[0] < 1e-3 * sizes[-1]
    panel.get_by_label("Size of").select_option(label="Update ÷ weight")
    expect(panel).to_contain_text("Usual is about 0.001")
    expect(rows.locator("td").first).to_have_text(re.compile(r"\d"))


def test_what_is_drawn_can_be_chosen_before_the_first_frame_comes(page: Page) -> None:
    """The panel stood there, empty and without height, as long as a slow network took for its gradients."""

    def hold(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda said: None if b"gradient_flow" in _bytes(said) else route.send(said))

    page.route_web_socket(re.compile("/live$"), hold)
    open_paused(page, preset(page, "xor"))
    page.locator(".foot-name").nth(1).click()
    open_tab(page, "Gradient flow")
    panel = page.locator("#panel-gradient_flow")
    choice = panel.get_by_label("Size of")
    expect(choice).to_be_visible()
    expect(panel.locator("tbody")).to_be_hidden()
    choice.select_option(label="Weight")
    expect(panel).to_be_visible()
    expect(page.get_by_role("tab", name="Gradient flow")).to_have_attribute("aria-selected", "true")


def _bytes(said: str | bytes) -> bytes:
    return said.encode() if isinstance(said, str) else said


def test_histograms_show_how_each_node_is_spread_and_follow_the_mode(page: Page) -> None:
    open_paused(page, preset(page, "deep-batch-norm"))
    page.locator(".foot-name").nth(1).click()
    open_tab(page, "Histograms")
    cards = page.locator(".ridge-card")
    expect(cards).to_have_count(19)
    expect(cards.nth(1).locator("h3")).to_have_text("batch norm 1")
    before = cards.nth(1).locator(".note").inner_text()
    page.locator(".histograms-panel").get_by_label("Mode").select_option("training")
    expect(cards.nth(1).locator(".note")).not_to_have_text(before)
    expect(cards.nth(1).locator(".note")).to_have_text(re.compile("standard deviation (1|0.99)"))
    page.locator(".histograms-panel").get_by_label("Count of").select_option("gradient")
    expect(cards.last.locator("canvas")).to_have_accessible_name(re.compile("^output, steps 0 to 0: mean"))
