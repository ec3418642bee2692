"""The templates of the pages."""

from __future__ import annotations

from typing import Any

from fastapi.templating import Jinja2Templates

from glassnet import __version__
from glassnet.app.core.assets import with_versions
from glassnet.app.core.places import ROOT
from glassnet.app.core.prefix import with_prefix
from glassnet.app.core.site import SITE
from glassnet.engine.catalog import plugins

_templates = Jinja2Templates(ROOT / "templates")
_templates.env.globals["version"] = __version__
_templates.env.globals["site"] = SITE
_templates.env.globals["plugin_complaints"] = lambda: plugins.load().complaints()


def render(template: str, prefix: str = "", **context: Any) -> str:
    """A page as HTML, for a browser that finds this server below `prefix`."""
    return with_prefix(with_versions(_templates.get_template(template).render(**context)), prefix)
