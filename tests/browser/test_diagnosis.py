"""What goes wrong is said above the network, and its cures are tried, kept and taken back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import experiment_of, open_paused, play_button, preset


def said(page: Page, experiment: dict[str, Any]) -> Locator:
    """The banner over a run of an experiment, which plays until there is one."""
    open_paused(page, experiment)
    play_button(page).click()
    banner = page.get_by_role("region", name="Diagnosis")
    expect(banner).to_be_visible(timeout=30_000)
    return banner


def test_a_vanishing_gradient_is_explained_and_dismissed_for_good(page: Page) -> None:
    banner = said(page, preset(page, "deep-sigmoid"))
    expect(banner).to_contain_text(re.compile("The gradient vanishes.*its size at linear 1"))
    expect(page.locator("#announcer")).to_contain_text("The gradient vanishes")
    banner.get_by_text("Judged by").click()
    expect(banner).to_contain_text(re.compile(r"gradient of linear 1 ÷ gradient of output: \S+, below 0\.01"))
    expect(banner.get_by_role("listitem").filter(has_text="ReLU")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})  # a line, until it is pressed
    unfold = banner.get_by_role("button", name="Why, and what may cure it")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    assert banner.evaluate("({ clientHeight }) => clientHeight") < 48
    unfold.click()
    expect(banner.get_by_role("button", name="Try them")).to_be_visible()
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_be_hidden()
    page.reload()
    expect(play_button(page)).to_be_visible()
    expect(page.locator(".diagnosis:visible")).to_have_count(0)


@pytest.mark.thorough
def test_the_best_cure_makes_a_deep_sigmoid_network_learn_and_is_taken_back(page: Page) -> None:
    banner = said(page, preset(page, "ten-sigmoids"))
    run = page.url
    banner.get_by_role("button", name="Try them").click()
    keep = banner.get_by_role("button", name=re.compile("^Keep: "))
    expect(keep.first).to_be_visible(timeout=120_000)
    rows = banner.locator("tbody tr")
    expect(rows.last).to_contain_text(re.compile("unchanged|diverged"))
    keep.first.click()
    expect(banner).to_contain_text("You go on with a cure", timeout=30_000)
    assert page.url != run
    accuracy = page.locator(".plot-head").filter(has_text="Accuracy")
    expect(accuracy).to_contain_text(re.compile(r"train\D*(0\.9|1)"), timeout=60_000)
    banner.get_by_role("button", name="Take it back").click()
    expect(page).to_have_url(run)
    expect(banner).to_contain_text("The gradient vanishes")
    assert {node["kind"] for node in experiment_of(page)["network"]} >= {"sigmoid"}


@pytest.mark.thorough
def test_a_rate_of_ten_explodes_and_explains_itself(page: Page) -> None:
    experiment = preset(page, "rate-too-high")
    experiment["training"]["updates"][0]["optimizer"]["learning_rate"] = 10
    banner = said(page, experiment)
    expect(banner).to_contain_text("The training explodes")
    expect(banner).to_contain_text("A tenth of the learning rate")
    banner.get_by_role("button", name="Try them").click()
    expect(banner.locator("tbody tr")).to_have_count(5, timeout=60_000)
    banner.get_by_role("button", name="Cancel").click()
    expect(banner).to_contain_text("Cancelled: the run is as it was.")


@pytest.mark.thorough
def test_dead_units_are_found_at_a_rate_of_one_half_with_momentum(page: Page) -> None:
    banner = said(page, preset(page, "dead-relus"))
    expect(banner).to_contain_text(re.compile("Units have died.*Leaky ReLU", re.DOTALL))


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_the_cures_of_an_overfitting_network_are_ranked_with_bands(page: Page) -> None:
    banner = said(page, preset(page, "wrong-labels"))
    expect(banner).to_contain_text("The network overfits")
    banner.get_by_role("button", name="Try them").click()
    expect(banner.get_by_role("button", name=re.compile("^Keep: ")).first).to_be_visible(timeout=180_000)
    for cure in ("Dropout", "L2 penalty", "Augmentation", "Early stopping"):
        row = banner.get_by_role("row").filter(has_text=cure)
        expect(row.locator(".cure-range")).to_have_text(re.compile(r"\d.* – .*\d"))
