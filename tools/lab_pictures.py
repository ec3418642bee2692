"""Photograph the figure of every lab, light and dark, for the index of the labs."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page

OUT = Path(__file__).resolve().parent.parent / "static" / "labs" / "pictures"

#: The size of a picture; the index shows it at half of that or less.
WIDTH, HEIGHT = 640, 400

#: Pixels beside a figure that stands on paper.
MARGIN = 16

#: The window in which a lab's figure stands side by side with nothing.
WINDOW = 1100, 1000


def settled(page: Page) -> None:
    """A lab whose studies have shown something."""
    page.wait_for_timeout(9_000)  # studies refine for a while; no event says that enough is seen


def convolved(page: Page) -> None:
    """The picture, its filter and what they make of each other."""
    page.locator(".operand.kernel input").first.wait_for(timeout=60_000)
    settled(page)


def raced(page: Page) -> None:
    """The whole race on its surface."""
    settled(page)
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.focus()
    slider.press("End")
    page.wait_for_timeout(800)


def both_trained(page: Page) -> None:
    """Both networks trained to the end, and counted."""
    page.get_by_text("test accuracy").nth(1).wait_for(timeout=300_000)


def drawn(page: Page) -> None:
    """A scene that stands as soon as the lab is open."""
    page.wait_for_timeout(500)


def detected(page: Page) -> None:
    """R-CNN's boxes found, and the warped regions beside the scene."""
    page.get_by_text("ms").nth(8).wait_for(timeout=600_000)
    page.get_by_role("button", name="3 Warp").click()


class LabPicture(NamedTuple):
    lab: str
    #: The elements that are the figure.
    figure: str
    until: Callable[[Page], None] = settled
    #: Whether a figure that is too high is cut at its end, not at both.
    from_top: bool = False


PICTURES = (
    LabPicture("convolution", ".operand .lab-picture", until=convolved),
    LabPicture("descent", ".map-top", until=raced),
    LabPicture("kinds", ".kinds-map"),
    LabPicture("landscapes", ".shortcut-picture"),
    LabPicture("first-layers", ".first-filter", until=both_trained, from_top=True),
    LabPicture("boxes", ".boxes-scene", until=drawn),
    LabPicture("rcnn", ".rcnn-left canvas, .rcnn-right", until=detected),
)


def take_all(browser: Browser, url: str) -> None:
    """Write the pictures of all labs."""
    OUT.mkdir(exist_ok=True)
    for picture in PICTURES:
        page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
        page.goto(f"{url}/labs/{picture.lab}")
        page.locator("#lab > *").first.wait_for()
        picture.until(page)
        themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in themes:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(1_500)  # everything is painted anew
            path = OUT / f"{picture.lab}-{scheme}.webp"
            _photographed(page, picture).save(path, "WEBP", quality=80, method=6)
            print(path)
        page.close()


def _photographed(page: Page, picture: LabPicture) -> Image.Image:
    """The figure: one that is too high fills the picture and is cut, around a lower one there is paper."""
    left, top, right, bottom = _union(page.locator(picture.figure))
    most = (right - left) * HEIGHT / WIDTH
    height = min(most, bottom - top)
    cut = 0.0 if picture.from_top else (bottom - top - height) / 2
    clip: FloatRect = {"x": left, "y": top + cut, "width": right - left, "height": height}
    figure = Image.open(BytesIO(page.screenshot(clip=clip, full_page=True))).convert("RGB")
    if height < most:
        figure = _on_paper(figure, page.evaluate("getComputedStyle(document.body).backgroundColor"))
    return figure.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _on_paper(figure: Image.Image, color: str) -> Image.Image:
    """A figure in the middle of a paper that has the form of a picture."""
    width = figure.width + 2 * MARGIN
    paper = Image.new("RGB", (width, round(width * HEIGHT / WIDTH)), color)
    paper.paste(figure, (MARGIN, (paper.height - figure.height) // 2))
    return paper


def _union(parts: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all that is visible of the elements."""
    boxes = [box for part in parts.all() if part.is_visible() and (box := part.bounding_box())]
    return (
        min(box["x"] for box in boxes),
        min(box["y"] for box in boxes),
        max(box["x"] + box["width"] for box in boxes),
        max(box["y"] + box["height"] for box in boxes),
    )
