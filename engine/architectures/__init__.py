"""Architectures: whole published networks, as blocks."""

from __future__ import annotations

from abc import ABC

from engine.blocks import Block


class Architecture(Block, ABC):
    """A published network with its sizes as options."""
