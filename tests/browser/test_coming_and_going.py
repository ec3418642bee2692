"""Home, examples one after the other, the way back through them, titles, the bar, and what is opened."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.app.server import eventually
from tests.browser.steps import (
    RUN,
    experiment_of,
    lamp,
    open_first,
    open_paused,
    play_button,
    preset,
    units,
    wait_until,
)
from tools.serving import Server


def runs(page: Page) -> dict[str, dict[str, Any]]:
    """All runs as the server has them, by id."""
    return {run["id"]: run for run in page.request.get("/api/runs").json()}


def awake(page: Page) -> list[dict[str, Any]]:
    """The runs that are not paused."""
    return [run for run in runs(page).values() if run["state"] != "paused"]


def open_example(page: Page, index: int) -> str:
    """Open an example from the menu, until it is drawn and trains; its address."""
    before = page.url
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("dialog", name="Examples").locator(".menu-item").nth(index).click()
    expect(page).not_to_have_url(before)
    expect(lamp(page)).to_have_text("training", timeout=60_000)
    return page.url


def test_home_is_found_again_by_logo_and_reload_and_what_was_run_is_offered(page: Page) -> None:
    open_first(page)
    home = page.url
    expect(page.locator("#home")).to_be_hidden()
    page.reload()
    expect(page).to_have_url(home)
    first = open_example(page, 1)
    page.get_by_role("link", name="Glassnet").click()
    expect(page).to_have_url(home)
    expect(lamp(page)).to_have_text("training")
    row = page.get_by_role("navigation", name="Recent runs")
    expect(row.get_by_role("link", name="Circle, one small layer")).to_contain_text(re.compile("loss|step"))
    expect(row.get_by_role("link", name="Labs")).to_be_visible()
    assert len(runs(page)) == 2
    row.get_by_role("link", name="Circle").click()
    expect(page).to_have_url(first)
    expect(row).to_be_hidden()
    page.go_back()
    expect(page).to_have_url(home)
    expect(row).to_be_visible()
    # Changed, it is one's own: home begins anew, and nothing is lost.
    page.get_by_role("button", name="One unit more in linear 1").click()
    run = home.rsplit("/", 1)[1]
    wait_until(page, "async (run) => !(await (await fetch(`/api/runs/${run}`)).json()).example", run)
    page.goto("/")
    expect(page).to_have_url(RUN)
    assert page.url not in (home, first)
    expect(row.locator(f'a[href="/runs/{run}"]')).to_be_visible()


def test_back_leads_from_another_page_to_the_run_as_it_was(page: Page) -> None:
    open_first(page)
    home = page.url
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Labs").click()
    expect(page).to_have_url(re.compile("/labs$"))
    wait_until(page, "async () => (await (await fetch('/api/runs')).json())[0].state === 'paused'")
    page.go_back()
    expect(page).to_have_url(home)
    expect(lamp(page)).to_have_text("training")


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.thorough)])
def test_examples_never_wait_hold_two_workers_at_most_and_back_returns_through_them(
    page: Page, server: Server, count: int
) -> None:
    # What the lamp says and how many workers live is written down by the page and here, however short it is.
    open_first(page)
    page.evaluate(
        """() => {
          window.said = new Set();
          const lamp = document.querySelector(".lamp");
          new MutationObserver(() => window.said.add(lamp.textContent)).observe(lamp, { childList: true });
        }"""
    )
    addresses, most = [page.url], 0
    for index in range(count - 1):
        addresses.append(open_example(page, index % 5))
        most = max(most, len(list((server.data_dir / "workers").glob("[0-9]*"))))
    assert len(set(addresses)) == count
    assert most <= 2
    said = set(page.evaluate("[...window.said]"))
    assert not any("queue" in words or "waiting" in words for words in said), said
    page.get_by_role("button", name="Pause").click()
    expect(lamp(page)).to_have_text("paused")
    for address in reversed(addresses[:-1]):
        page.go_back()
        expect(page).to_have_url(address)
    # As they were left: this one trained, the one that was paused has stayed so.
    expect(lamp(page)).to_have_text("training")
    page.evaluate("(back) => history.go(back)", count - 1)
    expect(page).to_have_url(addresses[-1])
    expect(lamp(page)).to_have_text("paused")
    assert page.evaluate("window.said !== undefined"), "no page was loaded anew"
    # Kept, as the shown one, which was parked, is started once more to show itself.
    left: list[dict[str, Any]] = []

    def all_rest() -> bool:
        left[:] = awake(page)
        return not left

    with suppress(AssertionError):  # which would not say which of them
        eventually(all_rest, seconds=20)
    assert left == []


def test_the_title_follows_the_data_until_it_is_named_and_again_when_emptied(page: Page) -> None:
    open_first(page)
    title = page.get_by_label("Title of the run")
    expect(title).to_have_value("Spiral, three tanh layers")
    page.get_by_label("Data set").select_option("circle")
    expect(title).to_have_value(re.compile(r"^Circle, 4-8-8-8-1 tanh$"))
    expect(page).to_have_title(re.compile(r"^Circle, 4-8-8-8-1 tanh \(\d+\) · Glassnet$"))
    title.fill("Mine")
    title.press("Enter")
    page.get_by_label("Data set").select_option("xor")
    wait_until(page, "async () => (await (await fetch('/api/runs')).json())[0].data === 'Exclusive or'")
    expect(title).to_have_value("Mine")
    title.fill("")
    title.press("Enter")
    expect(title).to_have_value("Exclusive or, 4-8-8-8-1 tanh")


def test_the_runs_menu_tells_runs_apart_and_is_walked_by_keys(page: Page) -> None:
    first = open_paused(page, preset(page, "xor"))
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Runs", exact=True).focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name="Runs")
    entries = menu.locator(".menu-item")
    expect(entries).to_have_text([re.compile(r"^\d+ .*2-4-2-1 tanh.*paused · step 0")] * 2)
    expect(entries.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(entries.nth(1)).to_be_focused()
    page.keyboard.press("Tab")  # to the buttons beside it
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(entries).to_have_count(1)
    expect(entries.first).to_be_focused()
    assert first not in runs(page)


def test_the_bar_says_what_it_cannot_do_and_how_far_it_would_go_and_never_jumps(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["training"]["epochs"] = 2
    open_paused(page, experiment)
    cells = page.locator(".readout > :not(.lamp)")
    left = "cells => cells.map((cell) => cell.getBoundingClientRect().x)"
    before = cells.evaluate_all(left)
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished")
    assert cells.evaluate_all(left) == before
    expect(play_button(page)).to_have_accessible_name("Train on, 100 more epochs")
    reason = "All 2 epochs are done: Train on adds 100."
    for name in ("#step", "#epoch"):
        button = page.locator(name)
        expect(button).to_have_accessible_description(reason)
        button.focus()
        expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_have_text(reason)
    play_button(page).click()
    expect(page.locator("#notice")).to_contain_text("102")
    expect(page.locator("#step")).not_to_have_attribute("aria-disabled", "true")


def give(page: Page, kind: str, **items: str) -> None:
    """Drop or paste a text, or files by their names."""
    page.evaluate(
        """([kind, { text, ...files }]) => {
          const given = new DataTransfer();
          if (text !== undefined) given.setData("text/plain", text);
          for (const [name, content] of Object.entries(files)) given.items.add(new File([content], name));
          const event = new Event(kind, { bubbles: true, cancelable: true });
          Object.assign(event, { dataTransfer: given, clipboardData: given });
          document.body.dispatchEvent(event);
        }""",
        [kind, items],
    )


@pytest.mark.allow_console("status of 422")
def test_what_is_no_experiment_is_refused_with_what_was_expected_however_it_comes(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    address, notice = page.url, page.locator("#notice")
    expected = re.compile(
        r'it is JSON, but has "name"; expected an experiment.*"data", "network" and "training"'
    )
    unrelated = json.dumps({"name": "package"})
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Share, save and export").click()
        page.get_by_role("button", name="Open a file").click()
    chooser.value.set_files(
        {"name": "chosen.json", "mimeType": "application/json", "buffer": unrelated.encode()}
    )
    expect(notice).to_contain_text("chosen.json was not opened")
    expect(notice).to_contain_text(expected)
    give(page, "drop", **{"dropped.json": unrelated})
    expect(notice).to_contain_text("dropped.json was not opened")
    give(page, "paste", text=unrelated)
    expect(notice).to_contain_text("The pasted text was not opened")
    give(page, "drop", **{"a.json": "{}", "b.json": "{}"})
    expect(notice).to_contain_text("2 files were given")
    give(page, "drop", **{"cat.png": "\x89PNG"})
    expect(notice).to_contain_text("cat.png was not opened: it is not JSON")
    give(page, "drop", **{"wrong.json": json.dumps({"data": {"kind": "spirals"}})})
    expect(notice).to_contain_text(re.compile(r"wrong.json was not opened: .*'spirals'"))
    fragment = page.evaluate(
        """async (document) => (await import("/static/core/share_link.js")).toFragment(document)""",
        {"name": "package"},
    )
    page.evaluate("(fragment) => (location.hash = fragment)", fragment)
    expect(notice).to_contain_text("This link holds no experiment that can be read")
    assert page.url == address
    # And one that is an experiment, pasted as a text, is asked about and opened.
    give(page, "paste", text=json.dumps({**preset(page, "circle"), "title": "Pasted"}))
    page.get_by_role("dialog", name="Pasted").get_by_role("button", name="Start this experiment").click()
    expect(page.get_by_label("Title of the run")).to_have_value("Pasted")
    page.go_back()
    expect(page).to_have_url(address)


def test_another_page_and_back_lose_neither_undo_nor_the_open_unit(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})  # room for the controls below the columns
    open_paused(page, preset(page, "ircle"))
    units(page).nth(3).click()
    title = page.locator(".inspector-title h2").inner_text().split(" of ")[0]
    before = experiment_of(page)["network"]
    page.get_by_role("button", name="One unit more in linear 1").click()
    undo = page.get_by_role("button", name="Undo")
    eventually(lambda: experiment_of(page)["network"] != before)
    for leave in (page.reload, lambda: (page.goto("/gallery"), page.go_back())):
        leave()
        expect(undo).to_be_enabled()
        expect(page.locator(".inspector-title h2")).to_contain_text(title)
    undo.click()
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    eventually(lambda: experiment_of(page)["network"] == before)
