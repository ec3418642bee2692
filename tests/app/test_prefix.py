"""Behind a proxy that takes a path away, and in a frame of another page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import InvalidSetting, Settings
from glassnet.app.main import create_app

PREFIX, TOKEN = "/user/ada/proxy/8265", "secret-of-the-notebook"
HOST = "https://hub.example"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("prefix"),
        prefix=PREFIX,
        hosts="*",
        token=TOKEN,
        frame_ancestors="'self'",
    )
    with TestClient(create_app(settings), base_url=HOST, follow_redirects=False) as client:
        yield client


@pytest.fixture(autouse=True)
def _without_cookies(visitor: TestClient) -> Iterator[None]:
    yield
    visitor.cookies.clear()


def test_the_token_leaves_a_cookie_for_these_paths_alone_and_leads_back(visitor: TestClient) -> None:
    for taken in ("", PREFIX):  # whether the proxy has taken the prefix away or not
        answer = visitor.get(f"{taken}/runs/1?token={TOKEN}&from=2")
        # Relative, as jupyter-server-proxy puts its path before what begins with a slash from version 4.5 on.
        assert not answer.headers["location"].startswith("/")
        assert urljoin(f"{PREFIX}/runs/1", answer.headers["location"]) == f"{PREFIX}/runs/1?from=2"
        assert f"; Path={PREFIX}/;" in answer.headers["set-cookie"]
    refused = visitor.get("/runs/1", headers=BROWSER)
    assert refused.status_code == 401
    assert f'href="{PREFIX}/static/' in refused.text
    signed = visitor.post(f"{PREFIX}/sign-in", data={"token": TOKEN})
    assert urljoin(f"{PREFIX}/sign-in", signed.headers["location"]) == f"{PREFIX}/"


@pytest.mark.parametrize("path", ["/", "/labs/descent", "/methods", "/methods/deconvnet"])
def test_every_link_of_a_page_is_below_the_prefix(visitor: TestClient, path: str) -> None:
    html = visitor.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).text
    links = re.findall(r'\b(?:href|src|action)="(/[^"]*)"', html)
    assert links
    assert [link for link in links if not link.startswith(f"{PREFIX}/")] == []


def test_its_own_origin_may_frame_it_and_ask_and_no_other(visitor: TestClient) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answer = visitor.get("/", headers=bearer)
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert visitor.post("/api/describe", json={}, headers={**bearer, "Origin": HOST}).status_code == 422
    other = {**bearer, "Origin": "https://other.example"}
    assert visitor.post("/api/describe", json={}, headers=other).status_code == 403


def test_another_spelling_is_sent_below_the_prefix(visitor: TestClient) -> None:
    answer = visitor.get("/methods/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 307
    assert urljoin(f"{PREFIX}/methods/", answer.headers["location"]) == f"{PREFIX}/methods"


def test_without_a_token_no_foreign_name_is_taken_and_nobody_may_frame_it(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, hosts="*"))
    answer = TestClient(app, base_url=HOST).get("/livez")
    assert answer.status_code == 421
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prefix", "user"),
        ("prefix", "//elsewhere.example"),
        ("prefix", '/a"b'),
        ("prefix", "/a/"),
        ("frame_ancestors", "'self'; script-src *"),
        ("frame_ancestors", "everybody"),
    ],
)
def test_what_is_no_prefix_and_no_origin_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^GLASSNET_{name.upper()} is .*: expected "):
        Settings.from_environment({f"GLASSNET_{name.upper()}": value})
