"""Where things lie: what the package came with, and what it writes."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

#: Where static/ and templates/ are: beside app/, in a checkout and where Glassnet is installed.
ROOT = Path(__file__).resolve().parents[2]

#: Whether Glassnet runs from a checkout rather than from an installed wheel.
IN_CHECKOUT = (ROOT / "pyproject.toml").is_file()

#: Where runs, blobs and downloads are kept unless another directory is named: `data` where `make run` was
#: typed; for an installed command, which is typed anywhere, the user's directory on this system.
DATA_DIR = Path("data") if IN_CHECKOUT else user_data_path("glassnet", appauthor=False)
