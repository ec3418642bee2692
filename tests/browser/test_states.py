"""When not everything is as it should be: lost connections, divergence, watching only, a run that is gone."""

import json
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.steps import (
    lamp,
    open_first,
    open_paused,
    play_button,
    preset,
    units,
    wait_stored,
    wait_until,
)


def test_divergence_explains_itself_and_is_undone_in_one_click(page: Page) -> None:
    experiment = preset(page, "hills")
    experiment["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 90.0}
    open_paused(page, experiment)
    play_button(page).click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("Training diverged")
    expect(banner).to_contain_text(re.compile(r"The [a-z ]+ of \w+ stopped being a finite number at step \d"))
    expect(page.locator(".unit.failed").first).to_be_visible()
    page.get_by_role("button", name="Back to the last finite state").click()
    expect(lamp(page)).to_have_text("paused")
    expect(banner).to_be_hidden()


def test_a_tenth_of_the_rate_is_one_click_away(page: Page) -> None:
    experiment = preset(page, "hills")
    experiment["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 50.0}
    open_paused(page, experiment)
    play_button(page).click()
    page.get_by_role("button", name="A tenth of the learning rate").click()
    wait_stored(page, ["training", "updates", 0, "optimizer", "learning_rate"], 5)


@pytest.mark.allow_console("WebSocket|404")
def test_a_lost_connection_dims_what_is_stale_and_comes_back(page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/live", through)
    open_first(page)
    sockets[0].close(code=1012)
    expect(page.locator("body")).to_have_attribute("data-connection", "open")
    wait_until(page, "() => document.body.dataset.state === 'training'")
    assert len(sockets) >= 2


def test_while_the_connection_is_lost_the_page_says_how_old_it_is(page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def once(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) == 1:
            socket.connect_to_server()
        else:
            socket.close(code=1012)

    page.route_web_socket("**/live", once)
    open_first(page)
    sockets[0].close(code=1012)
    expect(page.locator("#notice")).to_contain_text("Connection lost")
    expect(page.locator("body")).to_have_attribute("data-stale", "")


def test_who_may_only_watch_sees_no_dead_buttons(page: Page) -> None:
    def watching(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def passed(message: str | bytes) -> None:
            if isinstance(message, str) and '"hello"' in message:
                hello = json.loads(message)
                hello["run"]["control"] = False
                message = json.dumps(hello)
            socket.send(message)

        server.on_message(passed)

    run = page.request.post("/api/runs", data={"experiment": preset(page, "xor"), "start": "playing"}).json()[
        "id"
    ]
    page.route_web_socket("**/live", watching)
    page.goto(f"/runs/{run}")
    expect(page.locator(".banner")).to_contain_text("You are watching this run")
    expect(play_button(page)).to_be_hidden()
    expect(page.locator(".insert")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Noise")).to_be_disabled()
    expect(units(page).first).to_be_visible()
    page.get_by_role("button", name="Train a copy of your own").click()
    wait_until(page, "run => !location.href.endsWith(run)", run)


@pytest.mark.allow_console("404|403|WebSocket")
def test_a_run_that_is_not_there_says_so(page: Page) -> None:
    page.goto("/runs/nothing")
    expect(page.locator(".banner")).to_contain_text("This run is not here")
