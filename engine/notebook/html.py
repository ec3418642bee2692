"""HTML and SVG as text for notebooks, safe because all text is escaped by `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

#: Colours that are legible on white and on black; text and lines have the notebook's colour.
BLUE, ORANGE, VIOLET, GREEN = "#3d7fd6", "#d97a2b", "#8a63d2", "#3a9d7a"


def tag(name: str, *inside: str, **attributes: Any) -> str:
    """An element around safe markup; `_` in an attribute's name is a hyphen, and dropped at its end."""
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    opened = "".join(f' {key}="{escape(str(value))}"' for key, value in named)
    return f"<{name}{opened}>{''.join(inside)}</{name}>"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 2) -> str:
    """A table of values, the first `left` columns to the left, numbers to the right; "" without rows."""
    body = [
        tag("tr", *(_cell("td", value, column >= left) for column, value in enumerate(row))) for row in rows
    ]
    head = tag("tr", *(_cell("th", heading, column >= left) for column, heading in enumerate(headings)))
    if not body:
        return ""
    return tag("table", tag("thead", head) if headings else "", tag("tbody", *body), style="font: inherit")


def _cell(name: str, value: object, right: bool) -> str:
    return tag(name, escape(str(value)), style=f"text-align: {'right' if right else 'left'}")


def block(*parts: str) -> str:
    """The display of one object, made of safe parts; empty ones are left out."""
    style = "max-width: 100%; overflow-x: auto; font: 13px/1.4 system-ui, sans-serif"
    return tag("div", *(tag("div", part, style="margin: 0 0 8px") for part in parts if part), style=style)


def heading(title: str, facts: str = "") -> str:
    """A title, and a line of text about it."""
    return tag("strong", escape(title)) + (
        f" {tag('span', escape(facts), style='opacity: 0.7')}" if facts else ""
    )


def times(sizes: Iterable[int]) -> str:
    """A shape as text: 3×32×32."""
    return "×".join(map(str, sizes))
