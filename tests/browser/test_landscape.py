"""The whole network: its landscape, its path, a race of variants; and the labs beside."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from glassnet.engine.frame import decode
from tests.browser.steps import (
    RUN,
    experiment_of,
    lamp,
    open_paused,
    play_button,
    preset,
    wait_painted,
    wait_until,
)

#: Studies begin in a worker of their own, on a machine that has other things to do.
LONG = 30_000


def whole(page: Page, name: str) -> Locator:
    """Open a way to look at the whole network; its panel."""
    page.get_by_role("toolbar", name="The whole network").get_by_role("button", name=name).click()
    panel = page.get_by_role("tabpanel", name=name)
    expect(panel).to_be_visible()
    return panel


@pytest.mark.thorough
def test_the_path_and_the_landscape_of_a_digits_cnn_refine_while_it_trains(page: Page) -> None:
    experiment: dict[str, Any] = preset(page, "digits-convolution")
    open_paused(page, experiment)
    path = whole(page, "Trajectory")
    expect(path.get_by_text("collected from now on")).to_be_visible()
    play_button(page).click()
    expect(path.get_by_text("Out of the plane")).to_be_visible(timeout=LONG)
    wait_painted(page, ".relief-tab:not([hidden]) .relief-canvas", 8)
    expect(path.locator(".variance-bars")).to_have_attribute(
        "aria-label", re.compile("a random walk's would 6")
    )
    page.get_by_role("button", name="Close (Esc)").click()
    landscape = whole(page, "Landscape")
    # A unit's tabs stand in a group of their own.
    expect(page.get_by_role("tablist", name="Unit").get_by_role("tab", name="Maps")).to_be_visible()
    expect(page.get_by_role("tablist", name="Network").get_by_role("tab", name="Maps")).to_have_count(0)
    expect(landscape.get_by_text("Loss here")).to_be_visible(timeout=LONG)
    landscape.get_by_label("Grid").select_option("21")
    expect(landscape.get_by_text("Sharpness", exact=True)).to_be_visible(timeout=LONG)
    landscape.get_by_label("Along").select_option("path")
    expect(landscape.get_by_text("A random walk's")).to_be_visible(timeout=LONG)
    landscape.get_by_role("button", name="Surface").click()
    picture = landscape.locator(".relief-canvas")
    picture.focus()
    before = picture.evaluate("canvas => canvas.toDataURL()")
    page.keyboard.press("ArrowLeft")
    wait_until(
        page, "([canvas, before]) => canvas.toDataURL() !== before", [picture.element_handle(), before]
    )
    landscape.get_by_label("Grid").select_option("101")
    landscape.get_by_role("button", name="Cancel").click(timeout=LONG)
    expect(landscape.get_by_role("button", name="Cancel")).to_be_hidden(timeout=LONG)


def test_a_dear_landscape_gets_an_estimate_and_is_drawn_when_asked_again(page: Page) -> None:
    experiment = preset(page, "digits")
    wide = [{"kind": "linear", "units": 900}, {"kind": "relu"}, {"kind": "linear", "units": 900}]
    output = {"name": "output", "kind": "linear", "units": None}
    experiment["network"] = [{"kind": "flatten"}, *wide, {"kind": "relu"}, output]
    open_paused(page, experiment)
    landscape = whole(page, "Landscape")
    estimate = landscape.get_by_role("alert")
    expect(estimate).to_have_text(
        re.compile(r"billion multiply-adds, some .* on one core; expected at most 500 billion"), timeout=LONG
    )
    anyway = landscape.get_by_role("button", name="Draw it all the same")
    anyway.click()
    expect(landscape.get_by_text("Loss here")).to_be_visible(timeout=LONG)
    expect(anyway).to_be_hidden()
    expect(estimate).to_be_hidden()
    landscape.get_by_role("button", name="Cancel").click()
    # What was allowed was allowed once: another landscape is estimated anew.
    landscape.get_by_label("Grid").select_option("101")
    expect(anyway).to_be_visible(timeout=LONG)


def test_a_line_joins_two_checkpoints(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    landscape = whole(page, "Landscape")
    landscape.get_by_label("Along").select_option("checkpoints")
    keep = landscape.get_by_role("button", name="Keep this state")
    keep.click()
    start = landscape.get_by_label("From", exact=True).locator("option", has_text="state-1")
    expect(start).to_have_count(1, timeout=LONG)
    page.get_by_role("button", name="One epoch").click()
    expect(page.locator(".readout .step b")).to_have_text("45", timeout=LONG)
    expect(lamp(page)).to_have_text("paused")
    keep.click()
    expect(landscape.get_by_label("To", exact=True).locator("option[value=state-2]")).to_have_count(
        1, timeout=LONG
    )
    page.get_by_role("button", name="One step").click()
    landscape.get_by_label("From", exact=True).select_option("state-1")
    landscape.get_by_label("To", exact=True).select_option("state-2")
    expect(landscape.get_by_text("0 is state-1, 1 is state-2.")).to_be_visible(timeout=LONG)
    losses = {
        name: landscape.locator("dt", has_text=name).locator("+ dd") for name in ("at 0, test", "at 1, test")
    }
    expect(losses["at 0, test"]).to_be_visible(timeout=LONG)
    expect(landscape.get_by_role("button", name="Cancel")).to_be_hidden(timeout=LONG)
    before, after = (float(losses[name].inner_text()) for name in losses)
    # Both ends are checkpoints: what the run has learned since is no part of it.
    rows = page.request.get(f"/api/runs/{page.url.rsplit('/', 1)[1]}/metrics?probe=evaluation").body()
    measured = decode(rows)[1]["test_loss"]
    assert before == pytest.approx(float(measured[0]), rel=2e-3)
    assert after == pytest.approx(float(measured[1]), rel=2e-3)


def test_a_running_spiral_is_forked_into_four_and_one_is_kept(page: Page) -> None:
    experiment = preset(page, "spiral")
    run = open_paused(page, experiment)
    play_button(page).click()
    panel = whole(page, "Race")
    expect(panel.get_by_role("listitem")).to_have_count(4)
    panel.get_by_label("Steps").fill("100000")
    panel.get_by_label("Steps").press("Tab")
    panel.get_by_role("button", name="Fork and race").click()
    expect(panel.locator(".race-row-loss:not(:empty)")).to_have_count(4, timeout=LONG)
    expect(panel.locator(".race-row-boundary:visible")).to_have_count(4)
    expect(panel).to_contain_text("is told by the training loss, which favours those that overfit")
    expect(panel.get_by_label("Curve")).to_have_value("train_loss")
    expect(panel.locator(".race-row-loss").first).to_have_attribute("title", "Training loss")
    wait_painted(page, ".race-plot", 8)
    # Drop one; the others go on.
    loser = panel.get_by_role("listitem").nth(2)
    loser.get_by_role("button", name="Drop this variant").click()
    expect(panel.get_by_role("listitem")).to_have_count(3)
    wait_until(page, "() => document.querySelector('.race-tab progress').value > 0")
    expect(panel.get_by_role("button", name="Cancel")).to_be_visible()
    # Keep one: it becomes a run of its own, with its settings.
    last = panel.get_by_role("listitem").nth(2)
    chosen = last.locator(".race-row-name").inner_text()
    last.get_by_role("button", name="Keep").click()
    expect(page).not_to_have_url(f"/runs/{run}", timeout=LONG)
    expect(page).to_have_url(RUN)
    expect(page.locator(".unit").first).to_be_visible(timeout=LONG)
    kept = experiment_of(page)
    assert kept["title"].endswith(chosen)
    assert kept["training"]["updates"][0]["optimizer"]["kind"] == "sgd"
    wait_until(
        page, "() => Number(document.querySelector('.readout .step b').textContent.replaceAll(',', '')) > 0"
    )
    undo = page.get_by_role("button", name="Undo").first
    expect(undo).to_have_attribute("title", re.compile(f"^Undo: go on with {re.escape(chosen)} "))
    winner = page.url
    page.locator("#stage").focus()
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile(f"/runs/{run}$"))
    page.locator("#stage").focus()
    page.keyboard.press("Control+Shift+z")
    expect(page).to_have_url(winner)


def test_what_a_variant_does_otherwise_is_its_name(page: Page) -> None:
    open_paused(page, preset(page, "spiral"))
    panel = whole(page, "Race")
    first = panel.get_by_role("listitem").first
    first.get_by_role("button", name="as it is").click()
    first.get_by_label("batch").fill("1000000")
    first.get_by_label("batch").press("Tab")
    first.get_by_label("rate η").fill("99")
    first.get_by_label("rate η").press("Tab")
    expect(first.get_by_role("button", name="η 99, batch 1000000")).to_be_visible()
    panel.get_by_role("button", name="Add a variant").click()
    expect(panel.get_by_role("listitem")).to_have_count(5)


def test_the_three_kinds_of_descent_start_anew_where_they_are_dragged(page: Page) -> None:
    page.goto("/labs/kinds")
    expect(page.get_by_role("row", name="Updates an epoch 1 5 40")).to_be_visible(timeout=LONG)
    wait_painted(page, ".kinds-map")
    page.get_by_role("textbox", name="Mini-batch").fill("20")
    page.get_by_role("textbox", name="Mini-batch").press("Tab")
    expect(page.get_by_role("row", name="Updates an epoch 1 2 40")).to_be_visible(timeout=LONG)
    page.get_by_label("Rate η").fill("3")
    page.get_by_label("Rate η").press("Tab")
    expect(page.get_by_role("cell", name="diverged")).to_have_count(3, timeout=LONG)
    expect(page).to_have_url(re.compile("#l1="))


def test_shortcuts_are_compared_side_by_side(page: Page) -> None:
    page.goto("/labs/landscapes")
    for name, value in (("Depth", "6"), ("Steps", "40"), ("Width", "8")):
        page.get_by_label(name).fill(value)
        page.get_by_label(name).press("Tab")
    expect(page.get_by_text("test accuracy")).to_have_count(2, timeout=LONG)
    wait_painted(page, ".shortcut-picture", 30)
    page.get_by_role("button", name="Open large: With shortcuts").click()
    window = page.get_by_role("dialog", name="With shortcuts")
    expect(window.locator(".large-picture")).to_be_visible(timeout=LONG)
    expect(window.get_by_role("button", name="Contours")).to_be_visible()
    expect(window.locator(".main-svg").first).to_be_visible(timeout=LONG)
    shown = window.locator(".large-picture").evaluate("host => host.data.map(({ type }) => type)")
    assert shown == ["surface", "scatter3d", "heatmap"]


def test_first_layers_train_side_by_side_and_open_as_runs(page: Page) -> None:
    page.goto("/labs/first-layers")
    for name, value in (("Width", "0.06"), ("Steps", "6")):
        page.get_by_label(name).fill(value)
        page.get_by_label(name).press("Tab")
    expect(page.get_by_text(re.compile("Step 6, training loss .*, test accuracy"))).to_have_count(
        2, timeout=LONG
    )
    expect(page.get_by_text("filters of 11 × 11, stride 4")).to_be_visible()
    expect(page.get_by_text("filters of 7 × 7, stride 2")).to_be_visible()
    wait_painted(page, ".first-filter canvas", 6)
    pixels = "() => document.querySelectorAll('.first-filter canvas')[2].toDataURL()"
    together = page.evaluate(pixels)
    page.get_by_role("button", name="Each its own").click()
    wait_until(page, f"(before) => ({pixels})() !== before", together)
    page.get_by_label("Pixels").select_option("center")
    expect(page.get_by_label("Rate η")).to_have_value("0.01")
    expect(page.get_by_text(re.compile("Step 6, training loss .*, test accuracy"))).to_have_count(
        2, timeout=LONG
    )
    expect(page.locator(".study-progress")).to_be_hidden(timeout=LONG)
    with page.expect_download() as kept:
        page.get_by_role("button", name="safetensors").click()
    arrays = decode(kept.value.path().read_bytes())[1]
    assert arrays["alexnet/filters"].shape[2:] == (11, 11)
    page.get_by_role("button", name="Open as a run").last.click()
    expect(page).to_have_url(RUN, timeout=LONG)
    assert experiment_of(page)["network"][0]["kind"] == "zfnet"
    assert experiment_of(page)["network"][0]["width"] == 0.06
    assert experiment_of(page)["data"]["normalize"] == {"kind": "center"}
