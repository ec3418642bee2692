"""Whatever is sent: the right status with words, a pointer that resolves, and nobody else notices."""

from __future__ import annotations

import copy
import json
import random
import socket
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.contract.client import Client, experiment, resolves

MISSING = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The experiment of section 3 with one thing else (or missing)."""
    document = experiment()
    *above, last = path.strip("/").split("/")
    place: Any = document
    for part in above:
        place = place[int(part) if isinstance(place, list) else part]
    key = int(last) if isinstance(place, list) else last
    if value is MISSING:
        del place[key]
    else:
        place[key] = value
    return document


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    return document


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/data/kind", "spirall", "/experiment/data/kind"),
        ("/data", MISSING, "/experiment"),
        ("/data/noise", -1, "/experiment/data/noise"),
        ("/data/noise", "much", "/experiment/data/noise"),
        ("/data/colour", "red", "/experiment/data/colour"),
        ("/network/0/units", -3, "/experiment/network/0/units"),
        ("/network/0/units", 10**9, "/experiment/network/0"),
        ("/network/0/units", 10**30, "/experiment/network/0/units"),
        ("/network/0/name", "class", "/experiment/network/0/name"),
        ("/network/0/name", "forward", "/experiment/network/0/name"),
        ("/network/1/name", "linear1", "/experiment/network/1/name"),
        ("/network/1/inputs", ["nobody"], "/experiment/network/1/inputs/0"),
        ("/network/0/inputs", ["tanh1"], "/experiment/network/0"),
        ("/network/0/initializer", {"kind": "zzz"}, "/experiment/network/0/initializer/kind"),
        ("/network", [], "/experiment/network"),
        ("/network", [{"kind": "tanh"}] * 1_001, "/experiment/network"),
        ("/network/1", {"kind": "conv2d"}, "/experiment/network/1"),
        ("/task", {"kind": "regression"}, "/experiment/task/kind"),
        (
            "/training/updates/0/optimizer/learning_rate",
            0,
            "/experiment/training/updates/0/optimizer/learning_rate",
        ),
        ("/training/updates/0/nodes", "conv*", "/experiment/training/updates/0/nodes"),
        ("/training/batch_size", 1.5, "/experiment/training/batch_size"),
        ("/watch/2", {"kind": "gradcam"}, "/experiment/watch/2/kind"),
        ("/watch/2/hz", 1000, "/experiment/watch/2/hz"),
        ("/version", 2, "/experiment/version"),
        ("/seed", None, "/experiment/seed"),
    ],
)
def test_a_wrong_experiment_is_refused_at_its_place(
    client: Client, path: str, value: Any, pointer: str
) -> None:
    body = {"experiment": changed(path, value)}
    before = len(client.http.get("/api/runs").json())
    answer = client.http.post("/api/runs", json=body)
    assert answer.status_code == 422
    errors = problem(answer)["errors"]
    assert errors[0]["pointer"] == pointer, errors
    assert all(resolves(error["pointer"], body) for error in errors)
    assert len(client.http.get("/api/runs").json()) == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"experiment": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a":' * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"experiment": {}}', "application/json", 422),
        (b'{"experiment": 3}', "application/json", 422),
        (b'{"start": "later"}', "application/json", 422),
        (b'{"from": {"run": "nobody"}}', "application/json", 404),
        (b"{}", "text/plain", 415),
        (b'"' + b"x" * (2 << 20) + b'"', "application/json", 413),
    ],
)
def test_a_body_that_is_no_run_is_refused(client: Client, body: bytes, kind: str, status: int) -> None:
    answer = client.http.post("/api/runs", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    problem(answer)


def test_a_body_without_a_length_has_the_same_limit(client: Client) -> None:
    endless = (b" " * (1 << 16) for _ in range(64))
    answer = client.http.post("/api/runs", content=endless, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    problem(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/runs/nobody", 404),
        ("POST", "/api/catalog", 405),
        ("GET", "/api/runs/nobody/metrics?probe=progress", 404),
        ("GET", "/api/runs/nobody/checkpoints/..%2F..%2Fetc", 404),
        ("GET", "/static/../pyproject.toml", 404),
        ("GET", "/static/%2e%2e/pyproject.toml", 404),
        ("GET", "/api/blobs/zz", 422),
        ("GET", f"/api/blobs/{'0' * 64}", 404),
        ("PATCH", "/api/runs/nobody", 404),
    ],
)
def test_every_error_is_a_problem_document(client: Client, method: str, path: str, status: int) -> None:
    answer = client.http.request(method, path)
    assert answer.status_code == status
    problem(answer)


@pytest.mark.parametrize("query", ["", "?probe=loss", "?probe=progress&from=-1", "?probe=progress&from=x"])
def test_a_query_that_cannot_be_is_refused(client: Client, query: str) -> None:
    run = client.start(start="paused")
    answer = client.http.get(f"/api/runs/{run}/metrics{query}")
    assert answer.status_code == 422
    problem(answer)


@pytest.mark.parametrize(
    ("message", "status", "pointer"),
    [
        ("{", 422, ""),
        ("[]", 422, ""),
        ("{}", 422, ""),
        ('{"type": 7}', 422, "/type"),
        ('{"type": "dance"}', 422, "/type"),
        ('{"type": "play", "loudly": true}', 422, ""),
        ('{"type": "step"}', 422, ""),
        ('{"type": "step", "steps": 0}', 422, "/steps"),
        ('{"type": "step", "steps": 1, "epochs": 1}', 422, ""),
        ('{"type": "step", "steps": 1e99}', 422, "/steps"),
        ('{"type": "speed", "steps_per_second": -1}', 422, "/steps_per_second"),
        ('{"type": "speed"}', 422, ""),
        ('{"type": "rewind", "checkpoint": "../../x"}', 422, "/checkpoint"),
        ('{"type": "rewind", "checkpoint": "nothing"}', 409, ""),
        ('{"type": "watch", "probes": [{"kind": "gradcam"}]}', 422, "/probes/0/kind"),
        (
            '{"type": "watch", "probes": [{"kind": "surface"}, {"kind": "surface", "hz": 99}]}',
            422,
            "/probes/1/hz",
        ),
        ('{"type": "watch", "probes": 3}', 422, "/probes"),
        ('{"type": "edit", "revision": 0, "patch": {}}', 422, "/patch"),
        ('{"type": "edit", "revision": 9, "patch": []}', 409, "/revision"),
        ('{"type": "edit", "revision": 0, "patch": [3]}', 422, "/patch/0"),
        ('{"type": "edit", "revision": 0, "patch": [{"op": "remove", "path": "/nothing"}]}', 422, "/patch/0"),
        (
            '{"type": "edit", "revision": 0, "patch": [{"op": "add", "path": "/network/0/units", "value": -1}]}',  # noqa: E501
            422,
            "/patch/0/value",
        ),
        (
            '{"type": "edit", "revision": 0, "patch": [{"op": "remove", "path": "/data"}]}',
            422,
            "/patch/0/path",
        ),
        ('{"type": "study", "study": {"kind": "nothing"}}', 422, ""),
        ('{"type": "play", "id": {}}', 422, "/id"),
        ("[" * 30_000, 422, ""),
    ],
)
def test_a_wrong_command_gets_an_error_and_changes_nothing(
    client: Client, message: str, status: int, pointer: str
) -> None:
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    with client.watch(run) as viewer:
        viewer.socket.send(message)
        answer = viewer.until(lambda message: message["type"] == "error")
        assert answer["status"] == status, answer
        if answer["errors"]:
            assert answer["errors"][0]["pointer"].startswith(pointer), answer
        assert viewer.command("step", steps=1)["step"] == 1
    client.http.delete(f"/api/runs/{run}")


def test_a_patch_cannot_grow_without_end(client: Client) -> None:
    run = client.start(start="paused")
    double = [{"op": "copy", "from": "/network", "path": "/network/0"}] * 60
    answer = client.http.post(
        f"/api/runs/{run}/commands", json={"type": "edit", "revision": 0, "patch": double}
    )
    assert answer.status_code == 422
    assert resolves(problem(answer)["errors"][0]["pointer"], {"patch": double})
    many = [{"op": "test", "path": "/version", "value": 1}] * 20_000
    answer = client.http.post(
        f"/api/runs/{run}/commands", json={"type": "edit", "revision": 0, "patch": many}
    )
    assert answer.status_code in (413, 422)
    client.http.delete(f"/api/runs/{run}")


def test_a_binary_or_oversized_message_closes_that_connection_alone(client: Client) -> None:
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    with client.watch(run) as other:
        for message, code in ((b"play", 1003), ("x" * (1 << 17), 1009)):
            with client.watch(run) as viewer:
                viewer.socket.send(message)
                with pytest.raises(ConnectionClosed) as end:
                    viewer.until(lambda message: False)
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == code
        assert other.command("step", steps=2)["step"] == 2
    client.http.delete(f"/api/runs/{run}")


def test_a_command_is_refused_where_the_state_does_not_allow_it(client: Client) -> None:
    document = experiment()
    document["training"]["epochs"] = 1
    run = client.start(document)
    client.wait_for(run, "finished")
    for command in ({"type": "play"}, {"type": "step", "steps": 1}):
        answer = client.http.post(f"/api/runs/{run}/commands", json=command)
        assert answer.status_code == 409
        assert "finished" in problem(answer)["detail"]


# Who may ask ---------------------------------------------------------------------------------------------


def foreign(client: Client) -> list[str]:
    """Origins that are not ours, however much they look like it."""
    host, port = client.url.removeprefix("http://").split(":")
    return [
        "null",
        "http://evil.example",
        f"http://{host}:{int(port) + 1}",
        f"http://{host}",
        f"http://{host}:{port}.evil.example",
        f"http://evil.example:{port}",
        f"http://{host}:{port}@evil.example",
        f"ftp://{host}:{port}",
        f"http://{host}:{port}/",
        "",
    ]


def test_a_foreign_origin_is_refused_everywhere(client: Client) -> None:
    run = client.start(start="paused")
    for origin in foreign(client):
        answer = client.http.get("/api/runs", headers={"Origin": origin})
        assert answer.status_code == 403, origin
        problem(answer)
        with pytest.raises(InvalidStatus) as refused:
            connect(
                client.url.replace("http", "ws") + f"/api/runs/{run}/live",
                additional_headers={"Origin": origin},
            )
        assert refused.value.response.status_code == 403, origin
    assert client.http.get("/api/runs", headers={"Origin": client.url}).status_code == 200


def test_a_name_that_is_not_ours_is_refused(client: Client) -> None:
    port = client.url.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}", ""):
        answer = client.http.get("/api/runs", headers={"Host": host})
        assert answer.status_code in (400, 421), host
    assert client.http.get("/api/runs", headers={"Host": f"localhost:{port}"}).status_code == 200


def test_a_run_that_is_not_there_cannot_be_watched(client: Client) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(client.url.replace("http", "ws") + "/api/runs/nobody/live")
    assert refused.value.response.status_code == 404


def test_a_connection_that_may_only_watch_cannot_control(client: Client) -> None:
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    with client.watch(run, {"kind": "surface"}, query="?control=0") as viewer:
        assert viewer.messages[0]["run"]["control"] is False
        for kind, fields in (("play", {}), ("step", {"steps": 1}), ("stop", {})):
            refused = viewer.ask(kind, **fields)
            assert (refused["type"], refused["status"]) == ("error", 403)
    assert client.run(run)["step"] == 0


# Blobs ---------------------------------------------------------------------------------------------------


def test_blobs_are_kept_under_their_hash(client: Client) -> None:
    data = random.Random(1).randbytes(100_000)
    kept = client.http.post("/api/blobs", content=data)
    assert kept.status_code == 201
    sha256 = kept.json()["sha256"]
    assert client.http.get(f"/api/blobs/{sha256}").content == data
    assert client.http.post("/api/blobs", content=data).status_code == 200
    wrong = client.http.post("/api/blobs", content=data + b"!", params={"sha256": sha256})
    assert wrong.status_code == 422
    assert sha256 in problem(wrong)["detail"]


def test_a_blob_beyond_the_limit_is_refused_before_it_is_sent(client: Client) -> None:
    host, port = client.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as link:
        head = f"POST /api/blobs HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {10**12}\r\n\r\n"
        link.sendall(head.encode())
        assert link.recv(1 << 12).startswith(b"HTTP/1.1 413")


# Mutations -----------------------------------------------------------------------------------------------

VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    10**20,
    0.5,
    "",
    "x",
    "🦖",
    [],
    [[]],
    {},
    {"kind": "linear"},
    "a/b~c",
]


def mutated(document: Any, chance: random.Random) -> Any:
    """The document with one random place changed, removed or doubled."""
    document = copy.deepcopy(document)
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        value = waiting.pop()
        inside = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        for key, child in inside:
            places.append((value, key))
            if isinstance(child, dict | list):
                waiting.append(child)
    container, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del container[key]
        case 1 if isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        case 2:
            container[key] = [container[key]]
        case _:
            container[key] = chance.choice(VALUES)
    return document


def test_mutated_experiments_never_break_the_server(client: Client) -> None:
    chance = random.Random(7)
    for _ in range(300):
        body = {"experiment": mutated(experiment(), chance), "start": "paused"}
        answer = client.http.post("/api/describe", json=body["experiment"])
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 422:
            refused = client.http.post("/api/runs", json=body)
            assert refused.status_code == 422, (body, refused.text)
            assert all(resolves(error["pointer"], body) for error in problem(refused)["errors"]), refused.text


def test_mutated_commands_never_break_the_server(client: Client) -> None:
    chance = random.Random(8)
    run = client.start(start="paused")
    commands = [
        {"type": "watch", "id": 1, "probes": [{"kind": "surface", "hz": 10}, {"kind": "progress"}]},
        {
            "type": "edit",
            "id": 1,
            "revision": 0,
            "patch": [{"op": "replace", "path": "/title", "value": "x"}],
        },
        {"type": "step", "id": 1, "steps": 1},
        {"type": "speed", "id": 1, "steps_per_second": 100.0},
    ]
    with client.watch(run) as viewer:
        for _ in range(300):
            viewer.socket.send(json.dumps(mutated(chance.choice(commands), chance)))
            answer = viewer.until(lambda message: message["type"] in ("ack", "error"))
            assert answer.get("status", 200) < 500, answer
        assert client.run(run)["state"] == "paused"


def test_a_patch_of_a_million_operations_is_refused_before_it_is_read(client: Client) -> None:
    run = client.start(start="paused")
    operation = b'{"op":"test","path":"/version","value":1}'
    body = b'{"type":"edit","revision":0,"patch":[' + b",".join([operation] * 10**6) + b"]}"
    answer = client.http.post(
        f"/api/runs/{run}/commands", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    problem(answer)
    assert client.run(run)["revision"] == 0
    client.http.delete(f"/api/runs/{run}")
