"""Random generators, one for each purpose, so that drawing from one never advances another."""

from __future__ import annotations

import torch


def stream(seed: int, purpose: str, device: str = "cpu") -> torch.Generator:
    """A generator seeded from the seed and the purpose alone (FNV-1a over the purpose)."""
    number = seed
    for letter in purpose.encode():
        number = ((number ^ letter) * 0x100000001B3) % 2**64
    generator = torch.Generator(device)
    generator.manual_seed((number ^ (number >> 32)) % 2**63)
    return generator
