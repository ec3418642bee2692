"""Panel: the place on the page where a probe or study is displayed, declared by its class."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Panel(NamedTuple):
    """A panel that the page loads from `static/panels/KIND.js` of the item's own package."""

    title: str
    #: Beside the loss curves, or a tab of the inspector.
    place: Literal["results", "inspector"] = "results"
