"""When not everything is as it should be: lost connections, divergence, watching only, a run that is gone."""

import json
import os
import re
import signal

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
from tools.serving import Server


def test_divergence_explains_itself_and_is_undone_in_one_click(page: Page) -> None:
    experiment = preset(page, "hills")
    experiment["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 90.0}
    open_paused(page, experiment)
    play_button(page).click()
    banner = page.locator(".banner")
    expect(banner).to_contain_text("Training diverged")
    where = re.compile(r"The [a-z ]+ of \w+( \d+)? stopped being a finite number at step \d")
    expect(banner).to_contain_text(where)
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
    # It may be back before anybody looks: that it was lost is written down by the page.
    page.evaluate(
        """() => new MutationObserver(() => {
          const { dataset } = document.body;
          if (dataset.connection === "lost" && dataset.stale !== undefined) dataset.wasStale ??= "yes";
        }).observe(document.body, { attributes: true })"""
    )
    sockets[0].close(code=1012)
    expect(page.locator("body")).to_have_attribute("data-was-stale", "yes")
    expect(page.locator("body")).to_have_attribute("data-connection", "open", timeout=20_000)
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
    page.route("**/icons.svg", lambda route: route.abort())
    sockets[0].close(code=1012)
    expect(page.locator("#notice")).to_contain_text("Connection lost")
    expect(page.locator("body")).to_have_attribute("data-stale", "")
    expect(lamp(page)).to_have_text("reconnecting")
    play_button(page).click()
    expect(lamp(page)).to_have_text("reconnecting")
    # Icons of the two notices and of play, new on the screen, are there although nothing can be fetched.
    assert page.evaluate(
        """[...document.querySelectorAll("#notice use, #play use")].map(
          (use) => document.querySelector(use.getAttribute("href")) !== null)"""
    ) == [True, True, True]


@pytest.mark.parametrize("trained", [True, False])
def test_a_run_whose_worker_was_killed_offers_what_there_is_to_go_back_to(
    page: Page, server: Server, trained: bool
) -> None:
    open_paused(page, preset(page, "xor"))
    if trained:
        page.locator("#epoch").click()
        expect(lamp(page)).to_have_text("paused")
        expect(page.locator(".readout .epoch b")).to_have_text("1")
        wait_until(
            page,
            "async () => (await (await fetch(`/api${location.pathname}/checkpoints`)).json()).length > 0",
        )
    for worker in (server.data_dir / "workers").glob("[0-9]*"):
        os.kill(int(worker.name), signal.SIGKILL)
    banner = page.locator(".banner")
    expect(banner).to_contain_text("The worker process was ended by SIGKILL")
    buttons = banner.get_by_role("button")
    if trained:
        expect(buttons).to_have_text(["Back to step 25", "Start over"])
    else:
        expect(banner).to_contain_text("too young to have a snapshot")
        expect(buttons).to_have_text(["Start over"])
    buttons.first.click()
    expect(lamp(page)).to_have_text("paused", timeout=20_000)  # a worker starts
    expect(banner).to_be_hidden()
    expect(page.locator(".readout .step b")).to_have_text("25" if trained else "0")


def test_who_waits_for_a_worker_is_told_and_led_to_the_runs(page: Page) -> None:
    def queued(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def passed(message: str | bytes) -> None:
            if isinstance(message, str) and '"hello"' in message:
                hello = json.loads(message)
                hello["run"].update(state="queued", queue_position=2)
                message = json.dumps(hello)
            if not (isinstance(message, str) and '"status"' in message):
                socket.send(message)

        server.on_message(passed)

    answer = page.request.post("/api/runs", data={"experiment": preset(page, "xor"), "start": "paused"})
    page.route_web_socket("**/live", queued)
    page.goto(f"/runs/{answer.json()['id']}")
    expect(lamp(page)).to_have_text("number 2 in the queue")
    expect(page.locator(".banner")).to_contain_text("Waiting for its turn")
    page.get_by_role("button", name="See the runs").click()
    expect(page.get_by_role("dialog", name="Runs").get_by_text("Exclusive or").first).to_be_visible()


def test_a_run_that_the_service_paused_says_why_and_offers_to_go_on(page: Page) -> None:
    """A full disk is caused by the tests of the server; here its word is put into the connection."""
    reason = {"title": "The disk is full", "detail": "what is not written waits in memory"}
    full = False

    def through(socket: WebSocketRoute) -> None:
        def told(message: str | bytes) -> None:
            if full and isinstance(message, str) and '"status"' in message:
                message = json.dumps({**json.loads(message), "state": "paused", "reason": reason})
            socket.send(message)

        socket.connect_to_server().on_message(told)

    page.route_web_socket("**/live", through)
    open_first(page)
    full = True
    banner = page.locator(".banner")
    expect(banner).to_contain_text("The disk is full. What is not written waits in memory.")
    expect(banner.get_by_role("button", name="Go on")).to_be_visible()
    expect(banner.get_by_role("button", name="See the runs")).to_be_visible()


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
    expect(page.get_by_role("textbox", name="Noise", exact=True)).to_be_disabled()
    expect(units(page).first).to_be_visible()
    page.get_by_role("button", name="Train a copy of your own").click()
    wait_until(page, "run => !location.href.endsWith(run)", run)


@pytest.mark.allow_console("404|403|WebSocket")
def test_a_run_that_is_not_there_says_so(page: Page) -> None:
    page.goto("/runs/nothing")
    expect(page.get_by_role("main")).to_contain_text("This run is not here")


def test_network_and_chosen_picture_show_the_same_steps_while_the_run_trains(page: Page) -> None:
    answer = page.request.post(
        "/api/runs", data={"experiment": preset(page, "digits-convolution"), "start": "playing"}
    )
    page.goto(f"/runs/{answer.json()['id']}")
    chosen = page.locator(".section", has=page.locator(".chosen"))
    expect(page.locator(".shown-step")).to_have_text(re.compile(r"step [\d,]+"), timeout=30_000)
    expect(chosen.locator(".panel-state")).to_have_text(re.compile(r"live, step [\d,]+"))
    seen = page.evaluate(
        """async () => {
          const places = [".shown-step", ".section:has(.chosen) > .panel-state"];
          const steps = places.map(() => new Set());
          while (steps.some(({ size }) => size < 12)) {
            await new Promise((done) => requestAnimationFrame(done));
            places.forEach((place, index) =>
              steps[index].add(document.querySelector(place).textContent.replace(/.*step /, "")));
          }
          return steps.map((each) => [...each]);
        }"""
    )
    network, beside = map(set, seen)
    assert len(network & beside) >= 6, (network, beside)  # of a slow page's paintings some are left out
