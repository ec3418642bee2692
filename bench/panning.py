"""How smoothly the graph of ResNet-152, every node unfolded, moves in a real Chromium.

The graph is moved by its keys' step on each animation frame, so near that names can be read, and so far that
much of it is in view. The window is 1440 × 900; frames are those of requestAnimationFrame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from bench.page import ARGS
from tools import browser as chromium
from tools.serving import serving

FRAMES = 150

#: Presses of "zoom out", and what is then seen.
VIEWS = {"names can be read": 0, "much is in view": 9}

#: Frames a second, and the longest in milliseconds.
MOVE = """
  (frames) => new Promise((done) => {
    const canvas = document.querySelector(".graph-canvas");
    const key = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: true }));
    const times = [];
    const step = (now) => {
      times.push(now);
      if (times.length > frames) {
        const gaps = times.slice(1).map((time, index) => time - times[index]);
        done([1000 * frames / (times.at(-1) - times[0]), Math.max(...gaps)]);
        return;
      }
      key("ArrowDown");
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })
"""


def main() -> Iterator[str]:
    """A line for each view."""
    path = chromium.find()
    if path is None:
        yield "panning: no Chromium found; tools/browser.py installs one"
        return
    with TemporaryDirectory() as data, serving(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{server.url}/gallery/resnet?depth=152")
        page.wait_for_selector("#layer-table tbody tr")
        for name, presses in VIEWS.items():
            rate, longest = moved(page, presses)
            yield f"panning  {name:22} {rate:5.1f} frames/s, the longest {longest:3.0f} ms"
        browser.close()


def moved(page: Page, presses: int) -> tuple[float, float]:
    """Frames a second, and the milliseconds of the longest, while the unfolded graph moves."""
    page.click("#unfold-all")
    for _ in range(presses):
        page.click("#zoom-out")
    rate, longest = page.evaluate(MOVE, FRAMES)
    return rate, longest
