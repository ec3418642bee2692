"""The package `glassnet` as this checkout has it, also where it is not installed, or another checkout is."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def linked() -> Path:
    """A folder that holds the package, made of links to app/ and engine/; mypy reads it, too."""
    package = ROOT / ".build" / "package" / "glassnet"
    package.mkdir(parents=True, exist_ok=True)
    for room in ("app", "engine"):
        with suppress(FileExistsError):
            (package / room).symlink_to(Path("..", "..", "..", room))
    return package.parent


def use_this_checkout() -> None:
    """Let `import glassnet` find this checkout, here and in all processes that are started from here."""
    if _is_found():
        return
    path = str(linked())
    sys.path.insert(0, path)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [path, os.environ.get("PYTHONPATH")]))
    sys.modules.pop("glassnet", None)  # where it was looked for just now
    importlib.invalidate_caches()


def _is_found() -> bool:
    try:
        found = find_spec("glassnet.engine")
    except ModuleNotFoundError:
        return False
    return found is not None and Path(found.origin or "").resolve().is_relative_to(ROOT)


if __name__ == "__main__":
    linked()
