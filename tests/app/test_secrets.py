"""The processes and files of a server that has tokens: none of them tells."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.app.server import descendants, endless, served

SECRET, LOOK = "secret-of-the-owner", "look-but-do-not-touch"


def test_tokens_are_in_no_worker_and_data_are_nobody_elses(tmp_path: Path) -> None:
    data = tmp_path / "data"
    old = data / "runs" / "of-an-earlier-server"
    old.mkdir(parents=True, mode=0o755)
    (old / "experiment.json").write_text("{}")
    (data / "mine.txt").write_text("not of a run")
    (data / "notes").mkdir()
    (data / "notes" / "shared.txt").write_text("not of the service")
    for path in (data, old, old / "experiment.json", data / "notes" / "shared.txt"):
        path.chmod(0o755)
    options = {"token": SECRET, "watch_token": LOOK, "log_level": "info", "log_format": "json"}
    with served(data, **options) as (server, client):
        client.http.headers["Authorization"] = f"Bearer {SECRET}"
        run = client.start(endless())
        client.wait_for(run, "training")
        with client.watch(run, query=f"?token={LOOK}"):
            pass
        below = descendants(server.process.pid)[1:]
        assert below
        for pid in below:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert SECRET.encode() not in environment
            assert LOOK.encode() not in environment
        client.http.post(f"/api/runs/{run}/commands", json={"type": "pause"}).raise_for_status()
        ours = [path for path in data.rglob("*") if "notes" not in path.parts]
        assert old / "experiment.json" in ours
        assert any(path.name == "journal.jsonl" or "journal" in path.name for path in ours)
        for path in [data, *ours]:
            assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path
        assert (data / "notes" / "shared.txt").stat().st_mode & 0o077  # not ours to change
    told = [line for line in server.lines if "Glassnet is at" not in line]
    assert any("/live?token=[hidden]" in line for line in told)
    assert not any(SECRET in line or LOOK in line for line in told)
