"""Small screens and fingers: targets, width, descriptions of pictures, on every page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.measures import PAGES, cut_marks, cut_texts, overflow, silent_canvases, small_targets
from tests.browser.steps import open_paused, preset, units
from tests.browser.test_accessibility import complaints, open_at
from tools.serving import Server

PHONE = (390, 844)
#: The narrowest, the usual one, and a laptop at 200 %.
SIZES = [(320, 640), PHONE, (720, 450)]
TABS = ("Data", "Network", "Result")


def shape(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("path", [*PAGES, "/runs/none/at/all"])
@pytest.mark.allow_console("status of 404")
def test_a_page_fits_small_screens_and_fingers_and_axe_finds_nothing(page: Page, path: str) -> None:
    open_at(page, "390", "dark")
    page.goto(path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert small_targets(page) == []
    assert silent_canvases(page) == []
    assert [size for size in SIZES if overflow(page, *size)] == []
    assert complaints(page) == []
    assert cut_texts(page) == []
    assert cut_marks(page) == []
    open_at(page, "1024", "light")
    assert cut_texts(page) == []
    open_at(page, "1440", "light")
    assert cut_texts(page) == []
    assert complaints(page) == []


def test_the_instrument_fits_small_screens_and_fingers(page: Page) -> None:
    shape(page, PHONE)
    open_paused(page, preset(page, "xor"))
    for tab in TABS:
        page.get_by_role("button", name=tab, exact=True).click()
        assert small_targets(page) == []
        assert silent_canvases(page) == []
        assert [size for size in SIZES if overflow(page, *size)] == []
        shape(page, PHONE)
    page.get_by_role("button", name="Network", exact=True).click()
    page.get_by_role("button", name="Menu").click()
    assert small_targets(page) == []
    page.keyboard.press("Escape")
    units(page).nth(2).click()
    expect(page.locator("#inspector")).to_be_visible()
    assert small_targets(page) == []
    assert [size for size in SIZES if overflow(page, *size)] == []


@pytest.mark.parametrize(
    ("width", "height"),
    [PHONE, *(pytest.param(*size, marks=pytest.mark.thorough) for size in SIZES if size != PHONE)],
)
def test_every_layer_can_be_added_and_changed_on_a_small_screen(page: Page, width: int, height: int) -> None:
    shape(page, (width, height))
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Add a layer before output").click()
    page.get_by_role("dialog", name="Add a layer").get_by_role("button").first.click()
    expect(page.locator('.unit[data-column="tanh3"]').first).to_be_attached()
    page.get_by_role("button", name="One unit more in linear 2").click()
    expect(page.locator('.unit[data-column="tanh2"]')).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator('.unit[data-column="tanh2"]')).to_have_count(2)


#: Pairs of controls of the drawing that cover each other by more than a hair.
COVERED = """() => {
  const controls = [...document.querySelectorAll(".foot :is(button, select), .insert")]
    .filter((control) => control.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((control) => [control.ariaLabel ?? control.textContent, control.getBoundingClientRect()]);
  return controls.flatMap(([one, a], index) => controls.slice(index + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
    .map(([other]) => `${one} and ${other}`));
}"""


def test_controls_of_branches_do_not_cover_each_other_at_twice_the_size(page: Page) -> None:
    open_paused(page, preset(page, "residual"))
    for size in ((720, 450), (640, 400)):
        assert not overflow(page, *size)
        assert page.evaluate(COVERED) == [], size


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["/", *PAGES])
def test_no_page_scrolls_sideways_at_any_width(page: Page, path: str) -> None:
    if path == "/":
        open_paused(page, preset(page, "xor"))
    else:
        page.goto(path)
    widths = range(320, 761, 40)
    assert [width for width in widths if overflow(page, width, 844)] == []


#: How many pixels the slider of slices and the ways to the whole network cover of each other, up and down.
SHARED = """() => {
  const [a, b] = [".stage > .slice-bar", ".whole-tools"]
    .map((name) => document.querySelector(name).getBoundingClientRect());
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  return across > 0 ? Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)) : 0;
}"""


def test_the_slider_of_slices_covers_nothing_below_a_finger(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, has_touch=True)
    page = context.new_page()
    answer = page.request.post("/api/runs", data={"experiment": preset(page, "volumes"), "start": "paused"})
    page.goto(f"/runs/{answer.json()['id']}")
    expect(page.locator(".stage > .slice-bar")).to_be_visible()
    expect(page.locator(".whole-tools")).to_be_visible()
    covered = {}
    for size in (*SIZES, (1024, 768), (1130, 800), (1440, 900)):
        shape(page, size)
        covered[size] = page.evaluate(SHARED)
    context.close()
    assert set(covered.values()) == {0}, covered
