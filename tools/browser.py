"""Print the path of a Chromium that runs, installing one where none does.

Tried in this order: $CHROMIUM, the browsers of the system, the one Playwright keeps for itself. Only then is
one installed: Debian's package where we are root on Debian, else Playwright's download.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HELP = """No Chromium found, and none could be installed. One of these helps:
  - install Chromium or Google Chrome with your system's package manager;
  - set CHROMIUM to the path of a Chromium or Chrome;
  - .venv/bin/python -m playwright install --with-deps chromium"""


def find() -> str | None:
    """The path of a Chromium that is already here, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        if runs(named):
            return named
        raise SystemExit(f"CHROMIUM names {named!r}, which does not run.")
    return next(filter(runs, candidates()), None)


def candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    yield from MAC
    yield from filter(None, [playwrights_own()])


def runs(path: str) -> bool:
    """Whether it starts at all: Ubuntu's chromium-browser may be a stub, a download may lack libraries."""
    if not Path(path).exists():
        return False
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def playwrights_own() -> str | None:
    """Where Playwright would put its download; asked in a process of its own, as a loop may run in ours."""
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


def install() -> None:
    """Install one, saying on stderr what happens: stdout is for the path alone."""
    if on_debian() and shutil.which("apt-get") and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        # Playwright's own Node needs libatomic1, which a small Debian lacks.
        packages = ["chromium", "libatomic1"]
        steps = (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages])
        if all(loud(step, environment) for step in steps):
            return
    loud([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def on_debian() -> bool:
    """Debian itself: Ubuntu's chromium package only leads to snap."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


def loud(command: list[str], environment: dict[str, str]) -> bool:
    print("+", *command, file=sys.stderr, flush=True)
    return subprocess.run(command, stdout=sys.stderr, env=environment, check=False).returncode == 0


def main() -> None:
    path = find()
    if path is None:
        install()
        path = find()
    if path is None:
        raise SystemExit(HELP)
    print(path)


if __name__ == "__main__":
    main()
