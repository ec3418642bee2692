"""How tests are spread over the workers of pytest-xdist."""

from __future__ import annotations

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent

#: The files of browser tests. Every second one is of one unit of work, the others are of another.
BROWSER = sorted(path.name for path in (HERE / "browser").glob("test_*.py"))

#: The files of tests/app that share the server of tests/app/conftest.py: one unit of work.
USUAL = {
    f"test_{name}.py" for name in ("http", "images", "looking", "own_samples", "untrusted_blobs", "weights")
}


class BySharing(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Work in units of a file, of the files whose tests share a server, or of half of the browser tests.

    One server and one browser for all of those would be the longest unit by far: the others would be done
    halfway through it.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        folder = path.parent.name
        if folder == "browser":
            return f"{folder} {BROWSER.index(path.name) % 2}"
        if folder == "app" and path.name in USUAL:
            return "usual server"
        return folder if folder == "contract" else str(path)
