"""What is installed: a wheel with all that Glassnet needs, which works where no checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from glassnet import __version__
from tests.contract.client import Client, experiment
from tests.house import project_files
from tools.serving import Server

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "engine", "static", "templates")


def copied(folder: Path) -> Path:
    """What a package is made of and is or would be committed: nothing is built into the checkout."""
    for path in project_files():
        if path.parent != ROOT and path.relative_to(ROOT).parts[0] not in ROOMS:
            continue
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return folder


def built(kind: str, source: Path, into: Path) -> Path:
    """A wheel or an sdist, as every front end of PEP 517 has it made."""
    into.mkdir()
    program = f"from setuptools import build_meta; build_meta.build_{kind}({str(into)!r})"
    subprocess.run(
        [sys.executable, "-c", program], cwd=source, check=True, capture_output=True, text=True, timeout=120
    )
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution as a release is."""
    folder = tmp_path_factory.mktemp("wheel")
    sdist = built("sdist", copied(folder / "source"), folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return built("wheel", folder / "unpacked" / f"glassnet-{__version__}", folder / "dist")


def installed_name(path: Path) -> str:
    """Where a file of the checkout is in the wheel."""
    name = path.relative_to(ROOT).as_posix()
    return f"glassnet/{name.removeprefix('engine/public/')}"


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    ours = [path for path in project_files() if path.relative_to(ROOT).parts[0] in ROOMS]
    names = zipfile.ZipFile(wheel).namelist()
    metadata = f"glassnet-{__version__}.dist-info/"
    assert {name for name in names if not name.startswith(metadata)} == set(map(installed_name, ours))
    assert f"{metadata}licenses/LICENSE" in names
    assert wheel.name == f"glassnet-{__version__}-py3-none-any.whl"


class Installed:
    """An environment with the wheel in it, an empty folder to be in, and a home of its own."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.home, self.empty, environment = folder / "home", folder / "empty", folder / "environment"
        self.empty.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
        self.scripts = environment / ("Scripts" if os.name == "nt" else "bin")
        pip = [sys.executable, "-m", "pip", "--python", str(environment)]
        subprocess.run([*pip, "install", "-q", "--no-index", "--no-deps", str(wheel)], check=True)
        self._lend_dependencies(environment)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.variables = {**kept, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "share")}
        self.data = self.home / "share" / "glassnet"

    def _lend_dependencies(self, environment: Path) -> None:
        """torch takes minutes to install: it and the others come from here, an editable Glassnet does not."""
        here = sysconfig.get_path("purelib")
        there = sysconfig.get_path("purelib", vars={"base": str(environment)})
        Path(there, "lent.pth").write_text(f"{here}\n")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the empty folder."""
        program, *arguments = command
        return subprocess.run(
            [self.scripts / program, *arguments],
            cwd=self.empty,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[Server]:
    command = [installed.scripts / "glassnet"]
    started = Server(
        installed.data, command=command, told=False, cwd=installed.empty, env=installed.variables
    )
    try:
        yield started
    finally:
        started.stop()


@pytest.mark.thorough
def test_nothing_of_the_checkout_is_on_the_path(installed: Installed) -> None:
    program = "import glassnet.app.main, sys; print(glassnet.__file__, *sys.path, sep='\\n')"
    found = installed.run("python", "-c", program)
    assert found.returncode == 0, found.stderr
    first, *path = found.stdout.splitlines()
    assert Path(first).is_relative_to(installed.scripts.parent)
    assert str(ROOT) not in path
    assert installed.run("glassnet", "--version").stdout == f"glassnet {__version__}\n"
    assert installed.run("python", "-m", "glassnet", "--version").stdout == f"glassnet {__version__}\n"


@pytest.mark.thorough
def test_an_installed_server_shows_its_pages_and_trains(installed: Installed, server: Server) -> None:
    assert f"Runs are kept in {installed.data}\n" in server.lines
    with httpx.Client(base_url=server.url) as visitor:
        for path in ("/", "/labs/descent", "/methods/occlusion", "/license", "/static/vendor/plotly.min.js"):
            assert visitor.get(path).status_code == 200, path
        for file in (ROOT / "static").rglob("*.*"):
            name = file.relative_to(ROOT).as_posix()
            assert visitor.get(f"/{name}").content == file.read_bytes(), name
        assert len(visitor.get("/api/presets").json()) == len(list((ROOT / "app" / "presets").iterdir()))
    client = Client(server.url)
    run = client.start(experiment())
    client.wait_for(run, "training")
    client.http.close()
    assert (installed.data / "runs" / run / "experiment.json").is_file()
    assert list(installed.empty.iterdir()) == []


@pytest.mark.thorough
def test_an_installed_command_trains_an_experiment_file(installed: Installed, tmp_path: Path) -> None:
    path = tmp_path / "spiral.json"
    path.write_text(json.dumps(experiment()))
    done = installed.run("glassnet", "train", str(path), "--steps", "20", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 steps")
    (run,) = (installed.data / "runs").glob("*-*-*")
    assert (run / "experiment.json").is_file()
