"""The worker's end of its link: newest wins for pictures, order for the rest, and nothing ever blocks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock, MagicMock

import pytest
import torch

from glassnet.app.workers import Assignment, Frame, Incoming, Text, WorkerGone, process
from glassnet.app.workers.link import MOST_SCALARS, PREFIX, Inbox, Outbox, pack_text, unpack
from glassnet.app.workers.local import LocalWorker
from glassnet.engine.frame import Stamp, encode

Link = tuple[socket.socket, socket.socket]


@pytest.fixture
def link() -> Iterator[Link]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def frame(probe: str, number: int, values: int, rows: int = 1) -> bytes:
    stamp = Stamp("run", probe, "key", number, 0, 0, number, 0.0)
    return encode(stamp.metadata(), {"step": torch.zeros(rows), "values": torch.zeros(values)})


def everything(link: Link, outbox: Outbox) -> list[Incoming]:
    """All that comes while the worker goes on writing."""
    link[0].setblocking(False)
    data = b""
    while True:
        outbox.flush()
        try:
            data += link[0].recv(1 << 20)
        except BlockingIOError:
            if not outbox.pending:
                break
    return unpacked(data)


def everything_left(ours: socket.socket) -> list[Incoming]:
    """All that a worker said which has closed its end."""
    ours.setblocking(True)
    data = b""
    while part := ours.recv(1 << 20):
        data += part
    return unpacked(data)


def unpacked(data: bytes) -> list[Incoming]:
    found = []
    while data:
        length, kind = PREFIX.unpack_from(data)
        end = PREFIX.size + length
        found.append(unpack(kind, data[PREFIX.size : end]))
        data = data[end:]
    return found


def test_a_full_link_costs_pictures_and_no_words_or_rows(link: Link) -> None:
    outbox = Outbox(link[1])
    for number in range(50):
        outbox.frame("key", frame("surface", number, 50_000), scalar=False)
        outbox.frame("rows", frame("progress", number * 3, 10, rows=3), scalar=True)
        outbox.text({"type": "status", "step": number})
        outbox.flush()
    came = everything(link, outbox)
    rows = [one for one in came if isinstance(one, Frame) and one.scalar]
    assert [(one.first, one.next) for one in rows] == [(n * 3, n * 3 + 3) for n in range(50)]
    assert [one.message["step"] for one in came if isinstance(one, Text)] == list(range(50))
    pictures = [one.first for one in came if isinstance(one, Frame) and not one.scalar]
    assert pictures == sorted(pictures)
    assert pictures[-1] == 49
    assert len(pictures) < 50


def test_rows_that_nobody_reads_are_let_go_before_memory_is(link: Link) -> None:
    outbox = Outbox(link[1])
    size = MOST_SCALARS // 40
    for number in range(50):
        outbox.frame("rows", frame("progress", number, size), scalar=True)
        outbox.flush()
    numbers = [one.first for one in everything(link, outbox) if isinstance(one, Frame)]
    assert numbers[-1] == 49
    assert len(numbers) < 50


def test_commands_arrive_whole_however_they_are_cut(link: Link) -> None:
    inbox = Inbox(link[1])
    packed = b"".join(pack_text({"type": "step", "steps": number}) for number in range(3))
    found = []
    for byte in packed:
        link[0].sendall(bytes([byte]))
        found += inbox.receive()
    assert [message["steps"] for message in found] == [0, 1, 2]
    assert not inbox.closed
    link[0].shutdown(socket.SHUT_WR)
    assert inbox.receive() == []
    assert inbox.closed


def test_a_worker_that_is_to_end_takes_no_more_commands() -> None:
    async def scene() -> None:
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        child = MagicMock(pid=0, ended=AsyncMock(return_value=True), code=lambda: 0)
        worker = LocalWorker(child, reader, writer, MagicMock())
        ending = asyncio.create_task(worker.stop())
        await asyncio.sleep(0)
        with pytest.raises(WorkerGone, match="is to end"):
            worker.send({"type": "ping"})
        theirs.close()
        assert [came async for came in worker.incoming()] == []
        await ending

    asyncio.run(scene())


def test_a_session_whose_run_was_deleted_meanwhile_ends_without_a_word(
    link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process, "_prepare", lambda assignment: None)
    process._run(link[1], Assignment(directory=tmp_path / "deleted"))
    assert not caplog.records
    link[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        link[0].recv(1)


def test_a_failed_device_ends_the_worker_with_words(
    link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors")
    workload = MagicMock(device="cuda", advance=MagicMock(side_effect=lost))
    monkeypatch.setattr(process, "_prepare", lambda assignment: None)
    monkeypatch.setattr(process, "_study_runner", lambda outbox, assignment: workload)
    process._run(link[1], Assignment())
    link[1].close()
    said = [came.message for came in everything_left(link[0]) if isinstance(came, Text)]
    assert [message["type"] for message in said] == ["ready", "failed"]
    assert said[1]["reason"] == {
        "title": "The device failed",
        "detail": f"{str(lost).splitlines()[0]}; only another process can use it again",
    }
    workload.close.assert_not_called()


def test_a_node_without_a_deterministic_kernel_is_said_with_the_setting_that_asks_for_one() -> None:
    error = RuntimeError(
        "adaptive_max_pool2d_backward_cuda does not have a deterministic implementation, but you set "
        "'torch.use_deterministic_algorithms(True)'. You can turn off determinism just for this operation"
    )
    assert process._reason(error) == {
        "title": "The experiment cannot be trained",
        "detail": "adaptive_max_pool2d_backward_cuda does not have a deterministic implementation on this"
        " device; expected training.deterministic to be off",
    }
