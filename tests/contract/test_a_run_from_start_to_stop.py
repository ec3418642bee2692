"""A client that knows only section 3 takes a run through its whole life."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from websockets.exceptions import ConnectionClosed

from tests.contract.client import Client, Frame, experiment

SCALARS: tuple[dict[str, Any], ...] = ({"kind": "progress"}, {"kind": "evaluation"})
RATE = "/training/updates/0/optimizer/learning_rate"
STEPS_PER_EPOCH = 25


def edit(path: str, value: Any, op: str = "replace") -> list[dict[str, Any]]:
    return [{"op": op, "path": path, "value": value}]


def weights(client: Client, run: str, name: str) -> dict[str, np.ndarray]:
    answer = client.http.get(f"/api/runs/{run}/checkpoints/{name}").raise_for_status()
    return {
        name: tensor
        for name, tensor in safetensors.numpy.load(answer.content).items()
        if name.startswith("parameters/")
    }


def test_what_is_stored_has_every_default_written_out(client: Client) -> None:
    run = client.start(
        {"data": {"kind": "circle"}, "network": [{"kind": "linear"}, {"kind": "linear", "units": None}]},
        start="paused",
    )
    stored = client.run(run)["experiment"]
    assert stored["version"] == 1
    assert stored["training"]["batch_size"] == 10
    assert [node["name"] for node in stored["network"]] == ["linear1", "linear2"]
    again = client.http.post("/api/runs", json={"experiment": stored, "start": "paused"})
    assert again.json()["experiment"] == stored


def test_a_run_is_played_edited_stepped_rewound_and_stopped(client: Client) -> None:
    run = client.start(start="paused")
    with client.watch(run, *SCALARS, {"kind": "surface", "hz": 20}) as viewer:
        hello = viewer.messages[0]["run"]
        assert hello["id"] == run
        assert hello["control"] is True
        assert hello["experiment"]["network"][0]["name"] == "linear1"

        viewer.command("play")
        surface = viewer.frame(lambda frame: frame.probe == "surface" and frame.step > 0)
        assert surface.metadata.keys() == {"run", "probe", "key", "seq", "life", "revision", "step", "epoch"}
        assert surface.metadata["run"] == run
        assert all(array.dtype != np.int64 for array in surface.arrays.values())

        # A learning rate changes while training goes on.
        live = viewer.command("edit", revision=0, patch=edit(RATE, 0.003))
        assert (live["revision"], live["applied"]) == (1, "live")
        row = viewer.frame(
            lambda frame: (
                frame.probe == "progress"
                and int(frame.metadata["revision"]) == 1
                and frame.arrays["step"][-1] > live["step"]  # of its newest row; it is sent later
            )
        )
        assert abs(row.arrays["learning_rate"][-1] - 0.003) < 1e-9

        # Another layer: the others keep their weights to the bit.
        paused = viewer.command("pause")
        viewer.command("snapshot", name="before")
        layer = {"name": "extra", "kind": "linear", "units": 8}
        rebuilt = viewer.command("edit", revision=1, patch=edit("/network/2", layer, "add"))
        assert (rebuilt["revision"], rebuilt["applied"], rebuilt["step"]) == (2, "rebuilt", paused["step"])
        viewer.command("snapshot", name="after")
        before, after = weights(client, run, "before"), weights(client, run, "after")
        assert after.keys() - before.keys() == {"parameters/extra.weight", "parameters/extra.bias"}
        assert all(np.array_equal(before[name], after[name]) for name in before)

        # An edit made for an older revision is refused with the newest document.
        stale = viewer.ask("edit", revision=1, patch=edit(RATE, 0.1))
        assert (stale["type"], stale["status"], stale["revision"]) == ("error", 409, 2)
        assert stale["experiment"] == client.run(run)["experiment"]
        assert stale["errors"][0]["pointer"] == "/revision"

        # Steps and epochs, exactly.
        one = viewer.command("step", steps=1)
        assert one["step"] == paused["step"] + 1
        epoch = viewer.command("step", epochs=1)
        assert epoch["step"] == one["step"] + STEPS_PER_EPOCH
        assert client.wait_for(run, "paused")["step"] == epoch["step"]

        # Back to a checkpoint: a new life, at its step.
        viewer.command("snapshot", name="here")
        viewer.command("step", steps=5)
        back = viewer.command("rewind", checkpoint="here")
        assert back["step"] == epoch["step"]
        viewer.until(lambda message: message["type"] == "status" and message["life"] == 1)

        # To its end, and beyond.
        viewer.command(
            "edit", revision=2, patch=edit("/training/epochs", int(back["step"] / STEPS_PER_EPOCH) + 2)
        )
        viewer.command("play")
        viewer.state("finished")
        refused = viewer.ask("play")
        assert (refused["type"], refused["status"]) == ("error", 409)
        more = client.run(run)["experiment"]["training"]["epochs"] + 40
        viewer.command("edit", revision=3, patch=edit("/training/epochs", more))
        viewer.command("play")
        viewer.frame(lambda frame: frame.probe == "progress")
        seen = {probe: viewer.rows(probe) for probe in ("progress", "evaluation")}

    # Whoever comes back has every row once.
    with client.watch(run, *SCALARS) as viewer:
        if client.run(run)["state"] != "finished":
            viewer.state("finished")
        for probe in ("progress", "evaluation"):
            stored = client.rows(run, probe)
            assert list(stored) == list(range(len(stored)))
            both = {**seen[probe], **viewer.rows(probe)}
            assert not seen[probe].keys() & viewer.rows(probe).keys()
            expected = {number: stored[number] for number in both}
            assert json.dumps(both, sort_keys=True) == json.dumps(expected, sort_keys=True)  # NaN is NaN
        viewer.command("stop")
    assert client.wait_for(run, "stopped")["reason"] is None


def test_an_overview_of_a_run_has_at_most_so_many_rows_and_leads_to_its_end(client: Client) -> None:
    document = experiment()
    document["training"]["epochs"] = 150
    run = client.start(document)
    client.wait_for(run, "finished")
    whole = client.rows(run, "progress")
    asked: dict[str, str | int] = {"probe": "progress", "points": 200}
    overview = Frame.of(client.http.get(f"/api/runs/{run}/metrics", params=asked).raise_for_status().content)
    numbers = [int(number) for number in overview.arrays["seq"]]
    assert len(whole) > 200 >= len(numbers)
    assert (numbers[0], int(overview.metadata["next"])) == (0, len(whole))
    losses = [row["batch_loss"] for row in whole.values()]
    assert [losses[number] for number in numbers] == list(overview.arrays["batch_loss"])
    assert {min(losses), max(losses)} <= set(overview.arrays["batch_loss"])
    assert client.http.get(f"/api/runs/{run}/metrics", params={**asked, "points": 3}).status_code == 422


def test_the_same_commands_work_over_http(client: Client) -> None:
    run = client.start(start="paused")
    commands = f"/api/runs/{run}/commands"
    stepped = client.http.post(commands, json={"type": "step", "id": "a", "steps": 3}).json()
    assert stepped == {"type": "ack", "id": "a", "step": 3}
    edited = client.http.post(commands, json={"type": "edit", "revision": 0, "patch": edit(RATE, 0.5)})
    assert (edited.json()["applied"], edited.json()["revision"]) == ("live", 1)
    stale = client.http.post(commands, json={"type": "edit", "revision": 0, "patch": []})
    assert stale.status_code == 409
    assert stale.json()["experiment"] == client.run(run)["experiment"]
    watch = client.http.post(commands, json={"type": "watch", "probes": []})
    assert (watch.status_code, watch.headers["content-type"]) == (422, "application/problem+json")
    assert client.http.post(commands, json={"type": "stop"}).json()["type"] == "ack"
    assert client.run(run)["state"] == "stopped"


def test_the_losses_are_the_same_however_many_watch(client: Client) -> None:
    """Watched by three with different probes and rates, or by none: bit for bit."""
    document = experiment()
    document["training"]["epochs"] = 40
    alone = client.start(document)
    client.wait_for(alone, "finished")
    watched = client.start(document, start="paused")
    surface = {"kind": "surface", "hz": 30}
    with (
        client.watch(watched, surface, *SCALARS) as first,
        client.watch(watched, {**surface, "hz": 3}),
        client.watch(watched, {"kind": "weights", "hz": 25}, {"kind": "confusion_matrix", "hz": 7}),
    ):
        first.command("play")
        if client.run(watched)["state"] != "finished":
            first.state("finished")
    for probe in ("progress", "evaluation"):
        assert client.rows(alone, probe) == client.rows(watched, probe)


def test_a_run_can_be_forked_from_now_and_from_a_checkpoint(client: Client) -> None:
    document = experiment()
    document["training"]["epochs"] = 4
    source = client.start(document, start="paused")
    with client.watch(source) as viewer:
        viewer.command("step", epochs=2)
        viewer.command("snapshot", name="half")
        viewer.command("play")
    client.wait_for(source, "finished")
    fork = client.http.post("/api/runs", json={"from": {"run": source, "checkpoint": "half"}}).json()
    assert (fork["parent"], fork["experiment"]) == (source, client.run(source)["experiment"])
    assert client.wait_for(fork["id"], "finished")["step"] == 4 * STEPS_PER_EPOCH
    whole, rest = client.rows(source, "progress"), client.rows(fork["id"], "progress")
    assert rest, "the fork trained"
    assert list(rest.values()) == list(whole.values())[-len(rest) :]
    wider = client.run(source)["experiment"]
    wider["network"][0]["units"] = 12
    other = client.http.post(
        "/api/runs", json={"experiment": wider, "from": {"run": source}, "start": "paused"}
    )
    assert client.wait_for(other.json()["id"], "finished")["step"] == 4 * STEPS_PER_EPOCH


def test_recorded_pictures_are_there_for_scrubbing(client: Client) -> None:
    run = client.start(start="paused")
    with client.watch(run, {"kind": "surface", "hz": 30}) as viewer:
        viewer.command("play")
        key = viewer.frame(lambda frame: frame.step > 500).metadata["key"]
        viewer.command("pause")
    body = (
        client.http.get(f"/api/runs/{run}/frames", params={"key": key, "from_step": 1})
        .raise_for_status()
        .content
    )
    steps = []
    while body:
        size = int.from_bytes(body[:8], "little")
        frame = body[8 : 8 + size]
        header = int.from_bytes(frame[:8], "little")
        metadata = json.loads(frame[8 : 8 + header])["__metadata__"]
        assert metadata["key"] == key
        steps.append(int(metadata["step"]))
        body = body[8 + size + -size % 8 :]
    assert steps == sorted(set(steps))
    assert steps[0] >= 1


def test_runs_are_listed_renamed_and_deleted(client: Client) -> None:
    run = client.start(start="paused")
    renamed = client.http.patch(f"/api/runs/{run}", json={"title": "Mine"})
    assert renamed.json()["title"] == "Mine"
    assert run in [one["id"] for one in client.http.get("/api/runs").json()]
    with client.watch(run) as viewer:
        assert client.http.delete(f"/api/runs/{run}").status_code == 204
        with pytest.raises(ConnectionClosed) as end:
            viewer.until(lambda message: False)
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 4410
    assert client.http.get(f"/api/runs/{run}").status_code == 404
    assert client.http.delete(f"/api/runs/{run}").status_code == 404
