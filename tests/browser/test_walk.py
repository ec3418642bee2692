"""One sample on the page, walked forward, to the loss, back, to the update; a weight that is pointed at."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import box_at_rest, column, open_paused, open_tab, preset

CHAIN = re.compile(r"∂L/∂w\s*(\S+)\s*=\s*∂L/∂a\s*(\S+)\s*·\s*∂a/∂z\s*(\S+)\s*·\s*∂z/∂w\s*(\S+)")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_a_sample_is_walked_to_the_loss_and_back_and_a_weight_has_its_chain_rule(page: Page) -> None:
    open_paused(page, preset(page, "circle"))
    page.locator(".foot-name").nth(1).click()
    open_tab(page, "One sample")
    panel, layer = page.locator(".walk-panel"), page.locator(".walk-layer")
    phase = panel.locator(".walk-phase")
    expect(phase).to_contain_text("The sample comes in 1 of")
    expect(layer.locator(".output")).to_have_count(2)

    panel.get_by_role("button", name="One phase on").click()
    expect(phase).to_contain_text("Forward: tanh 1")
    expect(layer.locator(".weight").first).to_be_visible()
    playhead = panel.get_by_role("slider", name="Phase of the walk")
    playhead.focus()
    page.keyboard.press("End")
    expect(phase).to_contain_text("The update")
    expect(layer.locator(".change").first).to_be_visible()
    expect(layer.locator(".loss")).to_have_text(re.compile(r"^loss \d"))

    # The middle of an edge into the second unit of the first layer.
    left, top, width, height = box_at_rest(column(page, "input").first)
    right, low, _, tall = box_at_rest(column(page, "tanh1").nth(1))
    page.mouse.move((left + width + right) / 2, (top + height / 2 + low + tall / 2) / 2)
    expect(panel.locator(".walk-chain")).to_contain_text("x₁ → tanh 1, unit 2")
    words = panel.locator(".walk-chain .walk-product").first.inner_text()
    found = CHAIN.search(words)
    assert found, words
    result, *factors = map(number, found.groups())
    product = 1.0
    for factor in factors:
        product *= factor
    assert abs(product - result) <= 0.02 * abs(result)
    expect(panel.locator(".walk-chain")).to_contain_text("as autograd has it")

    place = panel.get_by_label("Sample of the set, from 0")
    place.fill("100000")
    place.press("Tab")
    expect(panel.locator(".walk-sample")).to_contain_text(re.compile(r"expected 0 to \d+"))
    place.fill("3")
    place.press("Tab")
    expect(phase).to_contain_text("The sample comes in")
    panel.get_by_role("slider", name="Walking speed").fill("5")
    expect(place).not_to_have_value("3")  # the next sample, by itself, and on
    panel.get_by_role("button", name="Stand still").click()
    page.get_by_role("tab", name="Weights").click()
    expect(layer).to_be_hidden()
