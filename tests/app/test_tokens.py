"""Beyond loopback a token opens the door; without it nothing is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.auth import Access, Tokens
from app.main import create_app
from app.settings import Settings

ADDRESS = "http://192.0.2.1:8265"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("tokens"), host="0.0.0.0", token="secret", watch_token="look"
    )
    with TestClient(create_app(settings), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_a_token_only_health_is_told(visitor: TestClient) -> None:
    for path in ("/", "/api/runs", "/static/main.js", "/openapi.json", "/metrics", "/api/runs/x/live"):
        refused = visitor.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["content-type"] == "application/problem+json"
    assert visitor.get("/livez").status_code == 200
    assert visitor.get("/api/runs", headers=bearer("wrong")).status_code == 401
    assert visitor.get("/api/runs", headers=bearer("")).status_code == 401


def test_the_launch_token_may_all_and_the_watch_token_may_look(visitor: TestClient) -> None:
    experiment = {"data": {"kind": "circle"}}
    body = {"experiment": experiment, "start": "paused"}
    assert visitor.post("/api/runs", json=body, headers=bearer("look")).status_code == 403
    assert visitor.post("/api/describe", json=experiment, headers=bearer("look")).status_code == 200
    assert visitor.get("/api/runs", headers=bearer("look")).status_code == 200
    run = visitor.post("/api/runs", json=body, headers=bearer("secret"))
    assert run.status_code == 201
    assert visitor.delete(f"/api/runs/{run.json()['id']}", headers=bearer("look")).status_code == 403


def test_a_socket_is_opened_by_a_token_in_its_address_too() -> None:
    tokens = Tokens(Settings(host="0.0.0.0", token="secret", watch_token="look"))

    def access(query: bytes) -> Access:
        return tokens.access({"type": "websocket", "query_string": query, "headers": []})

    assert access(b"token=secret") == Access.CONTROL
    assert access(b"control=1&token=look") == Access.WATCH
    assert access(b"token=") == access(b"") == access(b"token=wrong") == Access.NONE


def test_the_printed_address_leaves_a_cookie_and_no_token_in_sight(visitor: TestClient) -> None:
    opened = visitor.get("/?token=secret")
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert visitor.get("/api/runs").status_code == 200  # the client keeps the cookie
    visitor.cookies.clear()
    assert visitor.get("/?token=wrong").status_code == 401
    assert visitor.get("/%2Fevil.example/?token=secret").headers["location"] == "/evil.example/"
    visitor.cookies.clear()


def test_every_answer_carries_the_security_headers(visitor: TestClient) -> None:
    for path in ("/livez", "/api/runs", "/nowhere"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_loopback_server_needs_none(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).loopback
    assert not Settings(data_dir=tmp_path, host="0.0.0.0").loopback
