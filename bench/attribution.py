"""Attributions against captum, and what it costs training to be watched.

*Top nine*: the nine strongest activations of each map of a layer, sent down to the pixels, given which images
they are in. captum's NeuronDeconvolution gets one image a call, or a map's nine images a call. *Occlusion*:
the mean drop of the class's score against captum's Occlusion as it comes. *Watched*: steps a second while
the nine projections of one map, or the live occlusion of one picture, are looked at.
"""

from __future__ import annotations

import copy
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from bench.compare import compare
from glassnet.engine.attribution.methods import Explanation
from glassnet.engine.attribution.occlusion import OccluderGrid, drops
from glassnet.engine.attribution.projection import project
from glassnet.engine.attribution.top_activations import Scan, TopActivations
from glassnet.engine.attribution.view import SignalView
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Picture
from glassnet.engine.probes.features import Features
from glassnet.engine.probes.occlusion import Occlusion as LiveOcclusion
from glassnet.engine.training.trainer import Trainer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum.attr import NeuronDeconvolution, Occlusion

NINE = 9

#: Name, the least that is wanted against one image a call, filters of its convolutions, their kernel, data.
NETWORKS: list[tuple[str, float, list[int], int, dict[str, Any]]] = [
    ("digits", 15, [8, 16], 5, {"kind": "digits"}),
    ("CIFAR shapes", 5, [16, 32, 32], 3, {"kind": "shapes", "samples": 600}),
]


def main() -> Iterator[str]:
    """A line for each measurement: ours, the ratio, and what was wanted."""
    warnings.simplefilter("ignore", UserWarning)
    for name, least, filters, kernel, data in NETWORKS:
        trainer = Trainer(_network(filters, kernel, data))
        for _ in range(60):
            trainer.step()
        node = f"relu{len(filters)}"
        ours, one, nine = _top_nine(trainer, node)
        per_image = compare(ours, one, rounds=5)
        seconds = 1000 * statistics.median(per_image.ours)
        pairs = NINE * filters[-1]
        yield (
            f"top nine   {name:<13} {pairs} projections in {seconds:.1f} ms   "
            f"{per_image.ratio:.1f}× captum, an image a call (at least {least:g})"
        )
        per_nine = compare(ours, nine, rounds=5)
        yield f"top nine   {name:<13} {per_nine.ratio:.1f}× captum, nine images a call (at least 1)"
        slide, theirs, count = _occlusion(trainer)
        yield (
            f"occlusion  {name:<13} {count} places   {compare(slide, theirs, rounds=5).ratio:.1f}× captum "
            "(at least 5)"
        )
        side = trainer.plan.input_shape[1]
        square = LiveOcclusion(size=side // 4, stride=max(1, side // 16))
        for what, probe in (("projections", Features(node=node, channels=[0])), ("occlusion", square)):
            cost = f"{100 * _watched(trainer, probe):.1f} % of the steps (at most 15)"
            yield f"watched    {name:<13} {what} at {probe.hz:g} Hz cost {cost}"


def _top_nine(trainer: Trainer, node: str) -> tuple[Callable[[], object], ...]:
    """Ours, captum with an image a call, captum with nine a call; all three are seen to agree."""
    maps = trainer.plan[node].shape[0]
    view, inputs = SignalView(trainer.evaluation_network, trainer.plan), trainer.data.test.inputs
    board = TopActivations(maps, NINE)
    for _ in Scan(view, node, inputs, board).scan_all(0):
        pass
    images, channels = board.images.flatten(), torch.arange(maps).repeat_interleave(NINE)
    pictures = inputs[images]
    across = trainer.plan[node].shape[2]
    places = torch.stack([board.positions.flatten() // across, board.positions.flatten() % across], dim=1)
    network, layer = _sequential(trainer, node)
    theirs = NeuronDeconvolution(network, layer)

    def ours() -> Tensor:
        return project(view, node, inputs, channels, images=images, value="one").signals

    def one() -> Tensor:
        found = []
        for picture, channel, place in zip(pictures, channels.tolist(), places.tolist(), strict=True):
            found.append(theirs.attribute(picture[None], (channel, *place)))
        return torch.cat(found)

    def nine() -> Tensor:
        found = []
        for channel in range(maps):
            part = slice(NINE * channel, NINE * channel + NINE)
            rows, columns = places[part].unbind(1)
            found.append(theirs.attribute(pictures[part], _seed(channel, rows, columns)))
        return torch.cat(found)

    expected = ours()
    for result in (one(), nine()):
        torch.testing.assert_close(result.detach(), expected, rtol=1e-4, atol=1e-6)
    return ours, one, nine


def _seed(channel: int, rows: Tensor, columns: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda maps: maps[torch.arange(len(rows)), channel, rows, columns]


def _occlusion(trainer: Trainer) -> tuple[Callable[[], object], Callable[[], object], int]:
    x = trainer.data.test.inputs[:1]
    side = x.shape[2]
    squares = OccluderGrid((side, side), side // 4, max(1, side // 16))
    explanation = Explanation(trainer, None, x)
    network, _ = _sequential(trainer, trainer.plan.nodes[-1].name)
    theirs = Occlusion(network)
    window, strides = (x.shape[1], squares.size, squares.size), (x.shape[1], squares.stride, squares.stride)
    numbers = explanation.view.numbers(trainer.plan.loss_nodes[0])

    def ours() -> Tensor:
        return drops(explanation.score, x, torch.zeros_like(x), squares, numbers=numbers)

    def captums() -> Tensor:
        found: Tensor = theirs.attribute(x, window, strides, baselines=0.0, target=explanation.target)
        return found

    torch.testing.assert_close(captums()[0, 0], ours(), rtol=1e-3, atol=1e-5)
    return ours, captums, squares.count


def _watched(trainer: Trainer, probe: Picture, seconds: float = 3.0, rounds: int = 5) -> float:
    """The share of the steps that looks at the probe's usual rate cost; with and without take turns."""
    look = probe.prepare(trainer)
    shares = []
    for _ in range(rounds):
        alone = _steps(trainer, seconds, None, 1)
        watched = _steps(trainer, seconds, look, 1 / probe.hz)
        shares.append(1 - watched / alone)
    return statistics.median(shares)


def _steps(trainer: Trainer, seconds: float, look: Callable[[], object] | None, every: float) -> int:
    # The processor's time: another process shall not count as the cost of looking.
    steps, start = 0, time.process_time()
    due = start
    while (now := time.process_time()) - start < seconds:
        if look is not None and now >= due:
            look()
            due += every
        trainer.step()
        steps += 1
    return steps


def _sequential(trainer: Trainer, node: str) -> tuple[nn.Sequential, nn.Module]:
    """The same weights as a plain PyTorch network, for captum, and one of its layers."""
    names = [placed.name for placed in trainer.plan.nodes]
    modules = [copy.deepcopy(trainer.evaluation_network.get_submodule(name)) for name in names]
    return nn.Sequential(*modules).eval(), modules[names.index(node)]


def _network(filters: list[int], kernel: int, data: dict[str, Any]) -> Experiment:
    nodes: list[dict[str, Any]] = []
    for number, count in enumerate(filters, 1):
        padding = (kernel - 1) // 2
        convolution = {"kind": "conv2d", "filters": count, "kernel": kernel, "padding": padding}
        nodes += [convolution, {"kind": "relu", "name": f"relu{number}"}, {"kind": "max_pool2d"}]
    nodes += [{"kind": "flatten"}, {"kind": "linear", "units": None}]
    training = {
        "batch_size": 32,
        "epochs": 100_000,
        "updates": [{"optimizer": {"kind": "adam", "learning_rate": 0.001}}],
    }
    return Experiment.parse({"data": data, "network": nodes, "training": training})
