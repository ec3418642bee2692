"""Own pictures are uploaded and learned; a drawn digit is read while the network learns."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.steps import draw, experiment_of, open_paused, play_button, preset, wait_stored, wait_until


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


def divided_zip() -> bytes:
    """Two sets of one name, each with a test set, 12 bits a pixel, beside a README."""
    random, buffer = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("README.md", "words")
        for place in ("a/train", "a/Testing", "b/train"):
            for name in ("high", "low"):
                for number in range(8):
                    file = io.BytesIO()
                    pixels = random.integers(0, 4096 if name == "high" else 1024, (20, 20)).astype(np.uint16)
                    Image.fromarray(pixels).save(file, "PNG")
                    archive.writestr(f"{place}/{name}/{number}.png", file.getvalue())
    return buffer.getvalue()


@pytest.mark.allow_console("422")
def test_what_is_guessed_of_an_upload_is_shown_and_changed_before_it_is_used(page: Page) -> None:
    open_paused(page, preset(page, "digits-convolution"))
    data(page).get_by_label("Data set").select_option("own_images")
    upload(page, "two.zip", divided_zip())
    expect(data(page).locator(".complaint").filter(has_text="several sets")).to_be_visible()
    data(page).get_by_label("Which set").select_option(label="a")
    form = data(page).locator(".source-form")
    expect(form).to_contain_text("32 pictures of 32 × 32, 2 classes: 16 to train on, 16 to test")
    expect(form.get_by_label("Black and white are")).to_have_value("0..4095")
    expect(form.locator(".upload-notes li")).to_have_text(
        ["README.md: no picture", re.compile(r"^b/train/high/0\.png.* and 13 more: not in 'a'$")]
    )
    wait_until(page, "() => document.querySelector('.own-preview').naturalWidth > 0")
    bright = form.locator("img").get_attribute("src")
    form.get_by_label("Black and white are").select_option("0..65535")
    expect(form.locator("img")).not_to_have_attribute("src", bright or "")
    expect(form.get_by_label("Black and white are")).to_have_value("0..65535")
    form.get_by_label("Sets").select_option("pooled")
    expect(form).to_contain_text("read as one")
    form.get_by_label("Sets").select_option("own")
    expect(form).to_contain_text("16 to test")
    assert experiment_of(page)["data"]["kind"] == "digits", "nothing is used before it was seen"
    form.get_by_role("button", name="Use these pictures").click()
    expect(data(page).get_by_role("button", name="Upload others")).to_be_visible()
    wait_stored(page, ["data", "tested"], 16)
    used = experiment_of(page)["data"]
    assert (used["pictures"], used["tested"], used["names"]) == (32, 16, ["high", "low"])


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
