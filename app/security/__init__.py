"""Security: tokens and their permissions, sign-in, and checks of requests."""

from __future__ import annotations

from glassnet.app.security.tokens import Access, Tokens

__all__ = ["Access", "Tokens"]
