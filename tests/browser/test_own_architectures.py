"""A published network opened as a copy: its blocks wrapped, repeated, renamed, taken back, and trained."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import lamp, open_paused, play_button, wait_stored

DIGITS: dict[str, Any] = {
    "data": {"kind": "digits"},
    "training": {"epochs": 1, "batch_size": 128},
}


def opened(page: Page, *network: dict[str, Any]) -> None:
    open_paused(page, {**DIGITS, "network": list(network)})


def menu(page: Page, column: str, about: str, action: str) -> None:
    """Choose from the menu of a column, by the second button, what is done to a layer or block."""
    page.locator(f'.foot[data-column="{column}"]').click(button="right")
    choose(page, about, action)


def choose(page: Page, about: str, action: str) -> None:
    """The action on a layer or block: of several in its group, of one alone below the menu's heading."""
    opened_menu = page.locator(".popover")
    expect(opened_menu.get_by_role("heading", level=3)).to_be_visible()
    if opened_menu.get_by_role("group").count() > 0:
        opened_menu = opened_menu.get_by_role("group", name=about, exact=True)
    else:
        expect(opened_menu.get_by_role("heading", level=3)).to_contain_text(about)
    opened_menu.get_by_role("button", name=action).click()


def answer(page: Page, label: str, value: str) -> Locator:
    field = page.get_by_role("dialog").get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    return field


def test_a_copy_of_a_resnet_is_edited_block_by_block_and_trained_on_digits(page: Page) -> None:
    opened(page, {"kind": "resnet", "name": "resnet", "width": 0.05, "stem": "small"})
    menu(page, "resnet.conv1_relu", "resnet", "Write out its layers")
    body: list[str | int] = ["network", 0, "body"]
    wait_stored(page, [*body, 0, "name"], "conv1")
    menu(page, "resnet.stage4.block2.relu2", "resnet.stage 4.block 2", "Repeat")
    answer(page, "Times", "2")
    wait_stored(page, [*body, 6, "body", 1, "times"], 2)
    page.keyboard.press("Control+z")
    wait_stored(page, [*body, 6, "body", 1, "kind"], "residual_conv2d")
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=60_000)
    expect(page.get_by_role("img", name=re.compile(r"^accuracy at epoch 1: train 0\.[1-9]"))).to_be_visible()


@pytest.mark.allow_console("status of 422")
def test_layers_are_wrapped_and_renamed_and_what_cannot_be_is_said_with_nothing_changed(page: Page) -> None:
    opened(
        page,
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "first", "units": 6},
        {"kind": "linear", "name": "second", "units": 6},
        {"kind": "add", "name": "sum", "inputs": ["second", "first"]},
        {"kind": "linear", "name": "output", "units": None},
    )
    menu(page, "sum", "sum", "Repeat")
    answer(page, "Times", "2")
    expect(page.locator("#notice")).to_contain_text("sum reads first, which would be outside of the block")
    menu(page, "second", "second", "Rename")
    answer(page, "Name", "first")
    expect(page.locator("#notice")).to_contain_text("first is the name of another layer here")
    page.locator('.unit[data-column="first"]').first.focus()
    page.keyboard.press("Shift+F10")
    choose(page, "first", "Wrap in a residual")
    answer(page, "Layers", "2")
    wait_stored(page, ["network", 1, "body", 1, "name"], "second")
    menu(page, "residual1.second", "residual 1", "Repeat")
    answer(page, "Times", "900")
    expect(page.locator(".callout")).to_contain_text("nodes once all blocks are unfolded")
    wait_stored(page, ["network", 1, "kind"], "residual")
    menu(page, "residual1.second", "residual 1.second", "Rename")
    answer(page, "Name", "inner")
    wait_stored(page, ["network", 1, "body", 1, "name"], "inner")
    page.keyboard.press("Control+z")
    wait_stored(page, ["network", 1, "body", 1, "name"], "second")
