"""Addresses, files and menus: the same experiment elsewhere, the same run again."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import (
    RUN,
    column,
    lamp,
    open_first,
    open_paused,
    play_button,
    preset,
    units,
    wait_until,
)
from tests.browser.test_accessibility import complaints


def test_a_reload_returns_to_the_run(page: Page) -> None:
    run = open_paused(page, preset(page, "xor"))
    page.reload()
    expect(units(page).first).to_be_visible()
    assert page.url.endswith(run)


def test_two_windows_show_one_run(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    other = page.context.new_page()
    other.goto(page.url)
    expect(lamp(other)).to_have_text("paused")
    page.locator("#step").click()
    expect(other.locator(".readout .step b")).to_have_text("1")
    page.get_by_role("button", name="One unit more in linear 1").click()
    expect(column(other, "tanh1")).to_have_count(5)


def test_a_shared_address_opens_the_same_experiment(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["title"] = "From a link"
    open_paused(page, experiment)
    fragment = page.evaluate(
        """async (experiment) => (await import("/static/core/share_link.js")).toFragment(experiment)""",
        experiment,
    )
    before = page.url
    other = page.context.new_page()
    before_asking = len(page.request.get("/api/runs").json())
    other.goto(f"/{fragment}")
    question = other.get_by_role("dialog", name="From a link")
    expect(question).to_contain_text("Exclusive or")
    expect(question).to_contain_text("linear 1, tanh 1")
    start = question.get_by_role("button", name="Start this experiment")
    expect(start).to_be_focused()
    assert complaints(other) == []
    assert len(page.request.get("/api/runs").json()) == before_asking
    other.keyboard.press("Enter")
    expect(other).to_have_url(RUN)
    expect(other.get_by_label("Title of the run")).to_have_value("From a link")
    assert other.url != before
    run = other.url.rsplit("/", 1)[1]
    assert page.request.get(f"/api/runs/{run}").json()["unwatched"] == "stop"
    # In the same tab, on a run of one's own: left, everything stays as it is.
    page.goto(f"{before}{fragment}")
    page.get_by_role("dialog", name="From a link").get_by_role("button", name="Not now").click()
    expect(page).to_have_url(before)
    expect(page.get_by_label("Title of the run")).to_have_value("From a link")
    assert len(page.request.get("/api/runs").json()) == before_asking + 1


def test_a_damaged_address_says_so_and_the_first_example_trains(page: Page) -> None:
    page.goto("/#g1=nonsense")
    expect(page.locator("#notice")).to_contain_text("This link holds no experiment")
    expect(play_button(page)).to_have_accessible_name("Pause")


def test_an_experiment_is_saved_and_opened_again(page: Page, tmp_path: Path) -> None:
    open_paused(page, preset(page, "xor"))
    with page.expect_download() as waited:
        page.get_by_role("button", name="Share, save and export").click()
        page.get_by_role("button", name="Save as a file").click()
    path = tmp_path / "experiment.json"
    waited.value.save_as(path)
    document = json.loads(path.read_text())
    assert document["data"]["kind"] == "xor"
    document["title"] = "Opened again"
    path.write_text(json.dumps(document))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Share, save and export").click()
        page.get_by_role("button", name="Open a file").click()
    chooser.value.set_files(path)
    expect(page.get_by_label("Title of the run")).to_have_value("Opened again")


def test_an_experiment_is_exported_as_a_script(page: Page, tmp_path: Path) -> None:
    open_paused(page, preset(page, "xor"))
    with page.expect_download() as waited:
        page.get_by_role("button", name="Share, save and export").click()
        page.get_by_role("button", name="Export as PyTorch").click()
    path = tmp_path / waited.value.suggested_filename
    waited.value.save_as(path)
    assert path.suffix == ".py"
    script = path.read_text()
    assert "torch.nn.Linear" in script
    compile(script, path.name, "exec")


def test_a_run_is_renamed_found_in_the_menu_and_deleted(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    title = page.get_by_label("Title of the run")
    title.fill("A name of its own")
    title.press("Enter")
    first = page.url
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("dialog", name="Examples").get_by_role("button").nth(1).click()
    wait_until(page, "before => location.href !== before", first)
    page.get_by_role("button", name="Runs", exact=True).click()
    menu = page.get_by_role("dialog", name="Runs")
    menu.get_by_role("button", name="A name of its own").first.click()
    expect(page).to_have_url(first)
    # Its rows are here: asked for of a run that is deleted meanwhile, they are not found.
    expect(page.get_by_role("img", name=re.compile("^loss at epoch 0"))).to_be_visible()
    page.get_by_role("button", name="Runs", exact=True).click()
    menu.get_by_role("button", name="Delete A name of its own", exact=True).click()
    page.keyboard.press("Shift+Tab")  # thought better of it
    menu.get_by_role("button", name="Delete A name of its own", exact=True).click()
    expect(page).to_have_url(first)
    menu.get_by_role("button", name="Delete A name of its own for good").click()
    expect(page).not_to_have_url(first)


def test_runs_are_renamed_in_their_menu(page: Page) -> None:
    """Any of them: the one on the page, whose title in the bar follows, and another."""
    first = open_paused(page, preset(page, "xor"))
    other = open_paused(page, preset(page, "circle"))
    title = page.get_by_label("Title of the run")
    before = title.input_value()
    page.get_by_role("button", name="Runs", exact=True).click()
    menu = page.get_by_role("dialog", name="Runs")
    field = menu.get_by_role("textbox")
    menu.get_by_role("button", name=f"Rename {before}", exact=True).click()
    expect(field).to_be_focused()
    field.fill("Not this")
    field.press("Escape")
    expect(menu.get_by_text("Not this")).to_have_count(0)
    menu.get_by_role("button", name=f"Rename {before}", exact=True).click()
    field.fill("A ring")
    field.press("Enter")
    expect(menu.locator(".menu-row", has_text="A ring")).to_have_count(1)
    expect(title).to_have_value("A ring")
    menu.get_by_role("button", name="Rename Exclusive or", exact=False).click()
    field.fill("A cross")
    field.press("Enter")
    expect(menu.locator(".menu-row", has_text="A cross").get_by_role("button").first).to_be_focused()
    expect(title).to_have_value("A ring")
    titles = {run["id"]: run["title"] for run in page.request.get("/api/runs").json()}
    assert (titles[first], titles[other]) == ("A cross", "A ring")
    assert page.url.endswith(other)


@pytest.mark.allow_console("ERR_")
def test_a_menu_of_runs_without_the_server_says_so(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.route("**/api/runs", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Runs", exact=True).click()
    menu = page.get_by_role("dialog", name="Runs")
    expect(menu).to_contain_text("The runs cannot be listed: the server cannot be reached")


def test_an_example_starts_from_the_menu(page: Page) -> None:
    open_first(page)
    first = page.url
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("dialog", name="Examples").get_by_role("button", name="Iris").click()
    expect(page).not_to_have_url(first)
    expect(page.locator(".confusion").first).to_be_visible()
