"""The first layer: dead filters and aliasing (Zeiler & Fergus 2014, section 4.1 and figure 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from glassnet.engine.attribution.applicability import require_images
from glassnet.engine.attribution.chunks import in_chunks
from glassnet.engine.attribution.frame_images import signed
from glassnet.engine.attribution.spectrum import beyond_nyquist, filter_spectra
from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.layers.convolving import ConvolutionModule
from glassnet.engine.items.node import INPUT
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan, PlannedNode
    from glassnet.engine.training.observed import Observed

#: A filter is faint whose root mean square is under this share of the strongest's.
FAINT = 1 / 5


class FirstLayer(NetworkStudy):
    """First layer: its filters, those that no image activates, and the aliasing of its stride.

    Zeiler & Fergus 2014 visualised AlexNet's first layer (11×11 filters, stride 4), found dead filters and
    aliasing, and changed it to 7×7 with stride 2 (section 4.1, figure 6). A stride of s keeps every sth
    number: patterns finer than 2s pixels are folded onto coarse ones. For F filters:
    `filters` uint8 (F, channels, k, k) with `.range` (F, 2), 128 is zero; `strongest` float32 (F,), the
    greatest activation after the ReLU over all images searched, 0 is dead; `alive` float32 (F,), the
    share of images that activate it; `rms` float32 (F,), the root mean square of its weights, and `faint`
    uint8 (F,), 1 where that is under a fifth of the strongest's: grey where all are drawn on one scale, next
    to a few that dominate, as in figure 6; `spectrum` float32 (F, 32, 32), the filter's power at each
    frequency, frequency 0 in the middle; `fine` float32 (F,), the share of that power too fine for the
    stride; `aliased` float32 (F,), the same share of its response to the images, before the stride;
    `stride`, `kernel` int32; `seen` int32 (2,): images searched, and all.
    """

    kind: Literal["first_layer"] = "first_layer"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Dead filters and aliasing, counted.",),
        cons=("First layers only.",),
        use="To judge kernel size and stride.",
        example=Example(
            "A stride of 4 keeps every fourth pixel: patterns finer than 8 are folded.",
            preset="alexnet-shapes",
        ),
        shows=(
            "filters",
            "spectrum",
            "strongest",
        ),
    )
    set: Literal["train", "test"] = option("train", "The set that is searched.")
    images: int = option(1000, "The number of images searched: the first of the set.", ge=1, le=100_000)

    def check(self, plan: Plan) -> None:
        require_images(plan)
        _first(plan)

    def compute(self, trainer: Observed, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        placed = _first(trainer.plan)
        module = trainer.evaluation_network.get_submodule(placed.name)
        assert isinstance(module, nn.Conv2d | ConvolutionModule)
        weight = module.weight.detach()
        stride, kernel = max(map(int, module.stride)), max(map(int, module.kernel_size))
        samples = trainer.data.train if self.set == "train" else trainer.data.test
        total = min(self.images, len(samples))
        spectra = filter_spectra(weight)
        levels, ranges = signed(weight)
        rms = weight.flatten(1).square().mean(dim=1).sqrt()
        fixed = {
            "rms": rms.float().cpu(),
            "faint": (rms < FAINT * rms.amax()).byte().cpu(),
            "filters": levels,
            "filters.range": ranges,
            "spectrum": spectra.float().cpu(),
            "fine": beyond_nyquist(spectra, stride).float().cpu(),
            "stride": torch.tensor(stride, dtype=torch.int32),
            "kernel": torch.tensor(kernel, dtype=torch.int32),
        }
        strongest = torch.zeros(len(weight), device=weight.device, dtype=weight.dtype)
        alive, power, folded = (torch.zeros_like(strongest) for _ in range(3))

        @torch.no_grad()
        def piece(start: int, stop: int) -> None:
            x = samples.inputs[start:stop]
            whole, beyond = _response(x, module, stride)
            most = module(x).flatten(2).amax(dim=2).clamp_min(0)  # (images, filters)
            strongest.copy_(torch.maximum(strongest, most.amax(dim=0)))
            alive.add_((most > 0).sum(dim=0))
            power.add_(whole)
            folded.add_(beyond)

        # The response before the stride.
        numbers = 4 * len(weight) * trainer.plan.input_shape[1] * trainer.plan.input_shape[2]
        for _, stop, _ in in_chunks(total, numbers, piece):
            found = {
                "strongest": strongest.float().cpu(),
                "alive": (alive / stop).float().cpu(),
                "aliased": (folded / power.clamp_min(1e-30)).float().cpu(),
                "seen": torch.tensor([stop, total], dtype=torch.int32),
            }
            yield StudyFrame(stop / total, fixed | found)


def _response(x: Tensor, module: nn.Conv2d | ConvolutionModule, stride: int) -> tuple[Tensor, Tensor]:
    """The power of each filter's response without a stride and mean, and the part that a stride aliases."""
    borders = [border for border in reversed(list(map(int, module.padding))) for _ in range(2)]
    padded = nn.functional.pad(x, borders)
    response = nn.functional.conv2d(
        padded, module.weight, dilation=list(map(int, module.dilation)), groups=module.groups
    )
    response = response - response.mean(dim=(2, 3), keepdim=True)
    power = torch.fft.fft2(response).abs().square().sum(dim=0)  # (filters, h, w)
    return power.sum(dim=(1, 2)), power.sum(dim=(1, 2)) * beyond_nyquist(power, stride, centred=False)


def _first(plan: Plan) -> PlannedNode:
    """The convolution that reads the image. Raises ValueError where there is none."""
    for placed in plan.nodes:
        if placed.item.slides and all(source.name == INPUT for source in placed.sources):
            return placed
    raise ValueError("no convolution reads the image; expected a network whose first layer is one")
