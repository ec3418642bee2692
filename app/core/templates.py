"""The templates of the pages."""

from __future__ import annotations

from pathlib import Path

from fastapi.templating import Jinja2Templates

from glassnet import __version__

#: Where static/ and templates/ are: beside app/, in a checkout and where Glassnet is installed.
ROOT = Path(__file__).resolve().parents[2]

templates = Jinja2Templates(ROOT / "templates")
templates.env.globals["version"] = __version__
