"""How soon the page is usable, how smooth and how busy it is, in a real Chromium while a network trains.

*Usable* is from the beginning of a navigation until there are units to press and the play button can be
pressed: on a first visit, and with what the browser has kept of it. The run trains already: no worker starts.
*Frames* are repaintings of the units a second; the page asks for 22. *Busy* is the share of time in which
the main thread had a task (Chromium's TaskDuration). The window is 1440 × 900. Both depend on what
else the machine does: the server, the worker and the processes of the browser share its cores.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tools import browser as chromium
from tools.serving import serving

ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

#: Layers of units; all of them are visible at once.
NETWORKS = [("2-8-8-8-1", [8, 8, 8]), ("2-(24×8)-1, 195 units", [24] * 8)]
SPEEDS: list[tuple[str, int | None]] = [("200 steps/s", 200), ("full speed", None)]

#: The share of the main thread's time that the page may take at 20 frames a second on the first network.
BUDGET = 0.4

#: Seconds until the page is usable on loopback.
SOON = 1.0

WARM_UP, ROUNDS, SECONDS = 3.0, 5, 3.0

#: Notes when the page is first usable, in milliseconds.
USABLE = """
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".unit") || !document.querySelector("#play:enabled")) return;
    window.usable = performance.now();
    observer.disconnect();
  }).observe(document, { attributes: true, childList: true, subtree: true });
"""

#: Counts how often the canvas with the units is cleared, which begins each painting.
COUNT = """
  window.paintings = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...place) {
    if (this.canvas.matches(".stage-canvases > :last-child")) window.paintings += 1;
    return clear.apply(this, place);
  };
"""


def main() -> Iterator[str]:
    """Lines, one for each visit and one for each network and speed: medians over rounds."""
    path = chromium.find()
    if path is None:
        yield "page: no Chromium found; tools/browser.py installs one"
        return
    with TemporaryDirectory() as data, serving(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        for visit, seconds in zip(("first visit", "next visit"), usable(browser, server.url), strict=True):
            yield f"page  {visit:22} usable after {seconds:5.2f} s, {seconds / SOON:4.2f} of the budget"
        for name, widths in NETWORKS:
            for speed_name, speed in SPEEDS:
                frames, busy = measured(browser, server.url, spiral(widths), speed)
                ratio = busy * 20 / max(frames, 1) / BUDGET
                yield (
                    f"page  {name:22} {speed_name:12} {frames:5.1f} frames/s  main thread {busy:4.0%} busy, "
                    f"{ratio:4.2f} of the budget at 20 frames/s"
                )
        browser.close()


def usable(browser: Browser, url: str) -> tuple[float, float]:
    """Seconds until a first and a next visit are usable, medians over rounds."""
    starter = browser.new_page()
    body = {"experiment": spiral([8, 8, 8]), "start": "playing"}
    run = starter.request.post(f"{url}/api/runs", data=body).json()["id"]
    rounds = [one_visit(browser, f"{url}/runs/{run}") for _ in range(ROUNDS)]
    starter.request.delete(f"{url}/api/runs/{run}")
    starter.close()
    return statistics.median(first for first, _ in rounds), statistics.median(again for _, again in rounds)


def one_visit(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds until a page is usable that nothing is kept of, and until it is when it is loaded again."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(USABLE)
    page.goto(address)
    seconds = [after_how_long(page)]
    page.reload()
    seconds.append(after_how_long(page))
    page.context.close()
    return seconds[0], seconds[1]


def after_how_long(page: Page) -> float:
    """Seconds from the navigation until the page was usable."""
    page.locator("#play:enabled").wait_for()
    page.locator(".unit").first.wait_for()
    return float(page.evaluate("window.usable")) / 1000


def spiral(widths: list[int]) -> dict[str, Any]:
    """An experiment with tanh layers of these widths that goes on training for long."""
    layers = [[{"kind": "linear", "units": width}, {"kind": "tanh"}] for width in widths]
    return {
        "data": {"kind": "spiral"},
        "network": [*(node for layer in layers for node in layer), {"kind": "linear", "units": None}],
        "training": {"epochs": 100_000},
    }


def measured(
    browser: Browser, url: str, experiment: dict[str, Any], speed: int | None
) -> tuple[float, float]:
    """Paintings a second and the main thread's share of time, medians over rounds."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(COUNT)
    made = page.request.post(f"{url}/api/runs", data={"experiment": experiment, "start": "playing"})
    run = f"{url}/api/runs/{made.json()['id']}"
    page.request.post(f"{run}/commands", data={"type": "speed", "id": 1, "steps_per_second": speed})
    page.goto(f"{url}/runs/{made.json()['id']}")
    page.locator("body[data-state=training]").wait_for()
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    page.wait_for_timeout(1000 * WARM_UP)
    rounds = [one_round(page, metrics) for _ in range(ROUNDS)]
    page.request.delete(run)
    page.close()
    return statistics.median(frames for frames, _ in rounds), statistics.median(busy for _, busy in rounds)


def one_round(page: Page, metrics: CDPSession) -> tuple[float, float]:
    """Paintings and busy seconds, both for each second."""
    before = counted(page, metrics)
    page.wait_for_timeout(1000 * SECONDS)
    after = counted(page, metrics)
    seconds, paintings, busy = (later - earlier for later, earlier in zip(after, before, strict=True))
    return paintings / seconds, busy / seconds


def counted(page: Page, metrics: CDPSession) -> tuple[float, float, float]:
    """Seconds, paintings and busy seconds so far."""
    found = {entry["name"]: entry["value"] for entry in metrics.send("Performance.getMetrics")["metrics"]}
    return found["Timestamp"], float(page.evaluate("window.paintings")), found["TaskDuration"]
