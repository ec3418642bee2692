"""The example plug-in, installed: its items in the form, its panels on the page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import (
    column,
    open_first,
    open_paused,
    open_tab,
    preset,
    wait_painted,
    wait_stored,
)
from tests.plugin_install import EXAMPLE, importable, installed
from tools.serving import Server, serving


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has the example."""
    target = installed(EXAMPLE, tmp_path_factory.mktemp("site"))
    with ExitStack() as stack:
        with importable(target):
            started = stack.enter_context(serving(data))
        yield started


def test_its_items_are_chosen_in_the_forms_and_its_panels_show_what_comes_of_them(page: Page) -> None:
    open_first(page)
    page.get_by_label("Data set").select_option("checkerboard")
    page.get_by_role("textbox", name="Squares").fill("3")
    page.get_by_role("textbox", name="Squares").press("Enter")
    wait_stored(page, ["data", "squares"], 3)
    page.get_by_label("Activation of linear 1").select_option("squareplus")
    panel = page.locator("details[data-panel=unit_activity]")
    expect(panel).to_contain_text("Unit activity")
    expect(panel).to_contain_text(re.compile(r"squareplus1: \d+ % active, \d+ of \d+ idle"))

    column(page, "squareplus1").first.click()
    open_tab(page, "Noise")
    page.get_by_role("button", name="Add noise").click()
    expect(page.locator("#inspector").get_by_text("A snapshot of step")).to_be_visible()
    wait_painted(page, "#inspector canvas.plot", 3)

    script = page.request.get(f"/api/{page.url.split('/', 3)[3]}/export").text()
    assert "class Hyperbola(torch.nn.Module)" in script
    assert "def checkerboard(" in script


@pytest.mark.allow_console("broken panel")
def test_a_panel_that_breaks_says_so_in_its_place_and_the_page_goes_on(page: Page) -> None:
    broken = "export function panel() { throw new Error('a broken panel'); }"
    page.route(
        "**/unit_activity.js", lambda route: route.fulfill(body=broken, content_type="text/javascript")
    )
    open_first(page)
    expect(page.locator("details[data-panel=unit_activity]")).to_contain_text(
        "This panel cannot be shown: a broken panel"
    )
    expect(page.locator(".lamp")).to_have_text("training")


def test_a_probe_that_the_run_refuses_says_why_until_it_applies(page: Page) -> None:
    plain = preset(page, "spiral")
    plain["network"] = [{"kind": "linear", "name": "output", "units": None}]
    open_paused(page, plain)
    panel = page.locator("details[data-panel=unit_activity]")
    expect(panel).to_contain_text("the network has no activation; expected one, as tanh or relu")
    wait_painted(page, "canvas.surface")
    edited = [{"op": "add", "path": "/network/0", "value": {"kind": "tanh", "name": "tanh1"}}]
    run = page.url.rsplit("/", 1)[1]
    told = {"type": "edit", "revision": 0, "patch": edited}
    assert page.request.post(f"/api/runs/{run}/commands", data=told).ok
    expect(panel).to_contain_text("tanh1: ")
    expect(panel).not_to_contain_text("expected one")


def test_a_run_of_it_is_looked_at_where_it_is_not_installed(
    page: Page, browser: Browser, data: Path, tmp_path: Path
) -> None:
    document = preset(page, "spiral")
    document["data"] = {"kind": "checkerboard", "samples": 100}
    document["network"].insert(1, {"kind": "squareplus", "name": "bend"})
    run = open_paused(page, document)
    page.get_by_role("button", name="One epoch").click()
    wait_painted(page, "canvas.surface")
    assert page.request.post(f"/api/runs/{run}/commands", data={"type": "stop"}).ok
    shutil.copytree(data / "runs" / run, tmp_path / "runs" / run)

    with serving(tmp_path) as without:
        context = browser.new_context(base_url=without.url)
        elsewhere = context.new_page()
        elsewhere.goto(f"/runs/{run}")
        expect(elsewhere.locator(".banner")).to_contain_text("A plug-in is missing")
        expect(elsewhere.locator(".banner")).to_contain_text("glassnet-example 0.1.0")
        expect(elsewhere.get_by_label("Data set")).to_be_disabled()
        expect(elsewhere.get_by_label("Data set").locator("option:checked")).to_have_text("Checkerboard")
        expect(column(elsewhere, "tanh1").first).to_be_visible()
        wait_painted(elsewhere, "canvas.surface")
        context.close()
