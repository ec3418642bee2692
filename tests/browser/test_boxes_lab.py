"""The lab of boxes: drawn, dragged and resized by mouse, finger and keys; undo, address, rounds."""

import base64
import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_accessibility import complaints


def scene(page: Page) -> Locator:
    return page.locator(".boxes-scene")


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place of the scene, of 600 × 400, on the screen."""
    scene(page).scroll_into_view_if_needed()
    box = scene(page).bounding_box()
    assert box is not None
    return box["x"] + x * box["width"] / 600, box["y"] + y * box["height"] / 400


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=3)
    page.mouse.up()


def kept(url: str) -> dict[str, Any]:
    """The settings in an address."""
    _, _, text = url.partition("#l1=")
    settings: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) or "{}")
    return settings


def iou(page: Page) -> Locator:
    return page.locator(".boxes-iou")


def test_boxes_are_dragged_resized_drawn_undone_and_kept_in_the_address(page: Page) -> None:
    page.goto("/labs/boxes")
    page.get_by_label("Scene").select_option("two")
    # 110–350 × 90–270 and 210–470 × 150–330: 140 · 120 shared of 43,200 + 46,800 − 16,800.
    expect(iou(page)).to_have_text("0.230")
    drag(page, (120, 100), (220, 160))
    expect(iou(page)).to_have_text("0.923")
    page.get_by_role("button", name="Undo").click()
    expect(iou(page)).to_have_text("0.230")
    page.get_by_role("button", name="Redo").click()
    expect(iou(page)).to_have_text("0.923")
    drag(page, (20, 340), (90, 390))
    expect(page.locator(".boxes-name")).to_have_count(3)
    page.wait_for_url(lambda url: len(kept(url).get("boxes", [])) == 3)
    page.reload()
    expect(page.locator(".boxes-name")).to_have_count(3)
    assert complaints(page) == []


def test_keys_move_resize_and_choose_and_scores_decide_who_stays(page: Page) -> None:
    page.goto("/labs/boxes")
    page.get_by_label("Scene").select_option("two")
    page.get_by_label("Threshold").fill("0.2")
    outcomes = page.locator(".boxes-outcome")
    expect(outcomes).to_have_text(["kept", "removed by 1, IoU 0.23"])
    page.get_by_label("Score of box 2").fill("0.99")
    page.get_by_label("Score of box 2").press("Enter")
    expect(outcomes).to_have_text(["kept", "removed by 2, IoU 0.23"])
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Back").click()
    expect(outcomes).to_have_text(["waits", "waits"])
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".boxes-told")).to_have_text("Round 1: box 2, 0.99, is kept; removed: 1")
    scene(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(iou(page)).to_have_text("0.250")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("n")
    expect(page.locator(".boxes-name[aria-pressed=true]")).to_have_text("2")
    expect(page.locator("#announcer")).to_contain_text("Box 2: left 210")
    page.keyboard.press("Delete")
    expect(page.locator(".boxes-name")).to_have_count(1)
    page.get_by_label("Score of box 1").fill("7")
    page.get_by_label("Score of box 1").press("Enter")
    expect(page.get_by_label("Score of box 1")).to_have_attribute("aria-invalid", "true")


def test_a_link_that_holds_nonsense_says_what_it_was(page: Page) -> None:
    nonsense = json.dumps({"scene": "two", "threshold": 7, "boxes": "many"})
    page.goto(f"/labs/boxes#l1={base64.urlsafe_b64encode(nonsense.encode()).decode()}")
    expect(page.get_by_text("In this link, boxes, threshold cannot be used")).to_be_visible()
    expect(page.locator(".boxes-name")).to_have_count(2)
