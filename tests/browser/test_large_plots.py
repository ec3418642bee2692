"""Plots opened large: read off, zoomed, turned, taken away; what draws them comes when first needed."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.steps import open_first, open_paused, play_button, preset, wait_until

#: Plotly is compiled once a page, and the machine does other things besides.
LONG = 30_000

#: Bytes of Plotly over the wire.
MOST = 1_600_000


def open_large(page: Page, name: str) -> Locator:
    """Press the button of a plot; the window, when it is drawn."""
    page.get_by_role("button", name=f"Open large: {name}").click()
    window = page.get_by_role("dialog", name=name)
    expect(window.locator(".main-svg").first).to_be_visible(timeout=LONG)
    return window


def taken(window: Locator, form: str) -> tuple[str, bytes]:
    """The name and the content of the file that a button of the window saves."""
    with window.page.expect_download() as saved:
        window.get_by_role("button", name=form, exact=True).click()
    return saved.value.suggested_filename, saved.value.path().read_bytes()


def points(window: Locator) -> int:
    found: int = window.locator(".large-picture").evaluate("host => host.data.at(-1).x.length")
    return found


def test_a_loss_curve_opens_large_follows_and_is_taken_away(page: Page) -> None:
    asked: list[Request] = []

    def on_request(request: Request) -> None:
        if "plotly" in urlsplit(request.url).path:
            asked.append(request)

    page.on("request", on_request)
    open_first(page)
    button = page.get_by_role("button", name="Open large: Loss")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 32
    assert asked == []
    window = open_large(page, "Loss")
    script = next(request for request in asked if request.url.endswith("/vendor/plotly.min.js"))
    answer = script.response()
    assert answer is not None
    assert answer.header_value("content-encoding") == "gzip"
    assert script.sizes()["responseBodySize"] < MOST

    # It follows what is trained meanwhile.
    before = points(window)
    wait_until(
        page, "(before) => document.querySelector('.large-picture').data.at(-1).x.length > before", before
    )
    # A hand's zoom stays while it follows; 0 takes it back.
    picture = window.get_by_role("application")
    picture.focus()
    page.keyboard.press("+")
    zoomed = "() => document.querySelector('.large-picture').layout.xaxis.range[0] > 0"
    wait_until(page, zoomed, None)
    page.keyboard.press("0")
    wait_until(page, "() => document.querySelector('.large-picture').layout.xaxis.range[0] === 0", None)

    name, table = taken(window, "CSV")
    assert name == "spiral-three-tanh-layers-loss.csv"
    rows = table.decode().split("\r\n")
    assert rows[0] == "series,epoch,loss"
    assert {row.split(",")[0] for row in rows[1:-1]} == {"batch", "train", "test"}
    name, picture_bytes = taken(window, "PNG")
    assert name.endswith("-loss.png")
    assert picture_bytes.startswith(b"\x89PNG")
    name, drawing = taken(window, "SVG")
    assert name.endswith("-loss.svg")
    assert b"Spiral, three tanh layers" in drawing

    page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(button).to_be_focused()


def test_a_large_plot_has_the_theme_and_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto("/labs/descent")
    window = open_large(page, "Loss above the least")
    paper = "() => document.querySelector('.large-picture').layout.template.layout.paper_bgcolor"
    assert page.evaluate(paper) == "#ffffff"
    page.emulate_media(color_scheme="dark")
    wait_until(page, f"() => ({paper})() === '#191a1e'", None)
    box = window.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    for each in window.get_by_role("button").all():
        target = each.bounding_box()
        assert target is not None
        assert target["height"] >= 32
        assert target["x"] + target["width"] <= 390


@pytest.mark.thorough
def test_a_surface_is_turned_by_hand_and_by_keys_again_and_again(page: Page) -> None:
    page.goto("/labs/descent")
    window = open_large(page, "Surface")
    picture = window.get_by_role("application")
    box = picture.bounding_box()
    assert box is not None
    eye = "() => JSON.stringify(document.querySelector('.large-picture').layout.scene.camera.eye)"
    across, down = box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"]
    for _ in range(2):  # the second after a drawing has come between
        before = page.evaluate(eye)
        page.mouse.move(across, down)
        page.mouse.down()
        page.mouse.move(across + 40, down, steps=3)
        page.mouse.up()
        wait_until(page, f"(before) => ({eye})() !== before", before)
    before = page.evaluate(eye)
    picture.focus()
    page.keyboard.press("ArrowLeft")
    wait_until(page, f"(before) => ({eye})() !== before", before)
    window.get_by_role("button", name="Contours").click()
    wait_until(page, "() => document.querySelector('.large-picture').data[0].type === 'contour'", None)


@pytest.mark.allow_console("Failed to load resource")
def test_what_draws_it_may_be_missing_and_come_later(page: Page) -> None:
    page.route(re.compile("plotly.min.js"), lambda route: route.abort())
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Open large: Loss").click()
    window = page.get_by_role("dialog", name="Loss")
    expect(window.get_by_role("status")).to_contain_text("was not loaded", timeout=LONG)
    page.unroute(re.compile("plotly.min.js"))
    window.get_by_role("button", name="Try again").click()
    expect(window.locator(".main-svg").first).to_be_visible(timeout=LONG)
    page.keyboard.press("Escape")
    play_button(page).click()  # the page below goes on
