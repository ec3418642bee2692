"""A small network of images to look into, and what the two buttons below a picture save."""

from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

SHAPES: dict[str, Any] = {
    "version": 1,
    "data": {"kind": "shapes", "samples": 240, "size": 28},
    "network": [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "kernel": 5, "stride": 2},
        {"kind": "relu", "name": "relu1"},
        {"kind": "conv2d", "name": "conv2", "filters": 6},
        {"kind": "relu", "name": "relu2"},
        {"kind": "max_pool2d", "name": "pool2"},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ],
    "training": {"batch_size": 16, "epochs": 2000},
}

#: The pixels of a canvas, as one text.
PIXELS = """selector => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).join();
}"""


def kept(inspector: Locator, page: Page) -> dict[str, Path]:
    """What the two buttons below a picture give, by the names of the files."""
    taken = {}
    for kind in ("PNG", "safetensors"):
        with page.expect_download() as download:
            inspector.get_by_role("button", name=kind).locator("visible=true").click()
        taken[download.value.suggested_filename] = Path(download.value.path())
    return taken


def assert_a_slide(path: Path) -> None:
    """Large, on white whatever the theme, and not empty."""
    with Image.open(path) as picture:
        assert max(picture.size) >= 1200
        colours = picture.convert("RGB")
        assert colours.getpixel((1, 1)) == (255, 255, 255)
        assert len(colours.getcolors(1 << 20) or []) > 10
