"""How much memory there is, and that all workers together never have more."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.app.core import resources
from glassnet.app.core.resources import _group_limits, machine_memory, share
from glassnet.app.core.settings import Settings

GIB = 1 << 30


@pytest.mark.parametrize(
    ("groups", "files", "limits"),
    [
        ("0::/\n", {"memory.max": "max\n"}, []),
        ("0::/\n", {"memory.max": "2147483648\n"}, [2 * GIB]),
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": "3\n", "memory.max": "max"}, [3]),
        ("12:cpu:/x\n9:memory:/x\n", {"memory/memory.limit_in_bytes": "5\n"}, [5]),
        ("9:memory:/d/x\n", {"memory/d/x/memory.limit_in_bytes": "7"}, [7]),
        ("9:memory:/x\n0::/x\n", {"unified/x/memory.max": "6"}, [6]),
        ("0::/../../a\n", {"memory.max": "4"}, [4]),
        (None, {}, []),
    ],
)
def test_the_limits_of_control_groups_are_found(
    tmp_path: Path, groups: str | None, files: dict[str, str], limits: list[int]
) -> None:
    membership, root = tmp_path / "cgroup", tmp_path / "fs"
    if groups is not None:
        membership.write_text(groups)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert list(_group_limits(membership, root)) == limits


def test_a_container_counts_where_it_has_less_than_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_physical", lambda: 24 * GIB)
    for group, expected in (([], 24), ([2 * GIB], 2), ([9 << 60, 3 * GIB], 3)):
        monkeypatch.setattr(resources, "_group_limits", lambda *places, group=group: iter(group))
        assert machine_memory() == expected * GIB


def test_this_machine_has_the_memory_that_the_system_tells() -> None:
    if not Path("/proc/meminfo").exists():
        pytest.skip("no /proc/meminfo here to compare with")
    told = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert resources._physical() == told


@pytest.mark.parametrize("memory", [8 * GIB, 24 * GIB, 512 * GIB])
@pytest.mark.parametrize(("runs", "studies"), [(1, 1), (4, 4), (4, 1), (2, 9)])
def test_all_workers_and_the_server_fit_into_the_machine(memory: int, runs: int, studies: int) -> None:
    each_run, each_study = share(memory, runs, studies)
    assert runs * each_run + studies * each_study <= memory * 7 / 8
    assert each_run >= 512 << 20


@pytest.mark.parametrize("memory", [2 * GIB, 4 * GIB, 24 * GIB])
def test_where_memory_is_short_there_are_fewer_workers(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.app.core.settings.machine_memory", lambda: memory)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    settings = Settings()
    assert settings.run_memory is not None
    assert settings.study_memory is not None
    taken = settings.worker_count * settings.run_memory + settings.study_count * settings.study_memory
    assert taken <= memory


def test_a_limit_that_was_set_holds_and_can_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.app.core.settings.machine_memory", lambda: 24 * GIB)
    default = Settings(workers=4, study_workers=4)
    assert (default.run_memory, default.study_memory) == share(24 * GIB, 4, 4)
    assert (Settings(worker_memory=5).run_memory, Settings(worker_memory=5).study_memory) == (5, 5)
    assert (Settings(worker_memory=-1).run_memory, Settings(worker_memory=-1).study_memory) == (None, None)
