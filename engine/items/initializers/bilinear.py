"""Bilinear weights."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.initializers import Initializer


class Bilinear(Initializer):
    """Bilinear: each map on its own, enlarged by straight lines from number to number.

    For transposed convolutions whose kernel is twice the stride: along each axis the filter between maps of
    the same number is a triangle, 1 − |i − c| / s, and filters between different maps are 0. Of a dense
    layer, which has no axes, it is the identity; of a bias, 0. Long et al. 2015, section 3.3.
    """

    kind: Literal["bilinear"] = "bilinear"
    guide: ClassVar[Guide | None] = Guide(
        pros=("A learned enlarging starts as a good one.",),
        cons=("As many maps must leave as arrive: others start at 0.",),
        use="For transposed convolutions that enlarge scores, as in FCN.",
        example=Example(
            "Units show single inputs: every weight but one a unit is 0.",
        ),
        tex=(
            r"w_{cc,i} = \prod_{\text{axes}} \left(1 - \frac{|i - (k - 1) / 2|}{\lceil k / 2 \rceil}\right)",
        ),
    )

    def call(self) -> Call:
        return Call(bilinear_, Name("tensor"))


def bilinear_(tensor: torch.Tensor) -> torch.Tensor:
    """Fill filters (maps, maps, k, …), or (maps, 1, k, …), with triangles between maps of the same number."""
    with torch.no_grad():
        tensor.zero_()
        if tensor.ndim < 2:
            return tensor
        kernel = tensor.new_ones(())
        for size in tensor.shape[2:]:
            place = torch.arange(size, dtype=tensor.dtype, device=tensor.device) - (size - 1) / 2
            kernel = kernel[..., None] * (1 - place.abs() / ((size + 1) // 2))
        if tensor.shape[1] == 1:  # each map has a filter of its own
            tensor[:, 0] = kernel
        for channel in range(min(tensor.shape[:2])):
            tensor[channel, channel] = kernel
    return tensor
