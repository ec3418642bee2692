"""HTTP as its standard has it: HEAD, Allow, redirects, and what was asked for twice at once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.testclient import TestClient

from glassnet.app.api.routes import Head
from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from glassnet.app.security.shutdown import Ending
from tests.contract.client import Client
from tools.serving import Server

ROOT = Path(__file__).resolve().parents[2]
TOKEN = {"Authorization": "Bearer 0123456789abcdef"}

#: An address for each route that answers GET without a run.
PAGES = (
    *("/", "/license", "/methods", "/labs/descent", "/livez", "/metrics", "/openapi.json", "/static/main.js"),
    *("/reference", "/reference/words", "/reference/losses", "/reference/losses/hinge", "/api/glossary"),
    *("/api/runs", "/api/catalog", "/api/presets", "/api/schema", "/static/vendor/plotly.min.js"),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    data = tmp_path_factory.mktemp("http")
    return create_app(Settings(data_dir=data, host="0.0.0.0", token=TOKEN["Authorization"][7:]))


@pytest.fixture(scope="module")
def visitor(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        app,
        base_url="http://evil.example",
        headers=TOKEN,
        follow_redirects=False,
        raise_server_exceptions=False,
    ) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_head_is_answered_as_get_is_without_the_body(visitor: TestClient, path: str) -> None:
    got, head = visitor.get(path), visitor.head(path)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    measured = {"content-length": ""} if path == "/metrics" else {}  # anew each time
    differs = {"date": "", **measured}
    assert {**head.headers, **differs} == {**got.headers, **differs}
    assert visitor.head(f"{path}/nowhere/at/all").status_code == 404


def test_a_head_of_a_stream_reads_none_of_it() -> None:
    sent, read = [], 0

    async def endless(scope, receive, send):  # type: ignore[no-untyped-def]
        nonlocal read
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            read += 1

    async def ask() -> None:
        async def keep(message):  # type: ignore[no-untyped-def]
            sent.append(message["type"])

        await Head(endless)({"type": "http", "method": "HEAD"}, None, keep)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert (sent, read) == (["http.response.start", "http.response.body"], 0)


def test_allow_names_every_method_of_an_address(visitor: TestClient, app: FastAPI) -> None:
    expected = {
        "/api/runs": "HEAD, GET, POST, OPTIONS",
        "/api/runs/nowhere": "HEAD, GET, PATCH, DELETE, OPTIONS",
        "/api/describe": "POST, OPTIONS",
        "/static/main.js": "HEAD, GET, OPTIONS",
        "/": "HEAD, GET, OPTIONS",
    }
    for path, methods in expected.items():
        told = visitor.options(path)
        assert (told.status_code, told.headers["allow"], told.content) == (204, methods, b""), path
        for odd in ("TRACE", "PROPFIND", "PUT"):
            refused = visitor.request(odd, path)
            assert (refused.status_code, refused.headers["allow"]) == (405, methods), (odd, path)
            assert refused.headers["content-type"] == "application/problem+json"
    assert visitor.options("/api/nothing").status_code == 404
    assert any(isinstance(route, Mount) for route in app.routes)


def test_a_redirect_stays_on_this_server(visitor: TestClient) -> None:
    def location(address: str) -> str | None:
        return visitor.get(f"http://evil.example{address}").headers.get("location")

    assert location("/methods/") == "/methods"
    assert location("/labs/descent/?a=1&b=%2F") == "/labs/descent?a=1&b=%2F"
    assert location("//evil.example/methods/") is None
    for odd in ("//methods/", "/%2fmethods/", "///methods///", "/\\methods/", "/%5cmethods/", "/.//methods/"):
        assert location(odd) in (None, "/methods"), odd
    assert location("/static/nowhere") is None


@pytest.mark.parametrize(
    "path", ["/api/runs/%00", "/static/%00", "/%00", "/labs/%00", "/api/runs/" + "x" * 9_000]
)
def test_odd_paths_lead_nowhere(visitor: TestClient, path: str) -> None:
    refused = visitor.get(path)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"


def test_of_two_deletes_at_once_one_finds_nothing(usual: tuple[Server, Client]) -> None:
    async def delete(url: str, path: str) -> list[int]:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            answers = await asyncio.gather(*(client.delete(path) for _ in range(6)))
        return sorted(answer.status_code for answer in answers)

    server, client = usual
    for left in client.http.get("/api/runs").json():  # by other tests
        client.http.delete(f"/api/runs/{left['id']}")
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    assert asyncio.run(delete(client.url, f"/api/runs/{run}")) == [204, *[404] * 5]
    assert client.http.get("/api/runs").json() == []
    assert list((server.data_dir / "runs").iterdir()) == []
    # A client that leaves in the middle of its body is no mistake of ours, and not in the log.
    host, port = client.http.base_url.host, client.http.base_url.port
    with socket.create_connection((host, port or 80)) as leaving:
        leaving.sendall(f"POST /api/describe HTTP/1.1\r\nHost: {host}:{port}\r\n".encode())
        leaving.sendall(b"Content-Length: 100\r\n\r\n{")
    assert client.http.get("/livez").status_code == 200
    assert "Traceback" not in server.log()


def test_a_request_that_the_end_interrupts_is_answered() -> None:
    async def scene() -> list[Any]:
        begun, sent = asyncio.Event(), list[Any]()

        async def waits(scope: Any, receive: Any, send: Any) -> None:
            begun.set()
            await asyncio.sleep(60)

        async def send(message: Any) -> None:
            sent.append(message)

        asked: Any = {"type": "http"}
        request = asyncio.create_task(Ending(waits)(asked, begun.wait, send))  # type: ignore[arg-type]
        await begun.wait()
        request.cancel()
        await request
        return sent

    assert [message.get("status") for message in asyncio.run(scene())] == [503, None]


def test_every_page_ends_with_a_link_to_the_licence(visitor: TestClient) -> None:
    for path in ("/", "/labs/descent", "/methods", "/methods/occlusion"):
        assert '<a href="/license">Apache License 2.0</a></footer>' in visitor.get(path).text
    licence = visitor.get("/license")
    assert licence.headers["content-type"] == "text/plain; charset=utf-8"
    assert licence.text == (ROOT / "LICENSE").read_text()
