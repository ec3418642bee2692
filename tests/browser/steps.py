"""What a person does on the page, in words; every wait is for something to be seen."""

import json
import re
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

RUN = re.compile(r"/runs/[\w-]+$")


def open_first(page: Page, timeout: float = 20_000) -> None:
    """The front page, until the first example trains."""
    page.goto("/")
    expect(page).to_have_url(RUN, timeout=timeout)
    expect(play_button(page)).to_have_accessible_name("Pause", timeout=timeout)
    expect(units(page).first).to_be_visible()


def open_paused(page: Page, experiment: dict[str, Any]) -> str:
    """A run of this experiment that waits; its id."""
    answer = page.request.post("/api/runs", data={"experiment": experiment, "start": "paused"})
    assert answer.status == 201, answer.text()
    run = str(answer.json()["id"])
    page.goto(f"/runs/{run}")
    expect(units(page).first).to_be_visible()
    expect(lamp(page)).to_have_text("paused", timeout=20_000)  # a worker starts
    return run


def preset(page: Page, name: str) -> dict[str, Any]:
    """The experiment of the first preset with this in its name."""
    presets = page.request.get("/api/presets").json()
    return next(entry["experiment"] for entry in presets if name in entry["name"])


def experiment_of(page: Page) -> dict[str, Any]:
    """The experiment as the server has it."""
    run = page.url.rsplit("/", 1)[1]
    document: dict[str, Any] = page.request.get(f"/api/runs/{run}").json()["experiment"]
    return document


def play_button(page: Page) -> Locator:
    return page.locator("#play")


def lamp(page: Page) -> Locator:
    return page.locator(".lamp")


def units(page: Page) -> Locator:
    return page.locator(".unit")


def shown(name: str) -> str:
    """A node's name as the page says it."""
    return re.sub(r"([^\d\s])(\d+)(?=$|\.)", r"\1 \2", name.replace("_", " "))


def column(page: Page, name: str) -> Locator:
    return page.locator(f'.unit[data-column="{name}"]')


def step(page: Page) -> int:
    return int((page.locator(".readout .step b").text_content() or "0").replace(",", ""))


def box_at_rest(place: Locator) -> tuple[float, float, float, float]:
    """Left, top, width and height of what is the same twice in a row: it may just be arranged anew."""
    before = None
    for _ in range(100):
        try:
            place.scroll_into_view_if_needed()
        except Error as error:  # it has just been drawn anew: it is not at rest
            if "not attached" not in str(error):
                raise
        box = place.bounding_box()
        if box is not None and box == before:
            return box["x"], box["y"], box["width"], box["height"]
        before = box
        place.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    raise AssertionError(f"{place} does not come to rest")


def draw(page: Page, *points: tuple[float, float]) -> None:
    """A line through places on the pad, from (0, 0) at the top left to (1, 1)."""
    left, top, width, height = box_at_rest(page.locator("canvas.pad"))
    places = [(left + x * width, top + y * height) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def open_tab(page: Page, name: str) -> Locator:
    """A tab of the inspector, from its line or from the menu of those that have no room there; pressed."""
    tab = page.get_by_role("tab", name=name, include_hidden=True).and_(page.locator(":not([hidden])"))
    expect(tab).to_be_attached()
    if tab.get_attribute("data-beyond") is None:
        tab.click()
    else:
        page.locator(".tab-group", has=tab).locator(".more-tabs").click()
        page.locator(".popover .menu-item").filter(has_text=re.compile(f"^{name}")).click()
    expect(tab).to_have_attribute("aria-selected", "true")
    return tab


def more(page: Page) -> Locator:
    """Where a panel's further options are folded away."""
    return page.locator(".inspector-body").get_by_text("More", exact=True)


def tab_names(page: Page) -> list[str]:
    """The tabs that the inspector offers, in the line or in the menu."""
    tabs = page.locator("#inspector [role=tab]:not([hidden])")
    names: list[str] = tabs.evaluate_all("(all) => all.map((each) => each.firstChild.textContent)")
    return names


def wait_until(page: Page, function: str, argument: Any = None) -> None:
    """Until a function in the page says true. (Playwright's own needs eval, which our policy forbids.)"""
    page.evaluate(
        f"""async (argument) => {{
          const holds = {function};
          const end = performance.now() + 20_000;
          while (!(await holds(argument))) {{
            if (performance.now() > end) throw new Error("waited in vain for " + holds);
            await new Promise((resolve) => setTimeout(resolve, 30));
          }}
        }}""",
        argument,
    )


def wait_painted(page: Page, selector: str, colors: int = 20) -> None:
    """Until a canvas shows more than a few colours."""
    wait_until(
        page,
        """([selector, least]) => {
          const canvas = document.querySelector(selector);
          if (!canvas || canvas.width === 0) return false;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const colors = new Set();
          for (let at = 0; at < data.length; at += 4) {
            colors.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
          }
          return colors.size >= least;
        }""",
        [selector, colors],
    )


def wait_stored(page: Page, pointer: list[str | int], value: Any) -> None:
    """Until the server's experiment has this value there."""
    run = page.url.rsplit("/", 1)[1]
    wait_until(
        page,
        """async ([run, path, value]) => {
          let found = (await (await fetch(`/api/runs/${run}`)).json()).experiment;
          for (const part of path) found = found?.[part];
          return JSON.stringify(found) === value;
        }""",
        [run, pointer, json.dumps(value, separators=(",", ":"))],
    )
