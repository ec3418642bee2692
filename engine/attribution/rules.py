"""Rules for propagating a signal backward through a non-linearity.

With R the signal from above and x the input of the non-linearity f in the forward pass:

    gradient    R · f′(x)           plain backpropagation
    deconvnet   f(R)                the forward mask is ignored (Zeiler & Fergus 2014, section 2.1)
    guided      f(R)/R · R · f′(x)  both (Springenberg et al. 2015, section 3.4)

For ReLU these are R·[x>0], max(R, 0) and max(R, 0)·[x>0]. For leaky ReLU and PReLU f has their slope for
negative values. Everything else is autograd's: transposed filters, γ/σ through a batch norm in evaluation
mode, sums and concatenations, and max pooling by its switches, where signals that share a switch add up.

The rules are hooks on autograd's nodes, so that `nn.ReLU`, `F.relu`, `x.relu_()` and `x.clamp(min=0)` are
treated alike. A hook on the module would silently give the plain gradient for all but the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.graph import Node, get_gradient_edge

Rule = Literal["gradient", "deconvnet", "guided"]

#: The function f(R) of a non-linearity with a rule.
Through = Callable[[Tensor], Tensor]

_PASSES = """
    AccumulateGrad Convolution ConvolutionOverrideable MkldnnConvolution Addmm Mm Bmm Baddbmm Mv Dot Linear
    T Transpose Permute View UnsafeView ReshapeAlias AsStrided Alias Clone Contiguous ToCopy Expand Repeat
    Squeeze Unsqueeze Select Slice Index IndexSelect Gather Narrow Split SplitWithSizes Unbind Stack Cat Flip
    Roll Copy CopySlices Detach Add Sub Neg Sum Mean Mul Div Pow Sqrt Rsqrt Var Std VarMean StdMean
    ConstantPadNd ReflectionPad1D ReflectionPad2D ReflectionPad3D
    ReplicationPad1D ReplicationPad2D ReplicationPad3D
    AvgPool1D AvgPool2D AvgPool3D AdaptiveAvgPool2D AdaptiveAvgPool3D
    MaxPool2DWithIndices MaxPool3DWithIndices AdaptiveMaxPool2D AdaptiveMaxPool3D Max Amax
    NativeBatchNorm CudnnBatchNorm MiopenBatchNorm BatchNormWithUpdate NativeGroupNorm NativeLayerNorm
    NativeDropout UpsampleNearest1D UpsampleNearest2D UpsampleNearest3D
    UpsampleLinear1D UpsampleBilinear2D UpsampleBicubic2D UpsampleTrilinear3D
    PixelShuffle PixelUnshuffle Im2Col Col2Im Unfold FftR2C FftC2R FftC2C Conj ResolveConj _Straight
"""

#: Autograd's names, without "Backward" and the number, of nodes that every rule passes through unchanged.
PASSES = frozenset(_PASSES.split())

_POOLS = ("MaxPool2DWithIndices", "MaxPool3DWithIndices", "AdaptiveMaxPool2D", "AdaptiveMaxPool3D")


class NoRule(ValueError):
    """A non-linearity for which deconvnet and guided backprop have no rule."""


def backproject(
    target: Tensor, seed: Tensor, source: Tensor, rule: Rule = "gradient", *, mask_empty: bool = False
) -> Tensor:
    """A signal propagated from `target` back to `source`, which it was computed from; shaped like `source`.

    `seed` is the signal, shaped like `target`. The last step, to the source itself, is not rectified:
    negative values are correct. An all-zero window of a max pooling has its switch at the top left, though it
    has no maximum; `mask_empty` blocks the signal at such windows. The graph is freed. Raises NoRule.
    """
    with backward_rule(target, source, rule, mask_empty=mask_empty):
        (signal,) = torch.autograd.grad(target, source, seed)
    return signal


@contextmanager
def backward_rule(target: Tensor, source: Tensor, rule: Rule, *, mask_empty: bool = False) -> Iterator[None]:
    """A context in which gradients of `target` by `source` follow a rule."""
    handles: list[Any] = []
    try:
        for node in _between(target, source) if rule != "gradient" or mask_empty else ():
            name = _name(node)
            if mask_empty and name in _POOLS:
                handles.append(node.register_prehook(_without_empty_windows(node)))
            if rule == "gradient" or name in PASSES:
                continue
            handles.append(node.register_hook(_hook(_through(node, name), rule)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hook(through: Through, rule: Rule) -> Callable[[Any, Any], Any]:
    def replace(passed: Sequence[Tensor | None], arrived: Sequence[Tensor | None]) -> Any:
        plain, signal = passed[0], arrived[0]
        if plain is None or signal is None:
            return None
        if rule == "deconvnet":
            return (through(signal), *passed[1:])
        share = through(
            torch.sign(signal)
        ).abs()  # f(R)/R, since each f here is linear on either side of zero
        return (plain * share, *passed[1:])

    return replace


def _through(node: Node, name: str) -> Through:
    """The function of a non-linearity at an autograd node. Raises NoRule."""
    read: Any = node
    match name:
        case "Relu":
            return torch.relu
        case "Threshold" if read._saved_threshold == 0:
            return torch.relu
        case "ClampMin" if read._saved_min == 0:
            return torch.relu
        case "Clamp" if _is_zero(read._saved_min):
            return torch.relu
        case "Hardtanh" if read._saved_min_val == 0:
            return torch.relu
        case "LeakyRelu":
            slope = read._saved_negative_slope
            return lambda signal: torch.nn.functional.leaky_relu(signal, slope)
        case "PreluKernel":
            weight = read._saved_weight.detach()
            return lambda signal: torch.where(signal > 0, signal, weight * signal)
    raise NoRule(
        f"'{name}' on the way down has no rule; expected ReLU, leaky ReLU or PReLU "
        "(saliency, integrated gradients, SmoothGrad, Grad-CAM and occlusion take any network)"
    )


def _is_zero(bound: Any) -> bool:
    return bound is not None and bool(torch.as_tensor(bound == 0).all())


def _without_empty_windows(node: Node) -> Callable[[Any], Any]:
    read: Any = node

    def mask(arrived: Sequence[Tensor]) -> tuple[Tensor, ...]:
        seen, switches = read._saved_self, read._saved_result1
        spatial = switches.ndim - 2
        largest = seen.flatten(-spatial).gather(-1, switches.flatten(-spatial)).view_as(switches)
        return (arrived[0] * (largest != 0), *arrived[1:])

    return mask


def _between(target: Tensor, source: Tensor) -> list[Node]:
    """The autograd nodes on the paths from target to source."""
    start, end = target.grad_fn, get_gradient_edge(source).node
    if start is None:
        raise ValueError("the target was computed without autograd; expected one that depends on the source")
    leads: dict[Node, bool] = {end: True}
    path: list[tuple[Node, Iterator[Node]]] = [(start, _below(start))]
    while path:
        node, rest = path[-1]
        below = next((each for each in rest if each not in leads), None)
        if below is None:
            path.pop()
            leads.setdefault(node, any(leads.get(each, False) for each in _below(node)))
        else:
            path.append((below, _below(below)))
    return [node for node, does in leads.items() if does and node is not end]


def _below(node: Node) -> Iterator[Node]:
    return (below for below, _ in node.next_functions if below is not None)


def _name(node: Node) -> str:
    """Autograd's name of a node: ReluBackward0 → Relu."""
    name = node.name().rpartition("::")[2].rstrip("0123456789")
    return name.removesuffix("Backward")
