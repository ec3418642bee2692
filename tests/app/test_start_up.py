"""What keeps Glassnet from starting: one line that says what, and what to do."""

from __future__ import annotations

import errno
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glassnet.app.cli import main
from glassnet.app.server import serve
from glassnet.app.store.data_directory import FORM, Unusable, in_use
from glassnet.app.store.private import OURS
from tests.disks import small_disk


@pytest.fixture
def refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """The one line with which `glassnet serve` ends. This process, where it runs, keeps its log and umask."""
    monkeypatch.setattr("glassnet.app.core.log.configure", lambda kind, level: None)
    monkeypatch.setattr(os, "umask", lambda mask: 0)

    def refusal(*options: str | Path, code: int) -> str:
        data = () if "--data-dir" in options else ("--data-dir", tmp_path / "data")
        assert main(["serve", "--no-open", *map(str, (*data, *options))]) == code
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("glassnet: ")
        assert told.err.count("\n") == 1
        return told.err

    return refusal


# The data directory ------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "deep/down"])
def test_a_file_in_the_place_of_the_data_directory_is_named(
    tmp_path: Path, refused: Callable[..., str], below: str
) -> None:
    (tmp_path / "file").touch()
    told = refused("--data-dir", tmp_path / "file" / below, code=2)
    assert f"{tmp_path / 'file'} is a file; move it, or name another with --data-dir" in told


@pytest.mark.parametrize("name", OURS)
def test_a_file_in_the_place_of_a_part_of_it_is_named(
    tmp_path: Path, refused: Callable[..., str], name: str
) -> None:
    (tmp_path / name).touch()
    told = refused("--data-dir", tmp_path, code=2)
    assert f"{tmp_path / name} is no folder; move it, or name another with --data-dir" in told


def test_a_data_directory_that_cannot_be_written_is_named(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk.path / "used").mkdir()
        with disk.read_only():
            for folder in (disk.path, disk.path / "used", disk.path / "new" / "deep"):
                told = refused("--data-dir", folder, code=2)
                assert f"the data directory {folder} cannot be written: read-only file system" in told
                assert "make it writable, or name another with --data-dir" in told


def test_a_data_directory_of_a_newer_glassnet_is_left_as_it_is(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    (tmp_path / "form").write_text(f"{FORM + 1}\n")
    told = refused("--data-dir", tmp_path, code=2)
    assert f"{tmp_path} belongs to a newer Glassnet (its form is {FORM + 1}, this one knows {FORM})" in told
    assert "update Glassnet, or name another with --data-dir" in told
    assert {path.name for path in tmp_path.iterdir()} <= {"form", "lock"}
    assert (tmp_path / "form").read_text() == f"{FORM + 1}\n"


@pytest.mark.parametrize("content", [b"", b"one", b"\xff\xfe", b"-1", "²".encode()])
def test_a_form_that_is_none_is_named(tmp_path: Path, refused: Callable[..., str], content: bytes) -> None:
    (tmp_path / "form").write_bytes(content)
    told = refused("--data-dir", tmp_path, code=2)
    assert f"{tmp_path / 'form'} " in told
    assert f"expected {FORM}" in told


def test_a_data_directory_says_its_form_and_goes_on_without(tmp_path: Path) -> None:
    with in_use(tmp_path / "new"):
        assert (tmp_path / "new" / "form").read_text() == f"{FORM}\n"
    (tmp_path / "new" / "form").unlink()  # as a release before 0.1.0 left it
    with in_use(tmp_path / "new"):
        pass
    with pytest.raises(Unusable, match="is a file"), in_use(tmp_path / "new" / "form"):
        pass


# The port ----------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_and_so_are_those_tried_after_it(
    monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    monkeypatch.setattr(serve, "MORE_PORTS", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("--port", str(port), code=1)
    assert f"port {port} is taken; expected --port with another, or 0 for any that is free" in told

    def never(host: str, port: int) -> socket.socket:
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    monkeypatch.setattr(serve, "_bound", never)
    monkeypatch.setattr(serve, "MORE_PORTS", 20)
    assert "ports 8265 to 8285 are taken" in refused(code=1)
    assert "ports 65530 to 65535 are taken" in refused("--port", "65530", code=1)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("192.0.2.1", "--host: 192.0.2.1 is not of this machine; expected 127.0.0.1"),
        ("nowhere.invalid", "--host: 'nowhere.invalid' is no address; expected 127.0.0.1"),
        ("x" * 200, "is no address; expected 127.0.0.1"),
    ],
)
def test_an_address_to_listen_on_that_cannot_be_is_named(
    refused: Callable[..., str], host: str, said: str
) -> None:
    assert said in refused("--host", host, code=1)


def test_a_port_that_is_not_for_everybody_is_named(
    monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    def forbidden(host: str, port: int) -> socket.socket:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(serve, "_bound", forbidden)
    told = refused("--port", "80", code=1)
    assert "--port: 80 is not for this user; expected one from 1024 on" in told


# torch -------------------------------------------------------------------------------------------------

#: An instruction that no processor has.
UNDEFINED = {"x86_64": b"\x0f\x0b", "aarch64": bytes(4), "arm64": bytes(4)}

ILLEGAL = f"""
import ctypes, mmap
page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write({UNDEFINED.get(platform.machine())!r})
ctypes.%s(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""


def started_with(torch: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, where `import torch` runs this program."""
    (folder / "torch.py").write_text(torch)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "glassnet", "schema"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("torch", "said"),
    [
        (
            "raise ImportError('libtorch_cpu.so: cannot open shared object file\\nand more')",
            "torch cannot be imported: libtorch_cpu.so: cannot open shared object file; try: ",
        ),
        ("raise OSError('[WinError 126] Error loading c10.dll')", "torch cannot be imported: [WinError 126]"),
        ("raise RuntimeError('NumPy was built with X86_V2')", "torch cannot be imported: NumPy was built"),
        ("import a_library_that_is_absent", "a_library_that_is_absent is not installed; try: "),
    ],
)
def test_a_torch_that_cannot_be_imported_is_one_line(tmp_path: Path, torch: str, said: str) -> None:
    done = started_with(torch, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"glassnet: {said}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.skipif(platform.machine() not in UNDEFINED, reason="no undefined instruction is known here")
@pytest.mark.parametrize("call", ["PYFUNCTYPE", "CFUNCTYPE"])  # with the interpreter's lock held, and without
def test_a_processor_without_an_instruction_is_told_of_and_not_a_crash(tmp_path: Path, call: str) -> None:
    done = started_with(ILLEGAL % call, tmp_path)
    assert done.returncode == 2
    assert "lacks an instruction that torch uses; run Glassnet on a newer machine" in done.stderr
    assert done.stderr.count("\n") == 1
