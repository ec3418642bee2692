"""Networks wired by hand: branches, joins, cuts; and what cannot be, said where it would."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import (
    box_at_rest,
    column,
    experiment_of,
    lamp,
    open_paused,
    play_button,
    preset,
    shown,
    units,
    wait_painted,
    wait_stored,
)


def middle(place: Locator) -> tuple[float, float]:
    left, top, width, height = box_at_rest(place)
    return left + width / 2, top + height / 2


def pull(page: Page, source: str, target: str) -> None:
    """Pull a wire from a column's port to another column."""
    port = page.get_by_role("button", name=f"Connect {shown(source)} to another layer")
    page.mouse.move(*middle(port))
    page.mouse.down()
    page.mouse.move(*middle(column(page, target).first), steps=6)


def wires(page: Page) -> dict[str, list[str]]:
    """What each node reads that says so."""
    return {node["name"]: node["inputs"] for node in experiment_of(page)["network"] if node["inputs"]}


def add_layer(page: Page, before: str, layer: str) -> None:
    page.get_by_role("button", name=f"Add a layer before {shown(before)}").click()
    page.get_by_role("dialog").get_by_role("button", name=layer).first.click()


def test_a_residual_network_is_wired_by_hand_from_an_empty_one_and_learns_digits(page: Page) -> None:
    experiment = preset(page, "digits")
    experiment["network"] = [
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    experiment["training"]["epochs"] = 4
    open_paused(page, experiment)
    for number in (1, 2):
        add_layer(page, "output", "Dense and")
        expect(column(page, f"tanh{number}").first).to_be_visible()
        wait_stored(page, ["network", 2 * number + 1, "name"], "output")
    pull(page, "tanh1", "output")
    page.mouse.up()
    page.get_by_role("button", name="Add tanh 2 + tanh 1").click()
    expect(column(page, "add1").first).to_be_visible()
    wait_stored(page, ["network", 5, "inputs"], ["tanh2", "tanh1"])
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)
    accuracy = page.locator(".plot-section:visible").nth(1).locator(".plot-legend b:visible").last
    expect(accuracy).to_have_text(re.compile(r"^(0\.[3-9]|1)"))  # a tenth would be chance


def test_a_wire_between_sizes_that_differ_goes_through_a_layer_that_fits(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    pull(page, "tanh1", "output")
    page.mouse.up()
    page.get_by_role("button", name="Add, through a dense layer of 2").click()
    wait_stored(page, ["network", 5, "inputs"], ["tanh2", "linear3"])
    assert wires(page) == {"linear3": ["tanh1"], "add1": ["tanh2", "linear3"]}
    joint = page.get_by_role("button", name="Change the connection from linear 3 to add 1")
    joint.click()
    page.get_by_role("dialog").get_by_role("button", name="Batch norm each channel").click()
    wait_stored(page, ["network", 5, "kind"], "batch_norm")
    page.get_by_role("button", name="Change the connection from tanh 2 to add 1").click()
    page.get_by_role("button", name="Cut this connection").click()
    expect(column(page, "add1")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(column(page, "add1").first).to_be_visible()


def summed(page: Page) -> None:
    """Two layers of four whose outputs are added, in a run that waits."""
    experiment = preset(page, "xor")
    experiment["network"] = [
        {"kind": "linear", "name": "first", "units": 4},
        {"kind": "tanh", "name": "tanh1"},
        {"kind": "linear", "name": "second", "units": 4},
        {"kind": "add", "name": "sum", "inputs": ["second", "tanh1"]},
        {"kind": "linear", "name": "output", "units": None},
    ]
    open_paused(page, experiment)


def test_layers_whose_outputs_are_added_grow_together(page: Page) -> None:
    summed(page)
    page.get_by_role("button", name="One unit more in first").click()
    expect(page.locator("#notice")).to_contain_text("starts anew")  # said with the answer, beside the other
    expect(page.locator("#notice")).to_contain_text("second changed too")
    wait_stored(page, ["network", 2, "units"], 5)
    wait_stored(page, ["network", 0, "units"], 5)
    page.keyboard.press("Control+z")
    wait_stored(page, ["network", 2, "units"], 4)
    wait_stored(page, ["network", 0, "units"], 4)


@pytest.mark.allow_console("status of 422")
def test_what_would_not_fit_is_said_at_the_node_that_joins(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["network"] = [
        {"kind": "linear", "name": "linear1", "units": 2},
        {"kind": "add", "name": "sum", "inputs": ["linear1", "input"]},
        {"kind": "linear", "name": "output", "units": None},
    ]
    open_paused(page, experiment)
    page.get_by_role("button", name="x₁x₂", exact=True).click()
    expect(page.locator(".callout")).to_have_text(re.compile("^sum: 2 and 3 arrive; expected the same shape"))
    expect(column(page, "input")).to_have_count(2)


def test_a_wire_is_drawn_by_keyboard_alone(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    page.get_by_role("button", name="Connect input to another layer").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # the second of what may read it
    page.get_by_role("button", name="Concatenate").focus()
    page.keyboard.press("Enter")
    wait_stored(page, ["network", 4, "inputs"], ["tanh2", "input"])
    expect(column(page, "concatenate1").first).to_be_visible()


def test_a_cycle_is_refused_with_words_where_it_would_be(page: Page) -> None:
    open_paused(page, preset(page, "xor"))
    before = experiment_of(page)["network"]
    pull(page, "tanh2", "tanh1")
    expect(page.locator(".callout")).to_contain_text("tanh 2 comes after linear 1")
    page.mouse.up()
    expect(page.locator("#notice")).to_contain_text("cycle")
    assert experiment_of(page)["network"] == before


@pytest.mark.allow_console("status of 422")
def test_what_the_server_refuses_is_said_at_the_node_and_the_last_network_goes_on(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    play_button(page).click()
    expect(lamp(page)).to_have_text("training")
    before = len(experiment_of(page)["network"])
    page.get_by_role("button", name="Add a layer before output").click()
    page.get_by_role("dialog").get_by_role("button", name="Reshape the same numbers").click()
    expect(page.locator(".callout")).to_contain_text("expected a vector")
    expect(play_button(page)).to_have_accessible_name("Pause")
    assert len(experiment_of(page)["network"]) == before


def test_a_removed_layer_leaves_nothing_that_names_it(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["training"]["regularizers"] = [{"kind": "l2", "strength": 0.001, "nodes": "linear2"}]
    open_paused(page, experiment)
    page.locator(".foot", has=page.get_by_role("button", name="Remove linear 2")).hover()
    page.get_by_role("button", name="Remove linear 2").click()
    expect(column(page, "tanh2")).to_have_count(0)
    wait_stored(page, ["training", "regularizers"], [])


@pytest.mark.parametrize(
    ("name", "width"),
    [("digits-residual", 1440), ("digits-residual", 1180), ("alexnet-shapes", 1440), ("zfnet-shapes", 1440)],
)
def test_a_network_of_many_columns_fits_the_stage(page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_paused(page, preset(page, name))
    wait_painted(page, ".stage-canvases > canvas:last-child", 6)
    sizes = page.evaluate(
        """() => {
          const scroll = document.querySelector(".stage-scroll");
          const right = scroll.getBoundingClientRect().right;
          const feet = [...document.querySelectorAll(".foot")].map((foot) => foot.getBoundingClientRect());
          const rows = Map.groupBy(feet, ({ top }) => Math.round(top));
          const apart = [...rows.values()].every((row) =>
            row.toSorted((one, other) => one.left - other.left)
              .every((foot, index, all) => index === 0 || foot.left >= all[index - 1].right - 1));
          const units = document.querySelectorAll(".unit");
          const last = Math.max(...[...units].map((unit) => unit.getBoundingClientRect().right));
          return { over: scroll.scrollWidth - scroll.clientWidth, apart, room: right - last };
        }"""
    )
    assert sizes["over"] <= 0, "nothing lies beyond the side of the stage"
    assert sizes["apart"], "words of columns stand beside each other, not over"
    assert sizes["room"] >= 80, "the bars of the answer have their room"


def test_blocks_that_do_not_fit_are_drawn_as_one_and_unfold_one_by_one(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    experiment = preset(page, "spiral")
    body = [{"kind": "linear", "units": 6}, {"kind": "tanh"}]
    blocks = [{"kind": "residual", "body": [*body, *body]} for _ in range(9)]
    experiment["network"] = [*body, *blocks, {"kind": "linear", "name": "output", "units": None}]
    open_paused(page, experiment)
    closed = page.locator(".block-name.closed")
    before = closed.count()
    assert 0 < before < 10
    closed.first.click()
    expect(closed).to_have_count(before - 1)
    page.locator(".block-name:not(.closed)").last.click()
    expect(closed).to_have_count(before)


def test_a_block_is_folded_and_a_wide_layer_unfolded(page: Page) -> None:
    experiment = preset(page, "xor")
    experiment["network"] = [
        {"kind": "linear", "units": 40, "name": "wide"},
        {"kind": "residual", "name": "block", "body": [{"kind": "linear", "units": 40, "name": "inner"}]},
        {"kind": "linear", "units": None, "name": "output"},
    ]
    open_paused(page, experiment)
    page.get_by_role("button", name="block", exact=True).click()
    expect(column(page, "block.inner")).to_have_count(0)
    expect(column(page, "block.sum").first).to_be_visible()
    page.get_by_role("button", name="block", exact=True).click()
    expect(column(page, "block.inner").first).to_be_visible()
    shown = column(page, "wide").count()
    page.get_by_role("button", name="more units of wide").click()
    expect(column(page, "wide")).to_have_count(40)
    page.get_by_role("button", name="Show fewer units of wide").click()
    expect(column(page, "wide")).to_have_count(shown)
    assert units(page).count() > 0
