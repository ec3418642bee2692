"""Backpropagation through a convolution on the page: a pixel, a weight, the bias, each as autograd has it."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import open_paused, preset


def agrees(result: Locator) -> None:
    """The sum on the page and autograd's number, as float32 rounds."""
    expect(result).to_contain_text("as autograd has it")
    values = [float(result.get_attribute(f"data-{name}") or "nan") for name in ("sum", "autograd")]
    assert abs(values[0] - values[1]) <= 1e-4 * abs(values[1]) + 1e-7, values


def test_the_gradients_of_a_convolution_are_followed_beside_the_forward_arithmetic(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    page.locator('.unit[data-column="relu2"]').nth(1).click()
    expect(page.locator(".arithmetic-panel .arithmetic-head")).to_contain_text("conv2d 2, map 2")
    backward = page.get_by_role("button", name="Backward", exact=True)
    backward.click()
    expect(backward).to_be_focused()
    panel = page.locator(".backward-panel")
    result = panel.locator(".arithmetic-result")
    expect(panel).to_contain_text("row 3, column 3 of channel 1")  # the middle of 4 by 4
    agrees(result)
    panel.locator("canvas").nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(panel).to_contain_text("row 3, column 4 of channel 1")
    agrees(result)

    panel.locator(".backward-kernel button").nth(5).click()
    expect(panel).to_contain_text("weight at row 2, column 3, channel 1")
    agrees(result)
    panel.get_by_role("button", name="3", exact=True).click()
    expect(panel).to_contain_text("weight at row 2, column 3, channel 3")
    agrees(result)
    panel.get_by_role("button", name="the bias").click()
    expect(panel).to_contain_text("bias of map 2")
    agrees(result)

    page.locator('.unit[data-column="max_pool2d1"]').first.click()
    expect(panel).to_contain_text("all of it to the largest")
    expect(panel.get_by_role("button", name="the kernel")).to_be_hidden()
    agrees(result)
    page.get_by_role("button", name="Forward", exact=True).click()
    expect(page.locator(".arithmetic-panel")).to_be_visible()
    page.locator('.unit[data-column="output"]').first.click()
    expect(backward).to_be_hidden()
