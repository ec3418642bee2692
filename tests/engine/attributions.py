"""Networks for the tests of attribution: plain torch modules with ReLUs written in every way."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import Document, experiment

#: Ways to write the very same function.
RELUS: dict[str, Callable[[Tensor], Tensor]] = {
    "function": F.relu,
    "method": lambda x: x.relu(),
    "in place": lambda x: x.relu_(),
    "in place, by function": lambda x: F.relu(x, inplace=True),
    "clamp": lambda x: x.clamp(min=0),
    "clamp_min": lambda x: x.clamp_min(0),
    "threshold": lambda x: F.threshold(x, 0, 0),
}


class Answer(nn.Module):
    """A trainer's network as captum wants it: samples to logits."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.network = trainer.evaluation_network

    def forward(self, x: Tensor) -> Tensor:
        outputs: dict[str, Tensor] = self.network(x)
        return outputs["output"]


class Plain(nn.Module):
    """Overlapping pools (15 → 7, and 3×3/2 on 17×13), batch norm in evaluation, a residual block, a head.

    ReLUs are modules, or a function that is called.
    """

    def __init__(self, relu: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.conv2, self.conv3 = nn.Conv2d(6, 6, 3, padding=1), nn.Conv2d(6, 5, 3)
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.head = nn.Linear(5, 7)
        self._relu = relu

    def relu(self, module: nn.Module, x: Tensor) -> Tensor:
        return module(x) if self._relu is None else self._relu(x)

    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.relu(self.relu1, self.norm1(self.conv1(x))), 3, 2)
        x = x + self.relu(self.relu2, self.conv2(x))
        return self.relu(self.relu3, self.conv3(x))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x).mean(dim=(2, 3)))  # type: ignore[no-any-return]


def plain(relu: Callable[[Tensor], Tensor] | None = None) -> Plain:
    """The same weights each time, float64; batch norm has seen something."""
    generator = torch.Generator().manual_seed(1)
    network = Plain(relu).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
        network.norm1.weight.copy_(torch.tensor([1.5, -0.7, 0.3, 1, -1, 2]))
        network.norm1.running_mean.copy_(0.3 * torch.randn(6, generator=generator))  # type: ignore[union-attr]
        network.norm1.running_var.copy_(torch.rand(6, generator=generator) + 0.3)  # type: ignore[union-attr]
    return network.eval()


def images(count: int = 4) -> Tensor:
    """Not square, so that height and width cannot be taken for each other."""
    return torch.randn(count, 3, 17, 13, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def picture_network(*, relu: str = "relu", size: int = 28, **further: object) -> Experiment:
    """Two convolutions on small shapes, the second behind an overlapping pool, and a dense answer."""
    network: list[Document] = [
        {"kind": "conv2d", "name": "conv1", "filters": 4, "kernel": 5, "padding": 2, "stride": 2},
        {"kind": relu, "name": "relu1"},
        {"kind": "max_pool2d", "name": "pool1", "kernel": 3, "stride": 2},
        {"kind": "conv2d", "name": "conv2", "filters": 5, "kernel": 3, "padding": "same"},
        {"kind": relu, "name": "relu2"},
        {"kind": "flatten", "name": "flatten1"},
        {"kind": "linear", "name": "output", "units": None},
    ]
    data = {"kind": "shapes", "samples": 60, "size": size, **further}
    return experiment(network, data=data, precision="float64")
