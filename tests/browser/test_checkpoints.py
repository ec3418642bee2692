"""The checkpoints of a run, listed, explained and opened."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import open_paused

#: Cycles of one, two and four epochs.
RESTARTS: dict[str, Any] = {
    "data": {"kind": "gauss", "samples": 40},
    "training": {
        "updates": [{"schedule": {"kind": "warm_restarts", "first": 1, "growth": 2}}],
        "batch_size": 20,
        "epochs": 7,
    },
}


def listed(page: Page) -> Locator:
    """The dialog of checkpoints, opened."""
    page.get_by_role("button", name="Share, save and export").click()
    page.get_by_role("button", name="Checkpoints").click()
    dialog = page.get_by_role("dialog", name="Checkpoints")
    expect(dialog).to_be_visible()
    return dialog


def test_the_ends_of_cycles_are_listed_gone_back_to_and_gone_on_from(page: Page) -> None:
    run = open_paused(page, RESTARTS)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".lamp")).to_have_text("finished")
    dialog = listed(page)
    cycles = dialog.get_by_role("listitem").filter(has_text="Least rate, cycle")
    expect(cycles).to_have_count(3)
    expect(cycles.last).to_contain_text(re.compile(r"cycle 1 step 1, epoch 1.*the model to keep", re.DOTALL))
    expect(dialog).to_contain_text(re.compile(r"Best step \d+"))
    dialog.get_by_role("button", name="Go back to: Least rate, cycle 2").click()
    expect(page.locator(".lamp")).to_have_text("paused")
    expect(page.get_by_role("button", name="Undo")).to_have_attribute("title", re.compile("Undo: "))
    dialog = listed(page)
    expect(dialog.get_by_role("listitem").filter(has_text="Before going back")).to_have_count(1)
    dialog.get_by_role("button", name="Go on in a run of its own from: Least rate, cycle 1").click()
    expect(page).not_to_have_url(re.compile(run))
    expect(page.locator(".lamp")).to_have_text("finished")
    # Undo and redo pressed at once: what is pressed on the way to a run is done when that is here.
    undo = page.get_by_role("button", name="Undo").first
    expect(undo).to_have_attribute("title", re.compile("^Undo: a run of its own from Least rate, cycle 1 "))
    copy = page.url
    between = page.evaluate(
        """() => {
          for (const shiftKey of [false, true]) {
            const key = { key: "z", ctrlKey: true, shiftKey, bubbles: true, cancelable: true };
            document.getElementById("stage").dispatchEvent(new KeyboardEvent("keydown", key));
          }
          return location.pathname;
        }"""
    )
    assert between == f"/runs/{run}"
    expect(page).to_have_url(copy)
    expect(undo).to_have_attribute("title", re.compile("^Undo: a run of its own from "))
