"""The order in which the images of a training's passes lie in memory.

Convolutions of oneDNN are quicker on images whose channels lie next to each other (channels last): see
`bench/layouts.py`, which this rule is from. The order depends on the experiment and the device alone, never
on a measurement while it trains: it changes the low bits of sums, and a run that is resumed elsewhere goes on
bit for bit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.experiment.precision import Precision
from glassnet.engine.network.plan import Plan


def memory_format(plan: Plan, device: str, precision: Precision) -> torch.memory_format:
    """The memory format in which inputs enter a pass; nodes keep it from one to the next."""
    images = len(plan.input_shape) == 3
    # On a GPU it has not been measured; oneDNN has no float64.
    known = torch.device(device).type == "cpu" and precision != "float64"
    convolved = any(placed.item.slides for placed in plan.nodes)
    wins = images and known and convolved and all(placed.item.any_layout for placed in plan.nodes)
    return torch.channels_last if wins else torch.contiguous_format


def laid_out(images: Tensor, form: torch.memory_format) -> Tensor:
    """Inputs in a memory format.

    A copy, as one channel lies alike in either format, and only the strides of a copy say which is meant.
    """
    return images if form is torch.contiguous_format else images.clone(memory_format=form)
