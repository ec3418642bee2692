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
    """A folder that holds the package, made of links to the folders of setup.py; mypy reads it, too."""
    package = ROOT / ".build" / "package" / "glassnet"
    package.mkdir(parents=True, exist_ok=True)
    public = sorted((ROOT / "engine" / "public").glob("*.py"))
    for target in (ROOT / "app", ROOT / "engine", *public):
        with suppress(FileExistsError):
            (package / target.name).symlink_to(Path("..", "..", "..", target.relative_to(ROOT)))
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
    """Whether both the package and what is in it are this checkout's."""
    try:
        found = [find_spec("glassnet"), find_spec("glassnet.engine")]
    except ModuleNotFoundError:
        return False
    origins = [each.origin for each in found if each is not None and each.origin is not None]
    return len(origins) == 2 and all(Path(origin).resolve().is_relative_to(ROOT) for origin in origins)


if __name__ == "__main__":
    linked()
