"""Looking into a network of images while it trains: features, methods side by side, occlusion, forgetting."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from safetensors.numpy import load

from tests.browser.steps import column, lamp, open_paused, play_button, wait_painted, wait_until

SHAPES: dict[str, Any] = {
    "version": 1,
    "data": {"kind": "shapes", "samples": 240, "size": 28},
    "network": [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "kernel": 5, "stride": 2},
        {"kind": "relu", "name": "relu1"},
        {"kind": "conv2d", "name": "conv2", "filters": 6},
        {"kind": "relu", "name": "relu2"},
        {"kind": "max_pool2d", "name": "pool2"},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ],
    "training": {"batch_size": 16, "epochs": 2000},
}

#: The pixels of a canvas, as one text.
PIXELS = """selector => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).join();
}"""


def test_projections_of_a_map_change_while_it_trains_and_can_be_scrubbed_back(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").nth(1).click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("tab", name="Features").click()
    cards = drawer.locator(".feature-card:visible")
    expect(cards).to_have_count(9)
    expect(drawer.locator(".features-words")).to_contain_text("The strongest of 48 pictures")
    signal = ".feature-card canvas"
    wait_painted(page, signal, 6)
    before = page.evaluate(PIXELS, signal)
    play_button(page).click()
    wait_until(page, f"before => ({PIXELS})({signal!r}) !== before", before)
    expect(cards.first.locator(".since")).not_to_have_text("step 0")

    play_button(page).click()
    expect(lamp(page)).to_have_text("paused")
    scrub = page.get_by_label("Step that is shown")
    expect(scrub).to_be_enabled()
    scrub.fill("0")
    expect(drawer.locator(".features-words")).to_contain_text("Step 0.")
    wait_until(page, f"before => ({PIXELS})({signal!r}) === before", before)

    drawer.get_by_role("button", name="Chosen picture").click()
    expect(
        drawer.get_by_text("The strongest activation is").or_(drawer.get_by_text("does not excite"))
    ).to_be_visible()
    for ending, button in (("png", "PNG"), ("safetensors", "safetensors")):
        with page.expect_download() as kept:
            drawer.get_by_role("button", name=button).locator("visible=true").click()
        assert kept.value.suggested_filename == f"projection-relu2-2.{ending}"
    arrays = load(kept.value.path().read_bytes())
    assert arrays["projection"].shape == arrays["input"].shape == (3, 28, 28)

    drawer.get_by_role("button", name="Its layer").click()
    expect(drawer.locator(".mosaic")).to_have_count(6)
    page.get_by_role("button", name="Live").first.click()
    wait_painted(page, ".mosaic canvas", 6)
    drawer.locator(".mosaic").nth(4).click()
    expect(drawer.get_by_role("heading")).to_contain_text("5 of 6")
    expect(cards.first).to_be_visible()


def test_the_network_is_shown_layer_by_layer_and_its_first_filters(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu1").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("tab", name="Features").click()
    drawer.get_by_role("button", name="The network").click()
    drawer.get_by_role("button", name="Search the whole set").click()
    expect(drawer.locator(".atlas h3")).to_have_count(2)
    expect(drawer.locator(".atlas h3").last).to_contain_text(re.compile(r"relu2: 6 maps.*each sees 9 × 9 px"))
    expect(drawer.locator(".study-control:visible")).to_contain_text("A snapshot of step 0")
    with page.expect_download() as kept:
        drawer.get_by_role("button", name="PNG").locator("visible=true").click()
    assert kept.value.suggested_filename == "features-by-layer.png"
    drawer.get_by_role("button", name="First layer").click()
    drawer.get_by_role("button", name="Count dead filters").click()
    expect(drawer.locator(".first-facts")).to_contain_text("4 filters of 5 × 5, stride 2")
    expect(drawer.locator(".first-filter")).to_have_count(4)


def test_the_way_down_through_norms_and_empty_windows_is_chosen_where_there_are_some(page: Page) -> None:
    network = SHAPES["network"]
    norm = {"kind": "local_response_norm", "name": "norm1"}
    open_paused(page, {**SHAPES, "network": [*network[:2], norm, *network[2:]]})
    column(page, "relu2").nth(1).click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("tab", name="Features").click()
    expect(drawer.locator(".feature-card:visible")).to_have_count(9)
    signal = ".feature-card canvas"
    wait_painted(page, signal, 6)
    before = page.evaluate(PIXELS, signal)
    drawer.get_by_label("Local norms").select_option("gradient")
    wait_until(page, f"before => ({PIXELS})({signal!r}) !== before", before)
    expect(drawer.get_by_label("Empty windows")).to_be_visible()
    column(page, "relu1").first.click()
    drawer.get_by_role("tab", name="Features").click()
    drawer.get_by_label("Empty windows").select_option("yes")
    wait_painted(page, signal, 6)

    open_paused(page, {**SHAPES, "network": network[:4] + network[5:]})
    column(page, "relu2").nth(1).click()
    drawer.get_by_role("tab", name="Features").click()
    expect(drawer.locator(".feature-card:visible")).to_have_count(9)
    expect(drawer.get_by_label("Local norms")).to_be_hidden()
    expect(drawer.get_by_label("Empty windows")).to_be_hidden()


def test_methods_side_by_side_occlusion_and_forgetting(page: Page) -> None:
    open_paused(page, SHAPES)
    column(page, "relu2").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("tab", name="Attribution").click()
    expect(drawer.locator(".attribution > .note[role=status]")).to_contain_text("What speaks for")
    for card in range(1, 8):
        wait_painted(page, f".attribution .method-cards > :nth-child({card}) canvas", 6)
    drawer.get_by_label("Class", exact=True).select_option("star")
    expect(drawer.locator(".attribution > .note[role=status]")).to_contain_text("What speaks for star?")
    with page.expect_download() as kept:
        drawer.get_by_role("button", name="safetensors").locator("visible=true").click()
    assert kept.value.suggested_filename == "attribution.safetensors"

    drawer.get_by_role("button", name="Occlusion").click()
    # Live: while the run waits, the square comes to all its places.
    expect(drawer.get_by_text("144 places, as they were at step 0.")).to_be_visible()
    wait_painted(page, ".study .method-cards > :nth-child(2) canvas", 2)
    drawer.get_by_label("Square", exact=True).fill("64")
    drawer.get_by_label("Square", exact=True).press("Tab")
    expect(drawer.get_by_text("A square of 64; expected a whole number from 1 to 28")).to_be_visible()
    drawer.get_by_label("Square", exact=True).fill("6")
    drawer.get_by_label("Square", exact=True).press("Tab")
    expect(drawer.get_by_text("144 places, as they were at step 0.")).to_be_visible()
    page.get_by_role("button", name="One step").click()
    expect(drawer.get_by_text("144 places, as they were at step 1.")).to_be_visible()
    with page.expect_download() as kept:
        drawer.get_by_role("button", name="PNG").locator("visible=true").click()
    assert kept.value.suggested_filename == "occlusion.png"
    drawer.get_by_role("button", name="All at this step").click()
    expect(drawer.get_by_text("A snapshot of step 1.")).to_be_visible()
    expect(drawer.get_by_label("follow training")).not_to_be_checked()
    expect(drawer.get_by_text("of star:")).to_be_visible()

    drawer.get_by_role("button", name="Randomise weights").click()
    drawer.get_by_role("button", name="Randomise layer by layer").click()
    table = drawer.locator("table.sanity")
    expect(table.get_by_role("columnheader")).to_have_text(["as trained", "output", "+ conv2", "+ conv1"])
    expect(table.locator(".rho").first).to_have_text("1.00")
    expect(table.locator("tbody tr").last.locator(".rho").last).not_to_have_text("–")


def test_what_has_no_rule_is_said_with_what_is_possible(page: Page) -> None:
    network = [{**node, "kind": "silu"} if node["kind"] == "relu" else node for node in SHAPES["network"]]
    open_paused(page, {**SHAPES, "network": network})
    column(page, "relu2").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("tab", name="Features").click()
    expect(drawer.get_by_text("relu1 is SiLU, for which neither the deconvnet")).to_be_visible()
    drawer.get_by_label("Way down").select_option("gradient")
    wait_painted(page, ".feature-card canvas", 6)
    drawer.get_by_role("tab", name="Attribution").click()
    expect(drawer.locator(".method-card.refused")).to_have_count(2)
    wait_painted(page, ".attribution .method-cards > :nth-child(2) canvas", 6)


def test_the_page_of_a_method_lets_numbers_be_changed(page: Page) -> None:
    page.goto("/methods")
    page.get_by_role("link", name="Guided backprop").click()
    expect(page.get_by_role("heading", name="Guided backprop", level=1)).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^Deconvnet"))
    expect(row.locator("output").first).to_have_text("2")
    page.get_by_label("R, place 1").fill("-4")
    expect(row.locator("output").first).to_have_text("0")
    expect(page.get_by_role("row", name=re.compile("^Gradient")).locator("output").first).to_have_text("−4")


@pytest.mark.allow_console("status of 404")
def test_a_method_that_is_none_is_not_found(page: Page) -> None:
    answer = page.goto("/methods/astrology")
    assert answer is not None
    assert answer.status == 404
