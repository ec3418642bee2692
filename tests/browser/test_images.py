"""Networks of images in the browser: built, trained, and followed down to a product."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import (
    column,
    lamp,
    open_paused,
    open_tab,
    play_button,
    preset,
    shown,
    units,
    wait_painted,
    wait_stored,
    wait_until,
)

CONVOLUTION = re.compile(r"^Convolution(?! [13]-D)")
CLASSES = ["disc", "square", "triangle", "cross", "ring", "star"]
POOLING = re.compile(r"^Max pooling(?! [13]-D)")


def digits(page: Page, network: list[dict[str, Any]], epochs: int) -> dict[str, Any]:
    experiment = preset(page, "digits-convolution")
    experiment["network"] = network
    experiment["training"]["epochs"] = epochs
    return experiment


def add(page: Page, before: str, layer: re.Pattern[str]) -> None:
    page.get_by_role("button", name=f"Add a layer before {shown(before)}", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=layer).first.click()


def number(place: Locator, attribute: str) -> float:
    return float(place.get_attribute(attribute) or "nan")


def test_a_convolutional_network_is_built_trained_and_followed_to_its_numbers(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    empty: list[dict[str, Any]] = [
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    open_paused(page, digits(page, empty, epochs=2))

    # conv – pool – conv – pool – dense, from nothing.
    add(page, "flatten1", CONVOLUTION)
    wait_stored(page, ["network", 0, "kind"], "conv2d")
    column(page, "conv2d1").first.click()
    page.get_by_role("tab", name="Arithmetic").click()
    expect(page.locator(".arithmetic-head")).to_contain_text("row 4, column 4")  # the middle of 6 by 6
    page.get_by_role("tab", name="Node").click()
    page.get_by_role("textbox", name="Padding").fill("same")
    page.get_by_role("textbox", name="Padding").press("Enter")
    wait_stored(page, ["network", 0, "padding"], "same")
    for layer, made in ((POOLING, "max_pool2d1"), (CONVOLUTION, "conv2d2"), (POOLING, "max_pool2d2")):
        add(page, "flatten1", layer)
        expect(column(page, made).first).to_be_attached()
    wait_stored(page, ["network", 3, "kind"], "max_pool2d")
    wait_stored(page, ["network", 5, "name"], "output")
    expect(column(page, "max_pool2d2").first).to_have_accessible_name("max pool2d 2, map 1 of 8")
    page.get_by_role("combobox", name="Activation of conv2d 1").select_option("relu")
    wait_stored(page, ["network", 1, "kind"], "relu")

    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=30_000)

    # Every layer's maps of the chosen picture.
    column(page, "relu1").nth(2).click()
    page.get_by_role("tab", name="Maps").click()
    layers = page.locator(".map-layer")
    expect(layers).to_have_count(6)
    expect(layers.nth(1)).to_contain_text("8@8×8")
    wait_painted(page, ".map-layer:nth-child(2) .map-grid")
    page.get_by_role("button", name="The next sample").first.click()
    expect(page.locator(".map-input")).to_contain_text("test sample 1")
    layers.nth(1).locator("canvas").hover(position={"x": 20, "y": 20})
    expect(page.locator(".map-words")).to_contain_text("conv2d 1, map 1, row")

    # A click on a map leads to its arithmetic; what stands there adds up.
    layers.nth(2).locator("canvas").click(position={"x": 20 + 2 * 49, "y": 20})
    expect(page.get_by_role("tab", name="Arithmetic")).to_have_attribute("aria-selected", "true")
    follow_a_sum(page)
    expect(page.locator(".arithmetic-head")).to_contain_text("row 5, column 5")  # the middle of 8 by 8
    page.get_by_role("button", name="One place on").click()
    expect(page.locator(".arithmetic-head")).to_contain_text("row 5, column 6")
    follow_a_sum(page)
    page.get_by_role("button", name="Slide the window").click()
    expect(page.locator(".arithmetic-head")).to_contain_text("row 6")
    page.get_by_role("button", name="Stop the window").click()

    # The answer: logits to shares.
    column(page, "output").nth(3).click()
    shares = page.locator(".softmax tbody td[data-share]")
    expect(shares).to_have_count(10)
    said: list[float] = shares.evaluate_all("cells => cells.map((cell) => Number(cell.dataset.share))")
    assert abs(sum(said) - 1) < 1e-5

    # A cell of the confusion matrix opens its examples, and an example is shown to the network.
    right = page.locator(".confusion .right button").first
    right.click()
    title = page.locator(".metric-part .metric-head h3")
    expect(title).to_have_text(re.compile(r"^0 taken for 0: \d+ samples$"))
    count = int(re.findall(r"(\d+) samples", title.text_content() or "")[0])
    expect(right).to_have_text(str(count))
    examples = page.locator(".example")
    expect(examples).to_have_count(min(18, count))
    examples.nth(1).click()
    place = re.findall(r"test sample (\d+)", examples.nth(1).get_attribute("aria-label") or "")[0]
    page.get_by_role("tab", name="Maps").click()
    expect(page.locator(".map-input")).to_contain_text(f"test sample {place}, class 0")
    # The page says which set a number is from.
    expect(page.locator(".metrics-source")).to_contain_text("held out, never learned from")
    page.locator(".metrics-panel").get_by_role("button", name="train", exact=True).click()
    expect(page.locator(".metrics-source")).to_have_text("1,438 samples, what it learns from")


def follow_a_sum(page: Page) -> None:
    """The products of the one channel and the bias are the sum, and its rectified value is what is shown."""
    expect(page.locator(".products td[data-value]")).to_have_count(9)
    expect(page.locator(".sums dd")).to_have_count(4)  # until it comes, the convolution's own three are there
    # Read at one moment: the panel may be painted anew between two looks.
    read = page.evaluate(
        """() => {
          const number = (text) => Number(text.replace("−", "-"));
          const cells = [...document.querySelectorAll(".products td[data-value]")];
          const sums = [...document.querySelectorAll(".sums dd")];
          return {
            products: cells.map(({ dataset }) => dataset.value * dataset.weight),
            written: cells.map((cell) => number(cell.querySelector("b").innerText)),
            sums: sums.map(({ dataset }) => Number(dataset.value)),
            shown: sums.map((each) => number(each.innerText)),
            output: Number(document.querySelector(".arithmetic-result").dataset.output),
          };
        }"""
    )
    channel, bias, total, after = read["sums"][:4]
    assert abs(sum(read["products"]) - channel) < 1e-6
    assert abs(channel + bias - total) < 1e-6
    assert after == max(0.0, after)
    assert abs(after - max(0.0, total)) < 1e-5
    assert abs(read["output"] - total) < 1e-5
    # The numbers as they are read agree to the last digit that rounding leaves.
    assert abs(sum(read["written"]) - read["shown"][0]) < 0.0005 * 10
    assert abs(read["shown"][0] + read["shown"][1] - read["shown"][2]) < 0.0016


@pytest.mark.thorough  # tests/engine/test_learning.py has it without a browser
def test_the_digits_network_reaches_97_percent_in_the_browser(page: Page) -> None:
    experiment = preset(page, "digits-convolution")
    open_paused(page, experiment)
    expect(units(page).first).to_be_visible()
    play_button(page).click()
    expect(lamp(page)).to_have_text("finished", timeout=60_000)
    expect(page.locator(".metrics-source")).to_contain_text("359 samples, held out")
    # What is measured at the last step may come a moment after the run says that it has finished.
    wait_until(page, "() => Number(document.querySelector('.metric-numbers dd')?.textContent) >= 0.97")


def test_two_panels_of_pixel_classes_turn_their_pages_apart(page: Page) -> None:
    experiment = preset(page, "shapes-segmentation")
    experiment["data"]["samples"] = 60
    open_paused(page, experiment)
    column(page, "output").first.click()
    open_tab(page, "Pixels")
    panels = page.locator(".pixel-classes-panel")
    expect(panels).to_have_count(2)
    for panel in panels.all():
        expect(panel.get_by_role("button", name="test sample 0:")).to_be_visible()
    result, inspected = page.locator("#results").locator(panels), page.locator("#inspector").locator(panels)
    result.get_by_role("button", name="Further pictures").click()
    expect(result.get_by_role("button", name="test sample 6:")).to_be_visible()
    expect(inspected.get_by_role("button", name="test sample 0:")).to_be_visible()
    # Of a run at rest no further frame comes of what the other panel has.
    result.get_by_role("button", name="Earlier pictures").click()
    expect(result.get_by_role("button", name="test sample 0:")).to_be_visible()
    expect(result.locator(".class-legend-caption")).to_have_text("IoU of each class, whole test set")


def test_the_legend_of_found_boxes_says_what_outlines_mean(page: Page) -> None:
    network: list[dict[str, Any]] = [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "kernel": 16, "stride": 16},
        {"kind": "conv2d", "name": "cells", "filters": 16, "kernel": 1, "initializer": {"kind": "zeros"}},
        {"kind": "cell_boxes", "name": "output", "inputs": ["cells", "input"]},
    ]
    task = {"kind": "detection", "losses": [{"kind": "yolo_v1"}]}
    data = {"kind": "shape_scenes", "samples": 40}
    experiment = {"version": 1, "title": "Boxes", "seed": 0, "data": data, "task": task, "network": network}
    open_paused(page, {**experiment, "training": {"epochs": 1}})
    panel = page.locator(".found-boxes-panel")
    expect(panel.locator(".class-legend li")).to_have_text([*CLASSES, "missed", "✗wrong"])
    for caption in panel.locator(".example > span").all():
        expect(caption).to_have_text(re.compile(r"^0 of [1-3]$"))  # it is sure of nothing: all are missed
    page.locator("#results summary", has_text="Metrics").click()
    curves = page.locator(".precision-recall")
    expect(curves.locator(".class-legend li")).to_have_text([f"{name}0 %" for name in CLASSES])
    curves.get_by_role("img").hover()
    expect(curves.locator(".class-legend-caption")).to_contain_text("At recall 0.4")
