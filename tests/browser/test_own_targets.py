"""Own pictures with masks and boxes are uploaded and learned; boxes are drawn by hand and by keys."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.steps import experiment_of, open_paused, play_button, preset, wait_stored

SIDE = 48


def data(page: Page) -> Locator:
    return page.locator("#settings")


def picture(number: int, mask: bool = False) -> bytes:
    """A light square on a dark ground, or its mask."""
    pixels = np.full((SIDE, SIDE), 0 if mask else 40, np.uint8)
    pixels[8 : 8 + 16, 4 + number : 20 + number] = 1 if mask else 220
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def file_of(name: str, content: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="application/octet-stream", buffer=content)


def coco(count: int, width: int = 16) -> bytes:
    images = [{"id": n, "file_name": f"{n}.png", "width": SIDE, "height": SIDE} for n in range(count)]
    boxes = [{"id": n, "image_id": n, "category_id": 7, "bbox": [4 + n, 8, width, 16]} for n in range(count)]
    categories = [{"id": 7, "name": "square"}]
    return json.dumps({"images": images, "annotations": boxes, "categories": categories}).encode()


@pytest.mark.thorough
@pytest.mark.allow_console("422")
def test_own_masks_and_own_boxes_are_uploaded_and_learned(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    data(page).get_by_label("Data set").select_option("own_masks")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(16):
            archive.writestr(f"images/{number}.png", picture(number))
            archive.writestr(f"masks/{number}.png", picture(number, mask=True))
    data(page).get_by_label("Own pictures").set_input_files(file_of("masks.zip", buffer.getvalue()))
    expect(data(page).get_by_alt_text("Some pictures of 0, 1")).to_be_visible()
    expect(data(page).locator(".balance .share-number")).to_have_text(["16", "16"])
    wait_stored(page, ["task", "kind"], "segmentation")
    assert experiment_of(page)["data"]["kind"] == "own_masks"
    play_button(page).click()
    expect(page.locator(".readout .epoch b")).not_to_have_text("0")
    play_button(page).click()

    data(page).get_by_label("Data set").select_option("own_boxes")
    pictures = [file_of(f"{number}.png", picture(number)) for number in range(16)]
    upload = data(page).get_by_label("Own pictures")
    upload.set_input_files([*pictures, file_of("annotations.json", coco(16, width=-1))])
    refused = "annotations.json: annotations[0] (id 0): width of bbox is -1; expected more than 0"
    expect(data(page).locator(".complaint").filter(has_text=refused)).to_be_visible()
    upload.set_input_files([*pictures, file_of("annotations.json", coco(16))])
    expect(data(page).locator(".balance .share-number")).to_have_text(["16"])
    wait_stored(page, ["task", "kind"], "detection")
    play_button(page).click()
    expect(page.locator(".readout .epoch b")).not_to_have_text("0")


def test_a_box_is_drawn_by_hand_and_by_keys_and_becomes_a_data_set(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    data(page).get_by_label("Data set").select_option("own_boxes")
    data(page).get_by_role("button", name="Draw boxes").click()
    dialog = page.get_by_role("dialog", name="Draw boxes")
    dialog.get_by_label("Pictures to draw boxes in").set_input_files(
        [file_of(f"{number}.png", picture(number)) for number in range(10)]
    )
    expect(dialog.get_by_text("0.png: picture 1 of 10")).to_be_visible()
    canvas = dialog.locator("canvas")
    place = canvas.bounding_box()
    assert place is not None
    scale = place["width"] / SIDE
    page.mouse.move(place["x"] + 4 * scale, place["y"] + 8 * scale)
    page.mouse.down()
    page.mouse.move(place["x"] + 20 * scale, place["y"] + 24 * scale, steps=3)
    page.mouse.up()
    expect(dialog.get_by_text("object: left 4, top 8, 16 by 16")).to_be_attached()
    dialog.get_by_label("New class").fill("square")
    dialog.get_by_label("New class").press("Enter")
    dialog.get_by_role("button", name="Next picture").click()
    canvas.focus()
    for key in ("a", "Shift+ArrowRight", "ArrowDown"):
        canvas.press(key)
    expect(dialog.get_by_text("square: left 14, top 15, 21 by 20")).to_be_attached()
    canvas.press("a")
    canvas.press("Delete")
    expect(dialog.get_by_text(re.compile("2 boxes in 10 pictures"))).to_be_visible()
    with page.expect_download() as coming:
        dialog.get_by_role("button", name="COCO JSON").click()
    document = json.loads(Path(coming.value.path()).read_bytes())
    assert [each["bbox"] for each in document["annotations"]] == [[4, 8, 16, 16], [14, 15, 21, 20]]
    dialog.get_by_role("button", name="Use as data set").click()
    expect(data(page).get_by_text("8 of the 10 pictures have no box")).to_be_visible()
    data(page).get_by_role("button", name="Use these pictures").click()
    wait_stored(page, ["task", "kind"], "detection")
    used = experiment_of(page)["data"]
    assert (used["kind"], used["pictures"]) == ("own_boxes", 10)
