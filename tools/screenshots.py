"""Photograph the page for the README and the docs: a real server, a run that has trained a moment."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tools.serving import serving

OUT = Path(__file__).resolve().parent.parent / "docs" / "images"
TRAINING_MS = 8_000


class Shot(NamedTuple):
    name: str
    scheme: Literal["light", "dark"]
    size: ViewportSize


SHOTS = (
    Shot("light", "light", {"width": 1440, "height": 900}),
    Shot("dark", "dark", {"width": 1440, "height": 900}),
    Shot("phone", "light", {"width": 390, "height": 844}),
)


def take(browser: Browser, url: str, shot: Shot) -> Path:
    page = browser.new_page(viewport=shot.size, color_scheme=shot.scheme, device_scale_factor=2)
    page.goto(url)
    page.wait_for_timeout(TRAINING_MS)  # for once no event to wait for: it shall have trained a while
    path = OUT / f"{shot.name}.png"
    page.screenshot(path=path)
    page.close()
    return path


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data, serving(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        for shot in SHOTS:
            print(take(browser, server.url, shot))
        browser.close()


if __name__ == "__main__":
    main()
