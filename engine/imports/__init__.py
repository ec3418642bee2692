"""Own pictures, as people have them, made into one blob of one size.

Run as a process of its own (`python -m engine.imports`), with its memory and time bounded, as what it reads
comes from anywhere: nothing that a file announces is believed before it is counted. It needs no torch, so
that it starts at once. What is guessed on the way stands in the collection's account.
"""

from __future__ import annotations

from engine.imports.account import Account
from engine.imports.collection import Collection, Form, Report
from engine.imports.gathering import gathered

__all__ = ["Account", "Collection", "Form", "Report", "gathered"]
