"""A real server, a real Chromium, and a page that tolerates no error and no foreign host."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request as HTTPRequest
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebError, expect, sync_playwright

from tools import browser as chromium
from tools.serving import Server, serving

ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # pages of one context have one process, and what it has compiled
]

#: A page that asks for nothing, not even an icon.
EMPTY = '<!doctype html><link rel="icon" href="data:,">'

#: A machine that does other things besides is slow, not wrong.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`glassnet serve` in a process of its own, on a free port, with a data directory of its own.

    Ready when it has printed where it is. Afterwards it must end when asked, with all its workers.
    """
    with serving(tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail("no Chromium: `make test` finds or installs one, and so does tools/browser.py")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture(autouse=True)
def no_run_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs of one test shall not hold the workers that the next one needs."""
    yield
    if "server" not in request.fixturenames:
        return
    started: Server = request.getfixturevalue("server")
    for _ in range(ROUNDS):
        runs = runs_of(started.url)
        for run in runs:
            remove(f"{started.url}/api/runs/{run}")
        if not runs:
            return
    pytest.fail(f"runs are begun on {started.url} though every page is closed: {runs}")


#: How often runs are listed and removed: what a closing page had asked for may begin after they were listed.
ROUNDS = 5


def runs_of(url: str) -> list[str]:
    """The runs of the server at an address."""
    with urlopen(f"{url}/api/runs") as answer:
        listed = json.load(answer)
    return [run["id"] for run in (listed if isinstance(listed, list) else listed["runs"])]


def remove(url: str) -> None:
    """Remove the run at an address, unless the server has done so itself since it was listed."""
    try:
        urlopen(HTTPRequest(url, method="DELETE")).close()
    except HTTPError as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise


class Visitor:
    """One visitor of a server: a context of the browser whose pages find what earlier ones have loaded.

    A page of its own stays open, or the process that has compiled all scripts would end between two tests.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self.context = browser.new_context(base_url=url)
        self._resting = self.context.new_page()
        self._resting.route("**", lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
        self._resting.goto("/")

    def leave(self) -> None:
        """Close the pages, and remove what they stored: the next one is a first visit."""
        for page in self.context.pages:
            if page != self._resting:
                page.close()
        self._resting.evaluate("localStorage.clear()")
        self.context.clear_cookies()


@pytest.fixture(scope="package")
def visitor(browser: Browser) -> Callable[[str], Visitor]:
    """The visitor of the server at an address."""
    return cache(lambda url: Visitor(browser, url))


@pytest.fixture
def page(visitor: Callable[[str], Visitor], server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page with nothing stored; `page.goto("/")` is the server's front page.

    The test fails if the page logs an error, throws one, or asks any other host for anything. Where an error
    is the point (a browser logs each answer of 400 and above):
    `@pytest.mark.allow_console("status of 422")`.
    """
    allowed = [re.compile(mark.args[0]) for mark in request.node.iter_markers("allow_console")]
    ours = urlsplit(server.url).netloc
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not any(pattern.search(message.text) for pattern in allowed):
            problems.append(f"console error: {message.text} ({where})")

    def on_request(sent: Request) -> None:
        on_url(sent.url)

    def on_error(error: WebError) -> None:
        problems.append(f"page error: {error.error}")

    def on_url(url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != ours:
            problems.append(f"request to another host: {url}")

    visiting = visitor(server.url)
    context = visiting.context
    context.on("request", on_request)
    context.on("console", on_console)
    context.on("weberror", on_error)
    opened = context.new_page()
    opened.on("websocket", lambda socket: on_url(socket.url))
    yield opened
    visiting.leave()
    context.remove_listener("request", on_request)
    context.remove_listener("console", on_console)
    context.remove_listener("weberror", on_error)
    assert not problems, "\n".join(problems)
