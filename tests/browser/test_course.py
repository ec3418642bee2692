"""Studies of what the course says, on the page: each is begun, shows its numbers, and can be cancelled."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.steps import open_paused, open_tab, units, wait_painted

FEW: dict[str, Any] = {
    "data": {"kind": "circle", "samples": 60},
    "task": {"kind": "classification", "losses": [{"kind": "binary_cross_entropy"}]},
    "network": [
        {"kind": "linear", "units": 4},
        {"kind": "tanh"},
        {"kind": "linear", "name": "output", "units": None},
    ],
}


def test_bias_and_variance_are_seen_on_resamples(page: Page) -> None:
    open_paused(page, FEW)
    units(page).first.click()
    open_tab(page, "Resamples")
    panel = page.get_by_role("tabpanel", name="Resamples")
    for label, value in (("Networks", "3"), ("Steps", "40")):
        panel.get_by_label(label).fill(value)
        panel.get_by_label(label).press("Enter")
    panel.get_by_role("button", name="Train on resamples").click()
    expect(panel).to_contain_text(
        re.compile(r"3 networks trained\. Squared bias 0\.\d+, variance 0\.\d+: error 0\.\d+"), timeout=30_000
    )
    expect(panel.locator(".ensemble-surfaces canvas")).to_have_count(3)
    wait_painted(page, ".ensemble-pictures figure:nth-child(2) canvas", 5)


def test_masks_are_drawn_and_their_mean_is_beside_evaluation_mode(page: Page) -> None:
    open_paused(page, {**FEW, "network": [*FEW["network"][:2], {"kind": "dropout"}, FEW["network"][2]]})
    units(page).first.click()
    open_tab(page, "Dropout")
    panel = page.get_by_role("tabpanel", name="Dropout")
    panel.get_by_role("button", name="Draw masks").click()
    expect(panel).to_contain_text(
        re.compile(r"64 masks\. Their mean is 0\.\d+ from evaluation mode"), timeout=30_000
    )
    expect(panel.locator(".ensemble-outputs tbody tr")).to_have_count(2)
    wait_painted(page, ".ensemble-pictures figure:nth-child(2) canvas", 5)


def test_masks_of_a_network_without_dropout_are_refused_with_words(page: Page) -> None:
    open_paused(page, FEW)
    units(page).first.click()
    open_tab(page, "Dropout")
    page.get_by_role("button", name="Draw masks").click()
    expect(page.get_by_text("no dropout in this network; expected a dropout node")).to_be_visible()


def test_starts_are_compared_on_one_chart_and_a_comparison_can_be_cancelled(page: Page) -> None:
    open_paused(page, {**FEW, "network": [*FEW["network"][:2] * 2, FEW["network"][2]]})
    units(page).first.click()
    open_tab(page, "Warm start")
    panel = page.get_by_role("tabpanel", name="Warm start")
    button = panel.get_by_role("button", name="Compare starts")
    panel.get_by_label("Steps after").fill("1000000")
    panel.get_by_label("Steps after").press("Enter")
    button.click()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel).to_contain_text("Cancelled.")
    panel.get_by_label("Steps after").fill("20")
    panel.get_by_label("Steps after").press("Enter")
    button.click()
    said = "Of the 120 steps, 100 are pre-training. At the end: cold start"
    expect(panel).to_contain_text(said, timeout=30_000)
    expect(panel.locator(".line-legend li")).to_have_count(3, timeout=30_000)
