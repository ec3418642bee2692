"""Convolution modules that torch does not have: by Fourier transforms, or with a bias at each location.

The classes are copied into exported scripts, so they name nothing but torch and math.
"""

from __future__ import annotations

import math

import torch


class ConvolutionModule(torch.nn.Module):
    """A convolution with its parameters; `places` is the shape of one filter's bias, None: no bias."""

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dilation: tuple[int, ...],
        groups: int,
        places: tuple[int, ...] | None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.kernel_size = channels, filters, kernel
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        self.places = places
        self.weight = torch.nn.Parameter(torch.zeros(filters, channels // groups, *kernel))
        biases = None if places is None else torch.nn.Parameter(torch.zeros(filters * math.prod(places)))
        self.bias: torch.nn.Parameter | None = biases

    def slide(self, x: torch.Tensor) -> torch.Tensor:
        """The sums of products, (batch, filters, …)."""
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.slide(x)
        if self.bias is None or self.places is None:
            return y
        return y + self.bias.view(self.out_channels, *self.places)


class DirectConvolution(ConvolutionModule):
    """Convolution by sums of products."""

    def slide(self, x: torch.Tensor) -> torch.Tensor:
        slide = {1: torch.conv1d, 2: torch.conv2d, 3: torch.conv3d}[len(self.kernel_size)]
        y: torch.Tensor = slide(x, self.weight, None, self.stride, self.padding, self.dilation, self.groups)
        return y


class FourierConvolution(ConvolutionModule):
    """Convolution by the convolution theorem: a product of Fourier transforms.

    The kernel's transform is conjugated, because layers cross-correlate. The transform is as long as the
    padded input, so what wraps around lies where no kernel fits, and is cut off.
    """

    def slide(self, x: torch.Tensor) -> torch.Tensor:
        borders = [border for border in reversed(self.padding) for _ in range(2)]
        x = torch.nn.functional.pad(x, borders)
        sizes, axes = x.shape[2:], tuple(range(-len(self.kernel_size), 0))
        inputs = torch.fft.rfftn(x, dim=axes)
        kernels = torch.fft.rfftn(self.spread(), s=sizes, dim=axes)
        by_group = inputs.reshape(len(x), self.groups, -1, *inputs.shape[2:]).flatten(3)
        filters = kernels.reshape(self.groups, -1, *kernels.shape[1:]).flatten(3)
        products = torch.einsum("ngcf,gocf->ngof", by_group, filters.conj())
        y: torch.Tensor = torch.fft.irfftn(products.reshape(len(x), -1, *inputs.shape[2:]), s=sizes, dim=axes)
        for axis, (kernel, stride, dilation) in enumerate(
            zip(self.kernel_size, self.stride, self.dilation, strict=True), 2
        ):
            reach = dilation * (kernel - 1)
            y = y.narrow(axis, 0, y.shape[axis] - reach)
            if stride > 1:
                y = y[(slice(None),) * axis + (slice(None, None, stride),)]
        return y

    def spread(self) -> torch.Tensor:
        """The kernel with dilation − 1 zeros between its numbers."""
        weight: torch.Tensor = self.weight
        for axis, (kernel, dilation) in enumerate(zip(self.kernel_size, self.dilation, strict=True), 2):
            if dilation > 1:
                behind = [0, 0] * (weight.ndim - axis - 1) + [0, dilation - 1]
                apart = torch.nn.functional.pad(weight.unsqueeze(axis + 1), behind)
                weight = apart.flatten(axis, axis + 1).narrow(axis, 0, dilation * (kernel - 1) + 1)
        return weight
