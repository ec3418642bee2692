"""The templates of the pages."""

from __future__ import annotations

from fastapi.templating import Jinja2Templates

from glassnet import __version__
from glassnet.app.core.places import ROOT

templates = Jinja2Templates(ROOT / "templates")
templates.env.globals["version"] = __version__
