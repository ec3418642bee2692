"""The entries of the header that every page has."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A part of the site: its name, its address, and how the addresses of its further pages begin."""

    title: str
    path: str
    covers: tuple[str, ...] = ()

    def current(self, path: str) -> str | None:
        """The value of `aria-current` on the page at a path: page, true (a page below), or None."""
        if path == self.path:
            return "page"
        return "true" if path.startswith(self.covers) else None


#: In the order of the header. An entry is added with its page.
SITE = (
    Entry("Playground", "/", ("/runs/",)),
    Entry("Labs", "/labs", ("/labs/",)),
    Entry("Gallery", "/gallery", ("/gallery/",)),
    Entry("Reference", "/reference", ("/reference/", "/methods")),
    Entry("Runs", "/runs"),
)
