"""How much a visit moves over the wire, as the browser counts it, headers and all."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.steps import open_first

#: Bytes of a first visit to the instrument: a second and a half at 2 Mbit/s.
FIRST_VISIT = 350_000

#: Bytes of each further one: the page itself, and what is asked about each time.
NEXT_VISIT = 30_000


def test_a_first_visit_moves_under_350_kilobytes_and_the_next_hardly_any(page: Page) -> None:
    moved: list[float] = []
    devtools = page.context.new_cdp_session(page)

    def on_loaded(event: dict[str, Any]) -> None:
        moved.append(event["encodedDataLength"])

    devtools.on("Network.loadingFinished", on_loaded)
    devtools.send("Network.enable")
    open_first(page)
    page.wait_for_load_state("networkidle")
    assert len(moved) > 50
    assert sum(moved) < FIRST_VISIT
    moved.clear()
    page.reload()
    expect(page.locator(".colophon")).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert sum(moved) < NEXT_VISIT
