"""How smoothly a box among a thousand is dragged in the lab of boxes, in a real Chromium.

The box is moved on each animation frame; suppression runs anew at each. Frames are those of
requestAnimationFrame, in a window of 1440 × 900.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from bench.page import ARGS
from tools import browser as chromium
from tools.serving import serving

FRAMES = 150

#: Frames a second, and the longest in milliseconds.
DRAG = """
  (frames) => new Promise((done) => {
    const canvas = document.querySelector(".boxes-scene");
    const { left, top, width, height } = canvas.getBoundingClientRect();
    canvas.setPointerCapture = () => {};
    const point = (type, share) => canvas.dispatchEvent(new PointerEvent(type, {
      pointerId: 1, button: 0, pointerType: "mouse",
      clientX: left + width * (0.5 + 0.3 * Math.sin(share)),
      clientY: top + height * (0.5 + 0.3 * Math.cos(share)),
    }));
    point("pointerdown", 0);
    const times = [];
    const step = (now) => {
      times.push(now);
      if (times.length > frames) {
        point("pointerup", 0);
        const gaps = times.slice(1).map((time, index) => time - times[index]);
        done([1000 * frames / (times.at(-1) - times[0]), Math.max(...gaps)]);
        return;
      }
      point("pointermove", times.length / 20);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })
"""


def main() -> Iterator[str]:
    """A line for each scene."""
    path = chromium.find()
    if path is None:
        yield "boxes: no Chromium found; tools/browser.py installs one"
        return
    with TemporaryDirectory() as data, serving(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{server.url}/labs/boxes")
        page.wait_for_selector(".boxes-scene")
        for scene, name in {"crowd": "ten boxes", "thousand": "a thousand boxes"}.items():
            page.get_by_label("Scene").select_option(scene)
            rate, longest = page.evaluate(DRAG, FRAMES)
            yield f"boxes  {name:18} {rate:5.1f} frames/s, the longest {longest:3.0f} ms"
        browser.close()
