"""Ten thousand mutated experiments, ten thousand bad messages, a thousand sockets, patches without end.

Nothing of it may end in a 5xx, a worker for an experiment that is not valid, memory that is not given
back, or trouble for a run that trains meanwhile.
"""

from __future__ import annotations

import copy
import json
import random
import resource
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.app.server import endless, served, workers
from tests.contract.client import Client, experiment, resolves
from tools.serving import Server

MANY, SOCKETS, HALVES, OPERATIONS = 10_000, 1_000, 20_000, 10**6

#: What stands where something else should.
VALUES: list[Any] = [
    *(None, True, False, -1, 0, 1, 3, 10**6, 10**20, -(10**400), 0.5, 1e-300, 1e300),
    *("", "x", "linear", "conv2d", "output", "🦖", "a/b~c", "\ud800", "x" * 5_000, "../../etc"),
    *([], [[]], {}, {"kind": "linear"}, {"kind": "residual", "nodes": []}, {"kind": {}}, [1] * 300),
]

#: Texts that are no command, or one with something wrong.
TEXTS = [
    *("", "{", "[]", "null", "7", '"play"', "{}", "\x00", "[" * 5_000, '{"a":' * 3_000, "🦖" * 200),
    *('{"type": "play", "type": "stop", "x": 1}', '{"type": "dance"}', '{"type": ["play"]}'),
]

COMMANDS: list[dict[str, Any]] = [
    *({"type": kind} for kind in ("step", "speed", "edit", "watch", "snapshot", "rewind", "study", "cancel")),
    {"type": "step", "steps": 5},
    {"type": "speed", "steps_per_second": 5},
    {"type": "edit", "revision": 0, "patch": [{"op": "replace", "path": "/training/epochs", "value": 3}]},
    {"type": "watch", "probes": [{"kind": "surface", "resolution": 20, "hz": 3}]},
    {"type": "rewind", "checkpoint": "latest"},
    {"type": "study", "study": {"kind": "lr_range_test", "steps": 20}},
    {"type": "cancel", "key": "0" * 16},
]


def main() -> Iterator[str]:
    """Lines of figures."""
    chance = random.Random(20261121)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (server, client):
        beside = client.start(endless())
        client.wait_for(beside, "training")
        yield _line(f"{MANY:,} mutated experiments", server, experiments(client, server, chance, MANY))
        yield _line(f"{MANY:,} bad messages", server, messages(client, server, chance, MANY))
        yield _line(f"{SOCKETS:,} sockets of one client", server, sockets(client, server, SOCKETS))
        yield _line(f"{HALVES:,} half-sent requests", server, halves(client, server, HALVES))
        yield _line(f"patches of {OPERATIONS:,} operations", server, patches(client, server, OPERATIONS))
        assert client.run(beside)["state"] == "training"
        assert len(workers(Path(folder))) == 1, "no worker was started for what is not valid"


def _line(what: str, server: Server, found: tuple[Counter[str], int, float]) -> str:
    answers, before, seconds = found
    said = ", ".join(f"{answer} {count:,}×" for answer, count in sorted(answers.items()))
    return f"{what}: {said}; memory {before} → {resident(server)} MiB; {seconds:.0f} s"


def experiments(
    client: Client, server: Server, chance: random.Random, count: int
) -> tuple[Counter[str], int, float]:
    """What becomes of experiments with one to three things wrong; those that are right are described too."""
    answers: Counter[str] = Counter()
    for number in range(min(count, 300)):  # what is built once is not what grows
        _describe(client, mutated(chance), Counter())
        del number
    before, begun = resident(server), time.monotonic()
    for number in range(count):
        document = mutated(chance)
        answers[_describe(client, document, answers)] += 1
        if number % 10 == 0:
            answers[_create(client, document)] += 1
    return answers, before, time.monotonic() - begun


def _describe(client: Client, document: Any, answers: Counter[str]) -> str:
    answer = client.http.post(
        "/api/describe", content=as_bytes(document), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 400, 413, 422), (answer.status_code, answer.text[:300])
    if answer.status_code != 200:
        problem = answer.json()
        assert problem["detail"], problem
        assert all(resolves(error["pointer"], document) for error in problem["errors"]), problem
    return f"describe {answer.status_code}"


def _create(client: Client, document: Any) -> str:
    """Only refusals are wanted: a run that could be trained is deleted at once."""
    body = {"experiment": document, "start": "paused"}
    answer = client.http.post(
        "/api/runs", content=as_bytes(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (201, 400, 413, 422), (answer.status_code, answer.text[:300])
    if answer.status_code == 201:
        client.http.delete(f"/api/runs/{answer.json()['id']}").raise_for_status()
    return f"run {answer.status_code}"


def messages(
    client: Client, server: Server, chance: random.Random, count: int
) -> tuple[Counter[str], int, float]:
    """Bad messages to a run of their own, each answered; a close is followed by another connection."""
    answers: Counter[str] = Counter()
    run = client.start(experiment(), start="paused")
    client.wait_for(run, "paused")
    before, begun, sent = resident(server), time.monotonic(), 0
    while sent < count:
        with client.watch(run) as viewer:
            try:
                for number in range(20):
                    for _ in range(25):
                        sent += 1
                        viewer.socket.send(bad_message(chance))
                    # What is behind them is answered, too: a step that takes long is no reason to wait.
                    viewer.socket.send(json.dumps({"type": "dance", "id": f"behind {number}"}))
                    behind = f"behind {number}"
                    viewer.until(lambda message, behind=behind: message.get("id") == behind)  # type: ignore[misc]
            except ConnectionClosed as end:
                answers[f"close {end.rcvd.code if end.rcvd else None}"] += 1
            for answer in viewer.messages:
                if answer["type"] in ("ack", "error"):
                    answers[str(answer.get("status", "ack"))] += 1
    assert not {"500", "502", "504"} & answers.keys(), answers
    closes = {answer for answer in answers if answer.startswith("close")}
    # None: the close frame of a message that is too long is overtaken by TCP's reset, which the messages
    # that were already on their way behind it bring about.
    assert closes <= {"close 1002", "close 1003", "close 1007", "close 1009", "close None"}, answers
    assert answers["close None"] <= answers["close 1009"], answers
    client.http.delete(f"/api/runs/{run}").raise_for_status()
    return answers, before, time.monotonic() - begun


def bad_message(chance: random.Random) -> str | bytes:
    """A message with something wrong, or with luck nothing."""
    draw = chance.random()
    if draw < 0.2:
        return chance.choice(TEXTS)
    if draw < 0.21:
        return chance.randbytes(chance.randrange(200))
    if draw < 0.215:
        return "x" * (1 << 17)
    command = changed(chance.choice(COMMANDS), chance)
    text = as_bytes(command).decode("utf-8", "replace")
    return text[: chance.randrange(len(text) + 1)] if draw < 0.35 else text


def sockets(client: Client, server: Server, count: int) -> tuple[Counter[str], int, float]:
    """One client opens so many connections: it gets as many as there may be, and others are served."""
    answers: Counter[str] = Counter()
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    address = client.url.replace("http", "ws", 1) + f"/api/runs/{run}/live"
    before, begun = resident(server), time.monotonic()
    with ExitStack() as stack:
        for _ in range(count):
            try:
                stack.enter_context(connect(address, compression=None, open_timeout=30, close_timeout=0.1))
            except InvalidStatus as refused:
                answers[f"refused {refused.response.status_code}"] += 1
            else:
                answers["opened"] += 1
            if answers.total() % 100 == 0:
                asked = time.monotonic()
                client.run(run)
                assert time.monotonic() - asked < 5, "others wait"
    client.http.delete(f"/api/runs/{run}").raise_for_status()
    return answers, before, time.monotonic() - begun


def halves(client: Client, server: Server, count: int) -> tuple[Counter[str], int, float]:
    """So many half-sent requests: visitors are answered meanwhile, and the log has a line or two of it."""
    answers: Counter[str] = Counter()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = count if most == resource.RLIM_INFINITY else min(count, most - 256)
    before, begun, lines = resident(server), time.monotonic(), len(server.lines)
    url = urlsplit(client.url)
    with ExitStack() as stack:
        for number in range(count):
            half = stack.enter_context(socket.create_connection((str(url.hostname), url.port or 80)))
            with suppress(ConnectionError):  # it was ended for a later one
                half.sendall(b"GET / HTTP/1.1\r\nHost: ")
            if number % 100 == 0:
                asked = time.monotonic()
                with Client(client.url).http as visitor:
                    answers[str(visitor.get("/livez").status_code)] += 1
                assert time.monotonic() - asked < 5, "visitors wait"
    assert set(answers) == {"200"}, answers
    assert len(server.lines) - lines <= 3, server.log()
    return answers, before, time.monotonic() - begun


def patches(client: Client, server: Server, count: int) -> tuple[Counter[str], int, float]:
    """Patches of so many operations, and short ones that would make a document without end."""
    answers: Counter[str] = Counter()
    run = client.start(experiment(), start="paused")
    client.wait_for(run, "paused")
    before, begun = resident(server), time.monotonic()
    operation = {"op": "test", "path": "/version", "value": 1}
    many = json.dumps({"type": "edit", "revision": 0, "patch": [operation] * count})
    doubling = [{"op": "copy", "from": "/network", "path": "/network/0"}] * 60
    wide = [{"op": "add", "path": "/network/-", "value": {"kind": "tanh"}}] * 1_000
    for patch in (many, *({"type": "edit", "revision": 0, "patch": patch} for patch in (doubling, wide))):
        content = patch if isinstance(patch, str) else json.dumps(patch)
        asked = time.monotonic()
        answer = client.http.post(
            f"/api/runs/{run}/commands", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (413, 422), answer.text[:300]
        assert time.monotonic() - asked < 20, "it took too long"
        answers[str(answer.status_code)] += 1
    assert client.run(run)["revision"] == 0
    client.http.delete(f"/api/runs/{run}").raise_for_status()
    return answers, before, time.monotonic() - begun


# Material ------------------------------------------------------------------------------------------------


def mutated(chance: random.Random) -> Any:
    """An experiment with one to three places changed, removed or doubled."""
    document = experiment()
    if chance.random() < 0.5:
        document["network"].insert(0, {"kind": "residual", "name": "r", "nodes": [{"kind": "linear"}]})
    for _ in range(chance.randint(1, 3)):
        document = changed(document, chance)
    return document


def changed(document: Any, chance: random.Random) -> Any:
    """A copy with one thing else somewhere inside."""
    document = copy.deepcopy(document)
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        value = waiting.pop()
        inside = (
            list(value.items())
            if isinstance(value, dict)
            else list(enumerate(value))
            if isinstance(value, list)
            else []
        )
        places += [(value, key) for key, _ in inside]
        waiting += [entry for _, entry in inside]
    if not places:
        return document
    container, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del container[key]
        case 1 if isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        case 1:
            container[str(chance.choice(["kind", "colour", "name", ""]))] = chance.choice(VALUES)
        case _:
            container[key] = copy.deepcopy(chance.choice(VALUES))
    return document


def as_bytes(document: Any) -> bytes:
    """JSON, also of what UTF-8 cannot say."""
    return json.dumps(document, ensure_ascii=True).encode()


def resident(server: Server) -> int:
    """MiB of memory that the web process has."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0
