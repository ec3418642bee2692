"""torchvision's model builders, imported beside a torch that its compiled operators do not fit.

Its networks need none of these operators; importing it registers kernels for two of them, which are declared
here first.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch

_library: Any = torch.library
_declared = _library.Library("torchvision", "DEF")


def models() -> Any:
    """The module `torchvision.models`."""
    if not hasattr(torch.ops.torchvision, "nms"):
        _declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    if not hasattr(torch.ops.torchvision, "qnms"):
        _declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision.models")
