"""glassnet.show: the live page in a notebook's frame, behind a proxy that takes a path away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import glassnet
from glassnet.engine.notebook import server
from tests.browser.proxy import THROUGH, Proxy, proxying

#: What a kernel behind JupyterHub has in its environment.
HUB = THROUGH.removesuffix("proxy")


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with proxying() as started:
        yield started


def test_the_page_in_a_notebook_trains_behind_a_proxy(
    proxy: Proxy, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", HUB)
    monkeypatch.setattr(server, "RUNS", tmp_path / "notebook")
    experiment = glassnet.Experiment.parse(
        {
            "title": "In a notebook",
            "data": {"kind": "spiral"},
            "network": [{"kind": "linear", "units": 3}, {"kind": "tanh"}, {"kind": "linear", "units": None}],
            "training": {"epochs": 100_000},
        }
    )
    shown = glassnet.show(experiment)
    try:
        below = f"{THROUGH}/{shown.server.port}"
        assert shown.url.startswith(f"{below}/runs/{shown.run}?token=")
        proxy.notebook = shown._repr_html_()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{proxy.url}/notebook")
        frame = page.frame_locator("iframe")
        # The first run of a server waits for its workers to have imported torch.
        expect(frame.locator("body")).to_have_attribute("data-state", "training", timeout=60_000)
        inside = page.frames[1]
        assert inside.url == f"{proxy.url}{below}/runs/{shown.run}"
        links = inside.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.getAttribute('href'))")
        assert links
        assert all(link.startswith(f"{below}/") for link in links), links
        inside.get_by_role("link", name="Glassnet").click()
        inside.wait_for_url(lambda url: f"{below}/runs/" in url and shown.run not in url)
        inside.goto(f"{proxy.url}{below}/labs/descent")
        expect(frame.get_by_text("there in").first).to_be_visible(timeout=60_000)  # a study has answered
        page.close()
        assert problems == []
        assert proxy.strays in ([], ["GET /favicon.ico HTTP/1.1\r\n"])
    finally:
        shown.close()
    assert not shown.server.alive
    assert glassnet.load_run(tmp_path / "notebook" / "runs" / shown.run).rows("progress")
