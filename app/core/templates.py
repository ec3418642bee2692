"""The templates of the pages."""

from __future__ import annotations

from typing import Any

from fastapi.templating import Jinja2Templates

from glassnet import __version__
from glassnet.app.core.assets import with_versions
from glassnet.app.core.places import ROOT

_templates = Jinja2Templates(ROOT / "templates")
_templates.env.globals["version"] = __version__


def render(template: str, **context: Any) -> str:
    """A page as HTML."""
    return with_versions(_templates.get_template(template).render(**context))
