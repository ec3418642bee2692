"""The pages of architectures: timeline, graph, layers, two side by side, and a small one that trains."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import RUN, wait_until
from tests.browser.test_accessibility import complaints

#: How much lower the training loss of fifty layers is with shortcuts than without, at the least.
MARGIN = 1.43


def rows(table: Locator) -> Locator:
    return table.locator("tbody tr")


def test_a_stage_is_unfolded_a_block_read_and_all_folded_again(page: Page) -> None:
    page.goto("/gallery/resnet?depth=50")
    expect(page.get_by_text("25.56M")).to_be_visible()
    graph = page.get_by_role("application", name="Graph of ResNet")
    said = page.locator("#graph [role=status]")
    graph.focus()
    for _ in range(7):  # input, three of the stem, pooling, stages 1 and 2
        graph.press("ArrowDown")
    expect(said).to_have_text("stage 2: 42 nodes, folded")
    graph.press("Enter")
    expect(said).to_have_text("stage 2: 42 nodes, unfolded")
    graph.press("ArrowDown")
    expect(said).to_have_text("block 1: Bottleneck · 12 nodes, folded")
    graph.press("Enter")
    graph.press("ArrowDown")
    selected = page.locator("#selected")
    expect(selected.get_by_role("heading")).to_have_text(re.compile(r"^stage2\.block1\.(conv1|shortcut)$"))
    expect(selected.get_by_role("link", name="Convolution")).to_have_attribute(
        "href", "/reference/layers/conv2d"
    )
    expect(page.locator("#layer-table tr[aria-current]")).to_contain_text("stage2.block1")
    graph.press("Backspace")
    expect(said).to_have_text("block 1: Bottleneck · 12 nodes, folded")
    assert complaints(page) == []


def test_a_press_unfolds_and_a_row_of_the_table_shows_its_node(page: Page) -> None:
    page.goto("/gallery/mobilenet_v1")
    said = page.locator("#graph [role=status]")
    table = page.locator("#layer-table table")
    expect(rows(table)).to_have_count(83)
    canvas = page.locator(".graph-canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.scroll_into_view_if_needed()
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(said).to_contain_text("unfolded")
    head = table.get_by_role("columnheader", name="Parameters")
    head.locator("button").first.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(rows(table).first).to_contain_text("separable13.pointwise")
    head.locator("button").first.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    table.get_by_role("button", name="separable13.pointwise").click()
    expect(page.locator("#selected h2")).to_have_text("separable13.pointwise")


@pytest.mark.allow_console("status of 422")
def test_a_wrong_option_is_told_at_its_field_and_mended_there(page: Page) -> None:
    page.goto("/gallery/resnet?depth=7&width=0")
    width = page.get_by_label("Width")
    expect(width).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-field=width]")).to_contain_text("0; expected a number from 0.01 to 2")
    expect(page.locator("[data-field=depth]")).to_contain_text("7; expected 18, 34, 50, 101 or 152")
    expect(page.get_by_text("Mend what is marked to see the network.")).to_be_visible()
    expect(page.locator("#graph")).to_be_hidden()
    width.fill("0.5")
    page.get_by_label("Depth").select_option("34")
    expect(page).to_have_url(re.compile(r"\?depth=34&width=0\.5$"))
    expect(page.get_by_text("34 layers")).to_be_visible()
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    expect(page.locator("#graph")).to_be_visible()


def test_two_are_compared_and_the_address_keeps_them(page: Page) -> None:
    page.goto("/gallery/compare?one=alexnet&other=resnet%3Fdepth%3D18")
    facts = page.locator("#facts-table")
    expect(facts).to_contain_text("62,378,344")
    expect(facts).to_contain_text("11,689,512")
    second = page.get_by_role("region", name="Second architecture")
    second.get_by_label("Architecture").select_option("mobilenet_v1")
    expect(facts).to_contain_text("4,231,976")
    expect(page).to_have_url(re.compile(r"\?one=alexnet&other=mobilenet_v1$"))
    expect(page.locator("[data-table=other]")).to_contain_text("Maps of 7 × 7")
    assert complaints(page) == []


def test_a_small_one_is_trained_in_one_press(page: Page) -> None:
    page.goto("/gallery/neocognitron")
    page.get_by_role("button", name="Train a small one").click()
    expect(page).to_have_url(RUN)
    expect(page.get_by_label("Title of the run")).to_have_value("The neocognitron, a small one")
    wait_until(page, "() => /step [1-9]/.test(document.querySelector('#current-run')?.textContent ?? '')")


def test_the_timeline_draws_every_block_and_its_tables_are_ordered_by_their_heads(page: Page) -> None:
    page.goto("/gallery")
    entries = page.locator(".timeline-entry")
    expect(entries.get_by_role("img", name="The block peculiar to")).to_have_count(entries.count())
    table = page.get_by_role("region", name="ILSVRC, year by year").locator("table")
    head = table.get_by_role("columnheader", name="Top-5 error, published")
    head.locator("button").first.click()
    expect(rows(table).first).to_contain_text("AlexNet")
    head.locator("button").first.click()
    expect(rows(table).first).to_contain_text("SENet")
    expect(rows(table).last).to_contain_text("LeNet-5")  # which has none


def degradation_of(page: Page) -> Locator:
    """The chart of the degradation experiment, begun from ResNet's page in one press."""
    page.goto("/gallery/resnet?depth=50")
    page.get_by_role("link", name="The degradation experiment").click()
    expect(page.get_by_role("tab", name="Degradation")).to_have_attribute("aria-selected", "true")
    return page.get_by_role("region", name="Inspector").locator(".study")


def test_plain_and_residual_networks_are_trained_side_by_side_in_one_press(page: Page) -> None:
    study = degradation_of(page)
    names = study.locator(".line-legend li")
    expect(names).to_have_text(
        ["plain, 50 layers", "with shortcuts, 50 layers", "plain, 8 layers", "with shortcuts, 8 layers"]
    )
    expect(page.get_by_label("Title of the run")).to_have_value("Digits, fifty layers with shortcuts")
    study.get_by_role("button", name="Cancel").click()
    expect(study).to_contain_text("Cancelled.")


@pytest.mark.thorough
@pytest.mark.timeout(500)
def test_fifty_layers_with_shortcuts_train_below_fifty_plain_ones(page: Page) -> None:
    study = degradation_of(page)
    said = study.get_by_text("The deeper plain network trains worse than the shallower one")
    expect(said).to_be_visible(timeout=400_000)
    losses = re.search(r"Last loss: ([\d.]+) plain, 50 layers; ([\d.]+) with shortcuts", said.inner_text())
    assert losses is not None
    assert float(losses[1]) - float(losses[2]) > MARGIN


def test_a_study_there_is_not_is_told_and_the_example_trains(page: Page) -> None:
    page.goto("/?example=02-circle&study=none")
    expect(page.locator("#notice")).to_contain_text("There is no study 'none'")
    expect(page).to_have_url(RUN)
