"""Own pictures, as people have them, made into one blob of one size.

Run as a process of its own (`python -m glassnet.engine.files.image_import`), with its memory and time
bounded, as what it reads comes from anywhere: nothing that a file announces is believed before it is
counted. It needs no torch, so that it starts at once. What is guessed on the way stands in the
collection's account.
"""

from __future__ import annotations

from glassnet.engine.files.image_import.account import Account
from glassnet.engine.files.image_import.collection import Collection, Form, Report
from glassnet.engine.files.image_import.upload import gathered

__all__ = ["Account", "Collection", "Form", "Report", "gathered"]
