"""How much a visit moves over the wire, as the browser counts it, headers and all."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.steps import open_first

#: Bytes of a first visit to the instrument: a second and a half at 2 Mbit/s.
FIRST_VISIT = 350_000

#: What of them is the page's own code and style: scripts, sheets, icons, the document itself. The rest is the
#: catalogue, the schema, examples and the run.
OWN_CODE = 300_000

#: Bytes of each further one, the run's own rows apart, which grow with its age.
NEXT_VISIT = 15_000


class Wire:
    """The bytes that each address has moved."""

    def __init__(self, page: Page) -> None:
        self._addresses: dict[str, str] = {}
        self._moved: list[tuple[str, float]] = []
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.responseReceived", self._on_response)
        devtools.on("Network.loadingFinished", self._on_loaded)
        devtools.send("Network.enable")
        devtools.send("Network.clearBrowserCache")  # the test before has filled it

    def _on_response(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]

    def _on_loaded(self, event: dict[str, Any]) -> None:
        self._moved.append((self._addresses.get(event["requestId"], ""), event["encodedDataLength"]))

    def taken(self) -> list[tuple[str, float]]:
        """What has been moved since this was last asked."""
        moved, self._moved = self._moved, []
        return moved


def test_a_first_visit_moves_under_350_kilobytes_300_of_them_code_and_the_next_hardly_any(page: Page) -> None:
    wire = Wire(page)
    open_first(page)
    page.wait_for_load_state("networkidle")
    first = wire.taken()
    assert len(first) > 50
    assert sum(size for _, size in first) < FIRST_VISIT
    own = [(address, size) for address, size in first if "/api/" not in address]
    assert sum(size for _, size in own) < OWN_CODE
    assert not [address for address, _ in own if "plotly" in address]  # only when it is needed
    page.reload()
    expect(page.locator(".colophon")).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert sum(size for address, size in wire.taken() if "/metrics?" not in address) < NEXT_VISIT
