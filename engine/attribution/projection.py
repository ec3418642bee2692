"""Projection of feature maps to the input: the pattern of an image that causes an activation.

Zeiler & Fergus 2014, section 2.1: all activations but one are set to zero, and the signal is propagated back
to the pixels. Pairs of an image and a map are processed in one batch, one map seeded in each.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from glassnet.engine.attribution.chunks import NUMBERS, in_chunks
from glassnet.engine.attribution.rules import Rule, backproject
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.data.load import Inputs

#: The signal projected: the strongest activation of the map alone, or the whole map.
Seed = Literal["strongest", "map"]

#: The value of the strongest activation: unchanged, or 1; the pictures differ in scale alone.
Value = Literal["activation", "one"]


class Projected(NamedTuple):
    """The projections of maps to the input."""

    #: (pairs, *input), signed.
    signals: Tensor
    #: The strongest activation of each map: (pairs,).
    values: Tensor
    #: Its position in the map, row by row; 0 for vectors: (pairs,) int64.
    positions: Tensor


def project(
    view: SignalView,
    node: str,
    inputs: Inputs,
    channels: Tensor,
    *,
    rule: Rule = "deconvnet",
    seed: Seed = "strongest",
    value: Value = "activation",
    mask_empty: bool = False,
    images: Tensor | None = None,
    most: int = NUMBERS,
) -> Projected:
    """The projections of one map of each image: `channels` (pairs,) of `inputs` (pairs, …).

    With `images` (pairs,), pair i is image `images[i]` of the inputs. A unit of a dense layer is a map of
    one number. Memory is bounded by `most` numbers.
    """

    def piece(start: int, stop: int) -> Projected:
        chosen = inputs[start:stop] if images is None else inputs[images[start:stop]]
        return _project(view, node, chosen, channels[start:stop], rule, seed, value, mask_empty)

    # The backward pass takes about as much memory as the forward pass.
    pieces = in_chunks(len(channels), 2 * view.numbers(node), piece, most=most)
    return Projected(*map(torch.cat, zip(*(found for _, _, found in pieces), strict=True)))


def _project(
    view: SignalView,
    node: str,
    inputs: Tensor,
    channels: Tensor,
    rule: Rule,
    seed: Seed,
    value: Value,
    mask: bool,
) -> Projected:
    with torch.enable_grad():
        source = inputs.detach().requires_grad_()
        target = view(source, node)
        rows = torch.arange(len(channels), device=inputs.device)
        maps = target.detach().reshape(len(channels), target.shape[1], -1)[rows, channels]  # (pairs, places)
        values, positions = maps.max(dim=1)
        sent = torch.zeros(
            len(channels), target.shape[1], maps.shape[1], dtype=maps.dtype, device=maps.device
        )
        if seed == "map":
            sent[rows, channels] = maps
        else:
            sent[rows, channels, positions] = values if value == "activation" else torch.ones_like(values)
        signals = backproject(target, sent.view_as(target), source, rule, mask_empty=mask)
    return Projected(signals, values, positions)
