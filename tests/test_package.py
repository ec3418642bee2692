"""The package of this checkout is found, whatever else is installed under its name."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PROGRAM = """
from tools.package import use_this_checkout
use_this_checkout()
import glassnet.engine, subprocess, sys
print(glassnet.engine.__file__)
below = [sys.executable, "-c", "import glassnet.app as app; print(app.__file__)"]
print(subprocess.check_output(below, text=True))
"""


def test_another_checkout_that_is_installed_is_passed_over(tmp_path: Path) -> None:
    for room in ("engine", "app"):
        (tmp_path / "glassnet" / room).mkdir(parents=True)
        (tmp_path / "glassnet" / room / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    engine, app = (Path(line).resolve() for line in done.stdout.split())
    assert engine == ROOT / "engine" / "__init__.py"
    assert app == ROOT / "app" / "__init__.py"
