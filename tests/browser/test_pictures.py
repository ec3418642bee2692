"""Own pictures are uploaded and learned; a drawn digit is read while the network learns."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.steps import draw, experiment_of, open_paused, play_button, preset


def data(page: Page) -> Locator:
    return page.locator("#settings")


def prediction(page: Page) -> Locator:
    return page.locator(".chosen .prediction")


def own_zip() -> bytes:
    """Stripes that stand and stripes that lie."""
    random, buffer = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(60):
            wave = 127 + 100 * np.sin(np.arange(32) * random.uniform(0.5, 1) + random.uniform(0, 6))
            pixels = np.tile(wave, (32, 1)) + random.normal(0, 10, (32, 32))
            for name, picture in (("standing", pixels), ("lying", pixels.T)):
                file = io.BytesIO()
                Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "PNG")
                archive.writestr(f"stripes/{name}/{number}.png", file.getvalue())
    return buffer.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    file = FilePayload(name=name, mimeType="application/zip", buffer=content)
    data(page).get_by_label("Own pictures").set_input_files(file)


@pytest.mark.allow_console("422")
def test_own_pictures_are_uploaded_and_learned(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    data(page).get_by_label("Data set").select_option("own_images")
    upload(page, "broken.zip", b"PK\x03\x04 and nothing else")
    expect(data(page).locator(".complaint").filter(has_text="ZIP")).to_be_visible()
    assert experiment_of(page)["data"]["kind"] == "digits", "nothing changes before the pictures are there"
    upload(page, "stripes.zip", own_zip())
    expect(data(page).get_by_alt_text("Some pictures of lying, standing")).to_be_visible()
    expect(data(page).locator(".balance .share-number")).to_have_text(["60", "60"])
    expect(prediction(page).locator(".share-name")).to_have_text(["lying", "standing"])
    play_button(page).click()
    expect(prediction(page).locator(".note")).to_contain_text("rightly", timeout=60_000)
    assert experiment_of(page)["data"]["names"] == ["lying", "standing"]
    page.reload()
    expect(data(page).locator(".balance .share-number")).to_have_text(["60", "60"])


def test_a_drawn_digit_is_read_while_the_network_learns(page: Page) -> None:
    """A one: the network, once trained, is sure of it; after Clear, the pad is empty."""
    open_paused(page, preset(page, "digits-convolution"))
    page.get_by_role("button", name="Draw", exact=True).click()
    draw(page, (0.38, 0.3), (0.52, 0.12), (0.52, 0.88))
    play_button(page).click()
    sure = re.compile(r"^Taken for 1 \((?:[5-9]\d|100) %")
    expect(prediction(page).locator(".note")).to_have_text(sure, timeout=60_000)
    expect(prediction(page).locator(".best .share-name")).to_have_text("1")
    page.get_by_role("button", name="Clear").click()
    expect(prediction(page).locator(".note")).not_to_have_text(re.compile("Taken for 1 "))
    page.get_by_role("button", name="File", exact=True).click()
    page.get_by_role("button", name="Flower").click()
    expect(prediction(page).locator(".note")).to_contain_text("Taken for")


def test_a_file_that_is_no_picture_is_refused_beside_its_button(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    page.get_by_role("button", name="File", exact=True).click()
    file = FilePayload(name="words.png", mimeType="image/png", buffer=b"only words")
    page.get_by_label("A picture").set_input_files(file)
    expect(page.locator(".chosen-file .complaint")).to_contain_text("words.png: no picture that can be read")
    page.get_by_role("button", name="Flower").click()
    expect(page.locator(".chosen-file .complaint")).to_have_count(0)
    expect(prediction(page).locator(".note")).to_contain_text("Taken for")


@pytest.mark.allow_console("ERR_")
def test_a_published_set_waits_until_it_is_fetched(page: Page) -> None:
    """Here without a network: the page says so, and the experiment stays as it is."""
    page.route("**/api/datasets/mnist/fetch", lambda route: route.fulfill(status=202, json=FAILED))
    open_paused(page, preset(page, "digits-convolution"))
    data(page).get_by_label("Data set").select_option("mnist")
    waiting = data(page).locator(".source-form")
    expect(waiting).to_contain_text("MNIST is not on this machine")
    waiting.get_by_role("button", name="Download").click()
    expect(waiting).to_contain_text("is there a network?")
    waiting.get_by_role("button", name="Cancel").click()
    expect(waiting).to_have_count(0)
    expect(data(page).get_by_label("Data set")).to_have_value("digits")
    assert experiment_of(page)["data"]["kind"] == "digits"


FAILED = {
    "kind": "mnist",
    "label": "MNIST",
    "state": "failed",
    "come": 0,
    "total": 11_594_722,
    "detail": "mirror.example cannot be reached; is there a network?",
}
