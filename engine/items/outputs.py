"""The kinds of numbers that an output may be: what a last activation gives, and what a loss takes."""

from __future__ import annotations

from typing import Literal

#: Any numbers, shares of the whole or of each alone, or the logarithms of shares.
Numbers = Literal["logits", "probabilities", "log_probabilities"]
