"""Kernels of operators on torch's meta device, which compute shapes alone.

torch's own meta kernels that are written in Python import its compiler, which takes over a second: too
long for a response to a keystroke. These replace them for the operators that our layers use; other
operators run torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def _addmm(bias: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[1])


def _mm(x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[1])


def _bmm(x: Tensor, y: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], x.shape[1], y.shape[2])


def _same_shape(x: Tensor, *others: object, **words: object) -> Tensor:
    return x.new_empty(x.shape)


def _elementwise(x: Tensor, y: Tensor | float, **words: object) -> Tensor:
    if not isinstance(y, Tensor) or x.shape == y.shape:
        return _same_shape(x)
    axes = max(x.ndim, y.ndim)  # not torch.broadcast_shapes, whose imports are slow
    ours, theirs = ([1] * (axes - each.ndim) + list(each.shape) for each in (x, y))
    return x.new_empty([b if a == 1 else a for a, b in zip(ours, theirs, strict=True)])


def _mean(x: Tensor, dims: Sequence[int] | None, keep: bool = False, **words: object) -> Tensor:
    gone = {dim % x.ndim for dim in (dims or range(x.ndim))}
    kept = [1 if dim in gone else size for dim, size in enumerate(x.shape) if keep or dim not in gone]
    return x.new_empty(kept)


def _cat(parts: list[Tensor], dim: int = 0) -> Tensor:
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    return parts[0].new_empty(shape)


def _stack(parts: list[Tensor], dim: int = 0) -> Tensor:
    shape = list(parts[0].shape)
    shape.insert(dim % (len(shape) + 1), len(parts))
    return parts[0].new_empty(shape)


def _repeat(x: Tensor, times: Sequence[int]) -> Tensor:
    shape = [1] * (len(times) - x.ndim) + list(x.shape)
    return x.new_empty([size * number for size, number in zip(shape, times, strict=True)])


def _slid(size: int, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False) -> int:
    """⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1; with `ceil` rounded up, if the last window begins inside."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count


def _convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool = False,
    output_padding: Sequence[int] = (),
    groups: int = 1,
) -> Tensor:
    kernel = weight.shape[2:]
    if not transposed:
        sizes = list(map(_slid, x.shape[2:], kernel, stride, padding, dilation))
        return x.new_empty(x.shape[0], weight.shape[0], *sizes)
    sizes = [
        (n - 1) * s - 2 * p + d * (k - 1) + o + 1
        for n, k, s, p, d, o in zip(
            x.shape[2:], kernel, stride, padding, dilation, output_padding, strict=True
        )
    ]
    return x.new_empty(x.shape[0], weight.shape[1] * groups, *sizes)


def _pool(x: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Tensor:
    """The result of sliding a window along the last axes."""
    axes = len(kernel)
    sizes = map(
        _slid,
        x.shape[-axes:],
        kernel,
        stride or kernel,
        _each(padding, axes),
        _each(dilation, axes),
        [ceil] * axes,
    )
    return x.new_empty(*x.shape[:-axes], *sizes)


def _max_pool(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil: bool = False
) -> tuple[Tensor, Tensor]:
    pooled = _pool(x, kernel, stride, padding, dilation, ceil)
    return pooled, pooled.new_empty(pooled.shape, dtype=torch.int64)


def _average_pool(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = 0, ceil: bool = False, *others: object
) -> Tensor:
    return _pool(x, kernel, stride, padding, 1, ceil)


def _each(value: Any, axes: int) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    return values * axes if len(values) == 1 else values


def _adaptive_max_pool(x: Tensor, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    pooled = x.new_empty(*x.shape[: -len(sizes)], *sizes)
    return pooled, pooled.new_empty(pooled.shape, dtype=torch.int64)


def _upsampled(x: Tensor, sizes: Any, *others: Any) -> Tensor:
    if sizes is None:
        factors = next(value for value in others if isinstance(value, list | tuple))
        sizes = [int(size * factor) for size, factor in zip(x.shape[2:], factors, strict=True)]
    return x.new_empty(*x.shape[:2], *sizes)


def _unfolded(x: Tensor, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Tensor:
    places = 1
    for size in map(_slid, x.shape[2:], kernel, stride, padding, dilation):
        places *= size
    return x.new_empty(x.shape[0], x.shape[1] * kernel[0] * kernel[1], places)


def _real_to_complex(x: Tensor, dims: Sequence[int], normalization: int, onesided: bool) -> Tensor:
    shape = list(x.shape)
    if onesided:
        shape[dims[-1]] = shape[dims[-1]] // 2 + 1
    return x.new_empty(shape, dtype=torch.complex128 if x.dtype is torch.float64 else torch.complex64)


def _complex_to_real(x: Tensor, dims: Sequence[int], normalization: int, last: int) -> Tensor:
    shape = list(x.shape)
    shape[dims[-1]] = last
    return x.new_empty(shape, dtype=torch.float64 if x.dtype is torch.complex128 else torch.float32)


def _batch_norm(x: Tensor, *others: object) -> tuple[Tensor, Tensor, Tensor]:
    return x.new_empty(x.shape), x.new_empty(0), x.new_empty(0)


#: The kernels by operator.
ON_META: dict[Any, Callable[..., Tensor | tuple[Tensor, ...]]] = {
    aten.addmm.default: _addmm,
    aten.mm.default: _mm,
    aten.bmm.default: _bmm,
    aten.tanh.default: _same_shape,
    aten.relu.default: _same_shape,
    aten.sigmoid.default: _same_shape,
    aten.silu.default: _same_shape,
    aten.leaky_relu.default: _same_shape,
    aten.elu.default: _same_shape,
    aten.gelu.default: _same_shape,
    aten.softplus.default: _same_shape,
    aten._softmax.default: _same_shape,
    aten.sqrt.default: _same_shape,
    aten.flip.default: _same_shape,
    aten.pow.Tensor_Scalar: _same_shape,
    aten.mul.Scalar: _same_shape,
    aten.add.Tensor: _elementwise,
    aten.sub.Tensor: _elementwise,
    aten.mul.Tensor: _elementwise,
    aten.div.Tensor: _elementwise,
    aten.maximum.default: _elementwise,
    aten.mean.dim: _mean,
    aten.native_batch_norm.default: _batch_norm,
    aten.native_layer_norm.default: _batch_norm,
    aten.native_group_norm.default: _batch_norm,
    aten.cat.default: _cat,
    aten.stack.default: _stack,
    aten.repeat.default: _repeat,
    aten.convolution.default: _convolution,
    aten.max_pool2d_with_indices.default: _max_pool,
    aten.max_pool3d_with_indices.default: _max_pool,
    aten.avg_pool2d.default: _average_pool,
    aten.avg_pool3d.default: _average_pool,
    aten.adaptive_max_pool2d.default: _adaptive_max_pool,
    aten.adaptive_max_pool3d.default: _adaptive_max_pool,
    aten.upsample_nearest1d.vec: _upsampled,
    aten.upsample_nearest2d.vec: _upsampled,
    aten.upsample_nearest3d.vec: _upsampled,
    aten.upsample_nearest1d.default: _upsampled,
    aten.upsample_nearest2d.default: _upsampled,
    aten.upsample_nearest3d.default: _upsampled,
    aten.upsample_linear1d.default: _upsampled,
    aten.upsample_bilinear2d.default: _upsampled,
    aten.upsample_trilinear3d.default: _upsampled,
    aten.im2col.default: _unfolded,
    aten._fft_r2c.default: _real_to_complex,
    aten._fft_c2r.default: _complex_to_real,
    aten._fft_c2c.default: _same_shape,
}
