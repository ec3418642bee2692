"""Three hints of what to do first: seen on the first visit, gone once dismissed or done, back when asked."""

from playwright.sync_api import Page, expect

from tests.browser.steps import box_at_rest, open_first, units
from tests.browser.test_accessibility import complaints


def test_hints_are_dismissed_by_keys_or_by_doing_and_stay_away(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_first(page)
    hints = page.get_by_role("list", name="First steps").get_by_role("listitem")
    expect(hints).to_have_count(3)
    assert hints.first.evaluate("(hint) => getComputedStyle(hint).animationName") == "none"
    assert complaints(page) == []
    bottom = max(top + height for _, top, _, height in (box_at_rest(hint) for hint in hints.all()))
    assert bottom <= box_at_rest(page.locator("#stage"))[1]  # above the network, over nothing of it
    dismiss = page.get_by_role("button", name="Dismiss: Add a layer or a unit with +")
    dismiss.press("Enter")
    expect(hints).to_have_count(2)
    expect(page.get_by_role("button", name="Dismiss: Press a unit")).to_be_focused()
    page.reload()
    expect(hints).to_have_count(2)  # it is the first visit still
    units(page).nth(5).click()
    expect(hints).to_have_text(["Pull the slider of the loss back in time"])
    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Step that is shown").press("ArrowLeft")
    expect(hints).to_have_count(0)

    later = page.context.new_page()  # a visit in another window
    later.goto("/")
    expect(units(later).first).to_be_visible()
    later.keyboard.press("?")
    again = later.get_by_role("button", name="Show the first steps again")
    expect(later.locator(".hints")).to_have_count(0)
    again.press("Enter")
    expect(later.locator(".hints li")).to_have_count(3)
