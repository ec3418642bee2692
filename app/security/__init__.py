"""Who may do what: a token says, and where none is asked for everybody may do all."""

from __future__ import annotations

from glassnet.app.security.tokens import Access, Tokens

__all__ = ["Access", "Tokens"]
