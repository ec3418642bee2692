"""Nothing lost, nothing false: edits without a server, quick edits, undo of whatever was done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.proxy import Proxy, proxying
from tests.browser.steps import (
    column,
    experiment_of,
    lamp,
    open_paused,
    preset,
    step,
    wait_stored,
    wait_until,
)
from tools.serving import Server


@pytest.fixture(scope="module")
def proxy(server: Server) -> Iterator[Proxy]:
    with proxying(only=urlsplit(server.url).port) as started:
        yield started


@pytest.fixture
def away(browser: Browser, server: Server, proxy: Proxy) -> Iterator[Page]:
    """A page whose way to the server is the proxy, which can be cut."""
    context = browser.new_context(base_url=proxy.url.replace("localhost", "127.0.0.1"))
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context.new_page()
    proxy.mend()
    context.close()
    assert faults == []


def notice(page: Page) -> Locator:
    return page.locator("#notice")


def undo(page: Page) -> Locator:
    return page.get_by_role("button", name="Undo", exact=False).first


def test_an_edit_without_a_server_is_refused_with_the_reason_and_not_drawn(away: Page, proxy: Proxy) -> None:
    open_paused(away, preset(away, "xor"))
    before = experiment_of(away)
    proxy.cut()
    expect(away.locator("body")).to_have_attribute("data-connection", re.compile("lost|connecting"))
    refused = notice(away).get_by_text("Not connected: nothing was changed")

    def again(*acts: Callable[[], object]) -> None:
        """Whatever is done is refused, and that is said anew."""
        away.evaluate("() => document.querySelector('#notice > div').replaceChildren()")
        for act in acts:
            act()
        expect(refused).to_be_visible()

    again(lambda: away.get_by_role("button", name="One unit more in linear 1").click())
    expect(column(away, "tanh1")).to_have_count(4)
    noise = away.get_by_role("textbox", name="Noise", exact=True)
    again(partial(noise.fill, "0.25"), partial(noise.press, "Enter"))
    expect(noise).to_have_value(re.compile("^0"))
    expect(noise).not_to_have_value("0.25")
    activation = away.get_by_label("Activation of linear 1")
    again(lambda: activation.select_option("relu"))
    expect(activation).to_have_value("tanh")
    data = away.get_by_label("Data set")
    again(lambda: data.select_option("circle"))
    expect(data).to_have_value("xor")
    feature = away.get_by_role("button", name="x₁x₂", exact=True)
    again(feature.click)
    expect(feature).to_have_attribute("aria-pressed", "false")
    speed = away.get_by_role("slider", name="Speed")
    fast = speed.input_value()
    again(speed.focus, partial(away.keyboard.press, "Home"))
    expect(speed).to_have_value(fast)
    for key in ("r", " ", "ArrowRight"):
        away.locator("body").click(position={"x": 4, "y": 4})
        again(partial(away.keyboard.press, key))
    title = away.get_by_label("Title of the run")
    away.evaluate("() => document.querySelector('#notice > div').replaceChildren()")
    title.fill("Mine")
    title.press("Enter")
    expect(refused).to_be_visible()
    expect(title).to_have_value(before["title"])
    proxy.mend()
    expect(away.locator("body")).to_have_attribute("data-connection", "open", timeout=20_000)
    assert experiment_of(away) == before
    away.get_by_role("button", name="One unit more in linear 1").click()
    expect(column(away, "tanh1")).to_have_count(5)
    wait_stored(away, ["network", 0, "units"], 5)


def test_an_edit_that_was_under_way_is_said_to_be_and_is_sent_again(away: Page, proxy: Proxy) -> None:
    """Sent, and the connection ends before it arrives: drawn as not yet done, then done once."""
    away.route_web_socket("**/live", lambda socket: swallowing(socket, sockets))
    sockets: list[dict[str, Any]] = []
    open_paused(away, preset(away, "xor"))
    sockets[0]["swallows"] = True
    away.get_by_role("button", name="One unit more in linear 1").click()
    expect(notice(away)).to_contain_text("Not yet on the server: add 1 unit to tanh 1")
    expect(away.locator("body")).to_have_attribute("data-pending", "")
    assert experiment_of(away)["network"][0]["units"] == 4
    proxy.cut()
    expect(notice(away)).to_contain_text("Connection lost")
    expect(notice(away)).to_contain_text("Not yet on the server: add 1 unit to tanh 1")
    proxy.mend()
    expect(notice(away)).to_contain_text("Sent again: add 1 unit to tanh 1", timeout=20_000)
    wait_stored(away, ["network", 0, "units"], 5)
    expect(away.locator("body")).not_to_have_attribute("data-pending", "")
    expect(column(away, "tanh1")).to_have_count(5)
    away.keyboard.press("Control+z")
    wait_stored(away, ["network", 0, "units"], 4)
    expect(column(away, "tanh1")).to_have_count(4)


def swallowing(socket: WebSocketRoute, sockets: list[dict[str, Any]]) -> None:
    """A connection that can swallow edits: they are sent, and never arrive."""
    state: dict[str, Any] = {"swallows": False, "held": []}
    sockets.append(state)
    server = socket.connect_to_server()

    def passed(message: str | bytes) -> None:
        if state["swallows"] and isinstance(message, str) and json.loads(message)["type"] == "edit":
            state["held"].append(message)
        else:
            server.send(message)

    socket.on_message(passed)

    def release() -> None:
        for message in state["held"]:
            server.send(message)

    state["release"] = release


@pytest.mark.allow_console("status of 422")
@pytest.mark.parametrize("bad_first", [True, False])
def test_of_two_quick_edits_the_refused_one_takes_nothing_with_it(page: Page, bad_first: bool) -> None:
    sockets: list[dict[str, Any]] = []
    page.route_web_socket("**/live", lambda socket: swallowing(socket, sockets))
    open_paused(page, preset(page, "xor"))
    sockets[0]["swallows"] = True  # a slow server: the first edit is under way while the others are made
    page.get_by_role("button", name="One unit more in linear 1").click()
    bad, good = ("Noise", "7"), ("Batch size", "13")
    for name, value in (bad, good) if bad_first else (good, bad):
        field = page.get_by_role("textbox", name=name, exact=True)
        field.fill(value)
        field.press("Enter")
    sockets[0]["swallows"] = False
    sockets[0]["release"]()
    wait_stored(page, ["training", "batch_size"], 13)
    wait_stored(page, ["network", 0, "units"], 5)
    expect(page.locator('[data-pointer="/data/noise"] .complaint')).to_contain_text("7")
    assert experiment_of(page)["data"]["noise"] == 0
    expect(page.get_by_role("textbox", name="Batch size")).to_have_value("13")
    expect(undo(page)).to_have_attribute("title", re.compile(r"^Undo: batch size 10 → 13 "))


def test_a_reset_is_undone_with_its_weights_and_its_curves(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.locator("#epoch").click()
    expect(page.locator(".readout .epoch b")).to_have_text("1")
    reached = step(page)
    loss = last_test_loss(page)
    page.keyboard.press("r")
    expect(page.locator(".readout .step b")).to_have_text("0")
    page.keyboard.press("r")  # once more by mistake, after a few steps
    page.keyboard.press("ArrowRight")
    expect(page.locator(".readout .step b")).to_have_text("1")
    page.keyboard.press("r")
    expect(page.locator(".readout .step b")).to_have_text("0")
    expect(undo(page)).to_have_attribute("title", re.compile("^Undo: start over "))
    page.keyboard.press("Control+z")
    expect(page.locator(".readout .step b")).to_have_text("1")
    page.keyboard.press("Control+z")
    expect(page.locator(".readout .step b")).to_have_text(str(reached))
    wait_until(page, f"loss => Math.abs({LAST_LOSS} - loss) < 1e-6", loss)
    expect(page.locator(".plot").first).to_have_attribute("aria-label", re.compile("at epoch 1:"))
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".readout .step b")).to_have_text("0")
    page.reload()
    expect(lamp(page)).to_have_text("paused")
    expect(undo(page)).to_have_attribute("title", re.compile("^Undo: start over "))
    page.keyboard.press("Control+z")
    expect(page.locator(".readout .step b")).to_have_text(str(reached))


LAST_LOSS = "Number(document.querySelector('.plot-legend b:last-of-type').title)"


def last_test_loss(page: Page) -> float:
    expect(page.locator(".plot-legend").first).to_contain_text(re.compile(r"test\s*0\.\d"))
    return float(page.evaluate(LAST_LOSS))


def test_a_layer_that_grows_says_what_starts_anew_and_its_tick_stays_after_a_reload(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.locator("#epoch").click()
    expect(page.locator(".readout .epoch b")).to_have_text("1")
    page.get_by_role("button", name="One unit more in linear 1").click()
    expect(notice(page)).to_contain_text("Unit 5 of tanh 1 starts anew; 4 kept.")
    expect(page.locator('.unit.fresh[data-column="tanh1"]')).to_have_count(1)
    loss = page.locator(".plot").first
    told = "Changes: step 25: add 1 unit to tanh 1"
    expect(loss).to_have_attribute("aria-label", re.compile(told))
    page.keyboard.press("r")
    expect(loss).to_have_attribute("aria-label", re.compile("Changes: step 0: start over"))
    page.keyboard.press("Control+z")
    expect(loss).to_have_attribute("aria-label", re.compile(told))
    page.reload()
    expect(loss).to_have_attribute("aria-label", re.compile(told))
    width = page.evaluate("() => document.querySelector('.plot').clientWidth")
    loss.hover(position={"x": width - 10, "y": 30})
    expect(page.locator(".mark-hint").first).to_contain_text("step 25: add 1 unit to tanh 1")


def test_regression_has_its_own_metric_and_no_rows_of_another_task(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    accuracy = page.get_by_role("heading", name="Accuracy")
    expect(accuracy).to_be_visible()
    page.locator("#epoch").click()
    expect(page.locator(".readout .epoch b")).to_have_text("1")
    page.get_by_label("Data set").select_option("regression_gauss")
    expect(page.get_by_role("heading", name="Absolute error")).to_be_visible()
    expect(accuracy).to_be_hidden()
    metric = page.locator(".plot:visible").nth(1)
    expect(metric).to_have_attribute("aria-label", re.compile(r"absolute error at epoch 1: train 0\.\d"))
    page.reload()
    expect(metric).to_have_attribute("aria-label", re.compile(r"absolute error at epoch 1: train 0\.\d"))
    expect(accuracy).to_be_hidden()


def test_data_that_must_come_first_are_described_themselves(page: Page) -> None:
    open_paused(page, preset(page, "digits"))
    described = page.locator("#settings .note")
    expect(described.get_by_text("1,797 handwritten digits")).to_be_visible()
    for kind, summary in (
        ("mnist", "70,000 handwritten digits of 28×28"),
        ("own_images", "Uploaded as a ZIP"),
    ):
        page.get_by_label("Data set").select_option(kind)
        expect(described.get_by_text(summary)).to_be_visible()
        expect(described.get_by_text("1,797")).to_be_hidden()


def test_nothing_of_a_run_stands_on_the_panels_of_the_next(page: Page) -> None:
    """The next run is held before its first frame: all that is painted by then would be of the last one."""
    held = {"holds": False}

    def holding(socket: WebSocketRoute) -> None:
        def passed(message: str | bytes) -> None:
            if not (held["holds"] and isinstance(message, bytes)):
                socket.send(message)

        socket.connect_to_server().on_message(passed)

    page.route_web_socket("**/live", holding)
    open_paused(page, preset(page, "spiral"))
    page.locator("#epoch").click()
    expect(page.locator(".readout .epoch b")).to_have_text("1")
    page.locator(".results summary", has_text="Metrics").click()
    expect(page.locator(".section.folding .figures, .section.folding .confusion").first).to_be_visible()
    column(page, "tanh1").first.click()
    page.get_by_role("tab", name="Weights").click()
    wait_until(page, f"() => ({STANDING})().length >= 4")
    held["holds"] = True
    experiment = preset(page, "spiral")
    experiment["title"] = "The next"
    other = page.request.post("/api/runs", data={"experiment": experiment, "start": "paused"}).json()["id"]
    page.get_by_role("button", name="Runs").first.click()
    page.get_by_role("dialog", name="Runs").get_by_text("The next").first.click()
    expect(page).to_have_url(re.compile(other))
    expect(lamp(page)).to_have_text("paused", timeout=20_000)
    expect(column(page, "tanh1").first).to_be_visible()
    assert page.evaluate(STANDING) == []


#: Canvases, besides the plots' and own drawings, that have colours as data have; empty tiles are grey.
STANDING = """() => [...document.querySelectorAll('#stage canvas, #results canvas, .inspector-body canvas')]
  .filter((canvas) => !canvas.matches('.plot, .pad') && canvas.checkVisibility({ visibilityProperty: true }))
  .filter((canvas) => {
    if (canvas.width === 0 || canvas.height === 0) return false;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [data[at], data[at + 1], data[at + 2]];
      if (data[at + 3] > 100 && Math.max(...rgb) - Math.min(...rgb) > 60) return true;
    }
    return false;
  })
  .map((canvas) => `${canvas.className} ${canvas.parentElement.className}`)"""
