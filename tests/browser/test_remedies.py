"""What cannot work is said where it is, and one press mends it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import (
    column,
    experiment_of,
    open_paused,
    preset,
    wait_stored,
)


def test_exclusive_or_defeats_the_perceptron_and_the_added_layer_solves_it(page: Page) -> None:
    experiment = preset(page, "perceptron-xor")
    experiment["training"]["epochs"] = 5000  # a slow page is not to come too late
    open_paused(page, experiment)
    warning = page.get_by_role("group", name="Warnings about the network")
    expect(warning).to_contain_text("one line cannot separate these classes")
    page.get_by_role("button", name="One epoch").click()
    expect(page.get_by_role("img", name=re.compile(r"^accuracy at epoch 1: train 0\.[0-8]"))).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    warning.get_by_role("button", name="Add a hidden layer").click()
    expect(warning).to_be_hidden()
    expect(column(page, "tanh1")).to_have_count(4)
    expect(page.get_by_role("img", name=re.compile(r"^accuracy at epoch .*: train 1,"))).to_be_visible()


def test_a_remedy_of_a_run_that_has_finished_says_how_to_go_on_with_it(page: Page) -> None:
    experiment = preset(page, "perceptron-xor")
    experiment["training"]["epochs"] = 1
    open_paused(page, experiment)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".lamp")).to_have_text("finished")
    page.get_by_role("button", name="Add a hidden layer").click()
    expect(page.get_by_text("The run has finished: Train on goes on with it.")).to_be_visible()
    expect(column(page, "tanh1")).to_have_count(4)
    expect(page.get_by_role("button", name=re.compile("^Train on"))).to_be_enabled()


@pytest.mark.allow_console("status of 422")
def test_what_is_refused_at_a_field_is_mended_there_and_what_is_warned_of_at_its_node(page: Page) -> None:
    experiment = preset(page, "iris")
    experiment["network"].append({"kind": "softmax"})
    open_paused(page, experiment)
    warning = page.get_by_role("group", name="Warnings about the network")
    expect(warning).to_contain_text("Categorical cross-entropy takes logits")
    expect(page.locator(".foot[data-warned]")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})  # a line, until it is pressed
    remove = warning.get_by_role("button", name="Remove the softmax")
    expect(remove).to_be_hidden()
    assert warning.evaluate("({ clientHeight }) => clientHeight") < 48
    warning.get_by_role("button", name="The whole warning").press("Enter")
    expect(remove).to_be_visible()
    expect(warning.get_by_role("button", name="The whole warning", expanded=True)).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_label("Loss", exact=True).select_option("hinge")
    page.get_by_role("button", name="Use multi-class hinge").click()
    wait_stored(page, ["task", "losses", 0, "kind"], "multiclass_hinge")
    expect(warning).to_be_hidden()
    page.get_by_label("Schedule", exact=True).select_option("reduce_on_plateau")
    page.get_by_label("Metric", exact=True).select_option(label="Validation accuracy")
    page.get_by_role("button", name="Keep 20% for validation").click()
    wait_stored(page, ["data", "validation_share"], 0.2)
    stored = experiment_of(page)["training"]["updates"][0]["schedule"]
    assert stored["metric"] == "validation_accuracy", "what was refused is done as well"
