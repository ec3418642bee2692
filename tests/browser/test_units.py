"""In which units errors are: of values that are trained on standardised, in the target's own units too."""

import re

import safetensors.numpy
from playwright.sync_api import Page, expect

from tests.browser.steps import open_paused

DIABETES = {
    "data": {"kind": "diabetes"},
    "task": {"kind": "regression"},
    "network": [{"kind": "linear", "name": "output", "units": None}],
    "training": {"batch_size": 10, "epochs": 20},
}


def test_errors_are_in_the_targets_own_units_and_in_those_trained_on(page: Page) -> None:
    run = open_paused(page, DIABETES)
    assert page.request.post(f"/api/runs/{run}/commands", data={"type": "step", "steps": 40}).ok
    rows = page.request.get(f"/api/runs/{run}/metrics?probe=evaluation").body()
    newest = safetensors.numpy.load(rows)["test_absolute_error_original"][-1]
    curves = page.locator(".plot-section", has_text="Absolute error")
    expect(curves).to_contain_text(f"test {newest:.3g} in the target's own units")
    words = re.compile(r"In standardised values; train ([.\d]+), test ([.\d]+) in the target's own units")
    expect(curves).to_contain_text(words)
    found = words.search(curves.inner_text())
    assert found
    original = found[2]
    assert 10 < float(original) < 500
    metrics = page.locator(".metrics-panel")
    metrics.scroll_into_view_if_needed()
    expect(metrics.locator(".metric-numbers")).to_contain_text(f"MAE{original}")
    expect(metrics).to_contain_text(
        re.compile(r"In the target's own units\. As trained on, in standardised values, .* MAE [.\d]+\.")
    )
