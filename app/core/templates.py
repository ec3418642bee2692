"""The templates of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from glassnet import __version__
from glassnet.app.core.assets import with_versions
from glassnet.app.core.languages import current, say, say_one_or_more
from glassnet.app.core.places import ROOT
from glassnet.app.core.prefix import with_prefix
from glassnet.app.core.site import SITE
from glassnet.engine.catalog import plugins
from glassnet.engine.catalog.option_table import Phrase


def phrased(phrase: Phrase) -> Markup:
    """A phrase in the language of the request, with values of experiments as code."""
    code = Markup("<code>{}</code>")
    return Markup(escape(say(phrase.words))).format(
        **{
            name: phrased(value) if isinstance(value, Phrase) else code.format(value)
            for name, value in phrase.places
        }
    )


_templates = Jinja2Templates(ROOT / "templates")
_templates.env.add_extension("jinja2.ext.i18n")
_templates.env.policies["ext.i18n.trimmed"] = True
_templates.env.install_gettext_callables(say, say_one_or_more, newstyle=True)  # type: ignore[attr-defined]
_templates.env.filters["said"] = say
_templates.env.filters["phrased"] = phrased
_templates.env.globals["language"] = current
_templates.env.globals["version"] = __version__
_templates.env.globals["site"] = SITE
_templates.env.globals["plugin_complaints"] = lambda: plugins.load().complaints()


def messages() -> Iterator[str]:
    """The texts of all templates."""
    for name in _templates.env.list_templates():
        source = (ROOT / "templates" / name).read_text(encoding="utf-8")
        for _, _, found in _templates.env.extract_translations(source):  # type: ignore[attr-defined]
            yield from (text for text in ([found] if isinstance(found, str) else found) if text)


def render(template: str, prefix: str = "", **context: Any) -> str:
    """A page as HTML, for a browser that finds this server below `prefix`."""
    return with_prefix(with_versions(_templates.get_template(template).render(**context)), prefix)
