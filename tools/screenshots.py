"""Photograph the page for the README, docs and the labs' index: a real server, real runs, usual widths."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page, ViewportSize, WebSocketRoute, sync_playwright

from tools import lab_pictures
from tools.serving import serving

OUT = Path(__file__).resolve().parent.parent / "docs" / "images"

DESK: ViewportSize = {"width": 1440, "height": 900}
TABLET: ViewportSize = {"width": 1024, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}

Experiment = dict[str, Any]


def as_it_is(experiment: Experiment) -> None:
    """The preset, unchanged."""


def residual(experiment: Experiment) -> None:
    """Two residual blocks, the second with a learned shortcut."""

    def layer(units: int) -> list[Experiment]:
        return [{"kind": "linear", "units": units}, {"kind": "tanh"}]

    blocks = [{"kind": "residual", "body": layer(units)} for units in (8, 6)]
    experiment["title"] = "Residual network"
    experiment["network"] = [*layer(8), *blocks, {"name": "output", "kind": "linear", "units": None}]


def diverging(experiment: Experiment) -> None:
    """A rate that no network survives."""
    experiment["title"] = "A learning rate of 90"
    experiment["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 90.0}


def wired(experiment: Experiment) -> None:
    """As somebody wires it by hand: a flattened digit, two layers, and a wire past the second."""
    experiment["title"] = "A residual connection, wired by hand"
    experiment["network"] = [
        {"kind": "flatten", "name": "flatten1"},
        *({"kind": kind, "name": f"{kind}{n}"} | size for n in (1, 2) for kind, size in LAYER),
        {"kind": "add", "name": "add1", "inputs": ["tanh2", "tanh1"]},
        {"kind": "linear", "name": "output", "units": None},
    ]


LAYER: tuple[tuple[str, Experiment], ...] = (("linear", {"units": 12}), ("tanh", {}))


def trained(page: Page) -> None:
    page.locator("body:not([data-state=starting]):not([data-state=queued])").wait_for()
    page.wait_for_timeout(5_000)  # for once no event to wait for: it shall have trained a while


def inspected(page: Page) -> None:
    trained(page)
    page.locator(".unit").nth(9).click()


def scrubbed(page: Page) -> None:
    """As it was early on."""
    trained(page)
    slider = page.get_by_role("slider", name="Step that is shown")
    slider.focus()
    for _ in range(6):
        slider.press("PageDown")
    page.locator(".past").wait_for()
    page.wait_for_timeout(500)


def weighed(page: Page) -> None:
    """A weight open on its edge."""
    trained(page)
    box = page.locator(".unit[data-column=tanh3]").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] + 6, box["y"] + box["height"] / 2 + 0.5)
    page.locator(".weight-popover").wait_for()


def tab(name: str, column: str) -> Callable[[Page], None]:
    """A tab of the inspector, for a column's first unit."""

    def opened(page: Page) -> None:
        trained(page)
        page.locator(f".unit[data-column={column}]").first.click()
        page.keyboard.press("/")  # the palette finds those, too, that have no room in their line
        page.keyboard.type(name)
        page.get_by_role("option").filter(has_text="Inspector").first.click()
        page.wait_for_timeout(3_000)

    return opened


def summed(page: Page) -> None:
    """The sum behind a place in the middle of a map."""
    tab("Arithmetic", "relu1")(page)
    output = page.locator(".arithmetic-map:visible").last
    box = output.bounding_box()
    assert box is not None
    output.click(position={"x": box["width"] * 0.56, "y": box["height"] * 0.44})
    page.wait_for_timeout(500)


def whole(name: str) -> Callable[[Page], None]:
    """A way to look at the whole network, which has begun before much was learned."""

    def opened(page: Page) -> None:
        page.locator("body:not([data-state=starting]):not([data-state=queued])").wait_for()
        page.get_by_role("toolbar", name="The whole network").get_by_role("button", name=name).click()
        page.wait_for_timeout(12_000)  # a path must have been walked, a grid have refined

    return opened


def landscape(page: Page) -> None:
    """The landscape as a surface, and fine."""
    trained(page)
    page.get_by_role("toolbar", name="The whole network").get_by_role("button", name="Landscape").click()
    panel = page.get_by_role("tabpanel", name="Landscape")
    panel.get_by_label("Grid").select_option("41")
    panel.get_by_text("Sharpness", exact=True).wait_for(timeout=300_000)
    panel.get_by_role("button", name="Surface").click()
    page.wait_for_timeout(3_000)


def raced(page: Page) -> None:
    """Four variants of a run that has just begun, side by side."""
    page.locator("body:not([data-state=starting]):not([data-state=queued])").wait_for()
    page.get_by_role("toolbar", name="The whole network").get_by_role("button", name="Race").click()
    page.get_by_role("button", name="Fork and race").click()
    page.wait_for_timeout(12_000)


def studied(page: Page) -> None:
    """A lab whose studies have shown something."""
    page.locator("#lab > *").first.wait_for()
    page.wait_for_timeout(4_000)


def both_trained(page: Page) -> None:
    """Two networks side by side, both trained to the end and looked at."""
    page.get_by_text("test accuracy").nth(1).wait_for(timeout=300_000)
    page.locator(".study-progress").wait_for(state="hidden", timeout=300_000)


def turned(page: Page) -> None:
    """The surface in three dimensions, with the whole race on it."""
    studied(page)
    page.get_by_role("button", name="In 3-D").click()
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.focus()
    slider.press("End")
    page.wait_for_timeout(500)


def read(page: Page) -> None:
    """A page of words."""
    page.locator("h1").first.wait_for()


def drawn(page: Page) -> None:
    """The page of an architecture, whose graph is drawn."""
    page.locator("#graph canvas").first.wait_for()
    page.wait_for_timeout(2_000)


def found(page: Page) -> None:
    """A training that the diagnosis has found to go wrong."""
    page.locator(".diagnosis").wait_for(timeout=120_000)
    page.wait_for_timeout(2_000)


def failed(page: Page) -> None:
    page.locator(".banner.bad").wait_for(timeout=20_000)
    page.wait_for_timeout(4_000)  # the pictures of the last finite state come behind the words


class Shot(NamedTuple):
    name: str
    #: The preset to train; or the path of a page that needs no run.
    preset: str
    size: ViewportSize = DESK
    scheme: Literal["light", "dark"] = "light"
    change: Callable[[Experiment], None] = as_it_is
    until: Callable[[Page], None] = trained
    #: Whether the connection is lost before the picture is taken.
    cut: bool = False


SHOTS = (
    Shot("light", "spiral"),
    Shot("dark", "spiral", scheme="dark"),
    Shot("inspector", "spiral", until=inspected),
    Shot("regression", "six-hills"),
    Shot("iris", "iris"),
    Shot("digits", "digits"),
    Shot("digits-dark", "digits-convolution", scheme="dark"),
    Shot("residual", "spiral", change=residual),
    Shot("diverged", "six-hills", change=diverging, until=failed),
    Shot("disconnected", "spiral", cut=True),
    Shot("tablet", "spiral", TABLET),
    Shot("tablet-dark", "circle", TABLET, "dark"),
    Shot("phone", "spiral", PHONE),
    Shot("phone-dark", "xor", PHONE, "dark"),
    Shot("wired", "digits", change=wired),
    Shot("residual-digits", "digits-residual"),
    Shot("weight", "spiral", until=weighed),
    Shot("past", "spiral", until=scrubbed),
    Shot("maps", "digits-convolution"),
    Shot("features", "digits-convolution", until=tab("Features", "relu1")),
    Shot("arithmetic", "digits-convolution", until=summed, scheme="dark"),
    Shot("shapes-features", "20-shapes", until=tab("Features", "relu2")),
    Shot("attribution", "20-shapes", until=tab("Attribution", "relu2"), scheme="dark"),
    Shot("trajectory", "digits-convolution", until=whole("Trajectory")),
    Shot("landscape", "digits-convolution", until=landscape),
    Shot("race", "spiral", until=raced, scheme="dark"),
    Shot("lab-kinds", "/labs/kinds", until=studied),
    Shot("lab-landscapes", "/labs/landscapes", until=both_trained),
    Shot("lab-first-layers", "/labs/first-layers", until=both_trained),
    Shot("lab-convolution", "/labs/convolution", until=studied),
    Shot("lab-convolution-dark", "/labs/convolution", until=studied, scheme="dark"),
    Shot("lab-descent", "/labs/descent", until=studied),
    Shot("lab-descent-turned", "/labs/descent", until=turned, scheme="dark"),
    Shot("lab-descent-phone", "/labs/descent", PHONE, until=studied),
    Shot("lab-boxes", "/labs/boxes"),
    Shot("methods", "/methods", until=read),
    Shot("walk", "circle", until=tab("One sample", "tanh1")),
    Shot("diagnosis", "ten-sigmoids", until=found),
    Shot("architecture", "/gallery/resnet?depth=50", until=drawn),
)


def start(url: str, shot: Shot) -> str:
    """A run of the shot's experiment, or a page without one; its address."""
    if shot.preset.startswith("/"):
        return url + shot.preset
    with urlopen(f"{url}/api/presets") as answer:
        presets = json.load(answer)
    experiment = next(entry["experiment"] for entry in presets if shot.preset in entry["name"])
    shot.change(experiment)
    body = json.dumps({"experiment": experiment, "start": "playing"}).encode()
    with urlopen(Request(f"{url}/api/runs", body, {"Content-Type": "application/json"})) as answer:
        return f"{url}/runs/{json.load(answer)['id']}"


def take(browser: Browser, url: str, shot: Shot) -> Path:
    address = start(url, shot)
    page = browser.new_page(viewport=shot.size, color_scheme=shot.scheme)
    sockets: list[WebSocketRoute] = []

    def first_only(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) == 1:
            socket.connect_to_server()
        else:
            socket.close(code=1012)

    if shot.cut:
        page.route_web_socket("**/live", first_only)
    page.goto(address)
    shot.until(page)
    if shot.cut:
        sockets[0].close(code=1012)
        page.locator("body[data-stale]").wait_for()
    path = OUT / f"{shot.name}.png"
    page.screenshot(path=path)
    page.close()
    if "/runs/" in address:
        urlopen(Request(f"{url}/api/runs/{address.rsplit('/', 1)[1]}", method="DELETE")).close()
    return path


def main(names: list[str]) -> None:
    """Take the pictures of these names, or all of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data, serving(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        for shot in SHOTS:
            if not names or shot.name in names:
                print(take(browser, server.url, shot))
        if not names:
            lab_pictures.take_all(browser, server.url)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
