"""The order in which the images of a training's passes lie in memory.

Convolutions of oneDNN are quicker on images whose channels lie next to each other (channels last): see
`bench/layouts.py`, which this rule is from. It depends on the experiment alone, never on a measurement while
it trains: the order changes the low bits of sums, and a run that is resumed elsewhere goes on bit for bit.
(On a GPU it is measured once, and kept in the state: engine/training/image_layout.py.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from glassnet.engine.experiment.precision import Precision
from glassnet.engine.network.plan import Plan


def memory_format(plan: Plan, device: str, precision: Precision) -> torch.memory_format:
    """The memory format by rule in which inputs enter a pass; nodes keep it from one to the next."""
    wins = torch.device(device).type == "cpu" and may_be_channels_last(plan, precision)
    return torch.channels_last if wins else torch.contiguous_format


def may_be_channels_last(plan: Plan, precision: Precision) -> bool:
    """Whether a network convolves images, in nodes that all compute the same in any layout.

    In float64 it is of no use: oneDNN has none, nor have a GPU's units for products of matrices.
    """
    convolved = any(placed.item.slides for placed in plan.nodes)
    images = len(plan.input_shape) == 3 and precision != "float64"
    return images and convolved and all(placed.item.any_layout for placed in plan.nodes)


def laid_out(images: Tensor, form: torch.memory_format) -> Tensor:
    """Inputs in a memory format.

    A copy, as one channel lies alike in either format, and only the strides of a copy say which is meant.
    """
    return images if form is torch.contiguous_format else images.clone(memory_format=form)
