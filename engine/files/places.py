"""Where runs, own data and downloads are kept unless another place is named."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

#: What holds the package's folders, static/ and templates/ among them: a checkout, or where it is installed.
ROOT = Path(__file__).resolve().parents[2]

#: Whether Glassnet runs from a checkout rather than from an installed wheel.
IN_CHECKOUT = (ROOT / "pyproject.toml").is_file()

#: `data` where `make run` was typed; for an installed command, which is typed anywhere, the user's directory
#: on this system.
DATA_DIR = Path("data") if IN_CHECKOUT else user_data_path("glassnet", appauthor=False)
