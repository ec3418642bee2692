"""Training on a GPU against the bare PyTorch loop on the same card, at the same precision.

Contestants take turns; each ends by waiting for the card, so that what was only launched counts too.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from bench import replicas
from bench.compare import Comparison, compare
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import computing
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.image_import.collection import Collection
from glassnet.engine.frame import encode
from glassnet.engine.landscape.directions import random_direction
from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.grid import Grid
from glassnet.engine.landscape.methods import Slice, SlicedObjective
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.weights import Weights
from glassnet.engine.network.memory_layout import laid_out
from glassnet.engine.probes.activation_maps import ActivationMaps
from glassnet.engine.training.trainer import Trainer

PRESETS = Path(__file__).resolve().parents[1] / "app" / "presets"

#: Runs that share the card, and how long they do.
RUNS, SECONDS = 4, 4.0

SIDE = 51

FORMATS = torch.contiguous_format, torch.channels_last

#: Steps in one go of a contestant.
STEPS = 200


@dataclass(frozen=True)
class Measurement:
    """One figure: what was measured, its value as text, and the ratio beside the one that is wanted."""

    name: str
    value: str
    ratio: float | None = None
    wanted: str = ""

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"{self.name:<44} {self.value:<34} {ratio:>8}   {self.wanted}"


def main() -> Iterator[str]:
    """A line for each measurement; where there is no card, one that says so."""
    if not torch.cuda.is_available():
        yield "GPU: not measured, torch sees no CUDA device here"
        return
    yield card()
    yield from map(str, measurements())


def card() -> str:
    """What is measured on."""
    return f"{torch.cuda.get_device_name()}, torch {torch.__version__}, CUDA {torch.version.cuda}"


def measurements() -> Iterator[Measurement]:
    """All of them, one after the other. A card is needed."""
    yield from _small_networks()
    yield from _large_networks()
    yield from _layouts()
    yield from _compiled()
    yield _landscape()
    yield _replicas()
    yield from _beginning()
    yield from _shared()


def _small_networks() -> Iterator[Measurement]:
    for name, trainer, batch, wanted in (
        ("2-8-8-8-1, batch 10", Trainer(playground(), device="cuda"), 10, 4),
        ("digits CNN, batch 32", digits_cnn(), 32, 3),
    ):
        result = _beside_the_bare_loop(trainer, batch, STEPS)
        rate, bare = (STEPS / statistics.median(each) for each in (result.ours, result.theirs))
        value = f"{rate:,.0f} steps/s, bare {bare:,.0f}"
        yield Measurement(name, value, result.ratio, f"at least {wanted} × the bare eager loop")


def _replicas() -> Measurement:
    value, ratio = replicas.measured("cuda")
    name = f"{replicas.REPLICAS:,} replicas of 2-8-8-8-1"
    return Measurement(name, value, ratio, "at least 200 × one at a time")


def _large_networks() -> Iterator[Measurement]:
    for name, experiment, steps, wanted in (
        ("ResNet-18, 32×32, batch 128, bfloat16", resnet18("bfloat16"), 10, 0.97),
        ("ResNet-18, 32×32, batch 128, tf32", resnet18("tf32"), 10, 0.97),
        ("MLP 3×1024, batch 128", wide_mlp(), 20, 1.0),
        ("segmentation of shapes, U-Net, batch 128", example("50-shapes-segmentation"), 20, 1.0),
        ("detection of shapes, YOLO v1, batch 128", example("60-shapes-detection"), 20, 1.0),
    ):
        trainer = Trainer(experiment, device="cuda")
        result = _beside_the_bare_loop(trainer, 128, steps)
        rate = f"{steps * 128 / statistics.median(result.ours):,.0f} samples/s"
        yield Measurement(name, rate, result.ratio, f"at least {wanted} × the bare loop")
        if experiment.training.precision == "bfloat16":
            watched = compare(_watched(trainer, steps), _bare(trainer, 128, steps), rounds=5)
            rate = f"{steps * 128 / statistics.median(watched.ours):,.0f} samples/s"
            yield Measurement("  with activation maps at 5 Hz", rate, watched.ratio, "at least 0.95 ×")
        del trainer
        torch.cuda.empty_cache()


def _layouts() -> Iterator[Measurement]:
    """Channels last against contiguous images, and which of them was measured to be quicker."""
    for precision in ("float32", "tf32", "bfloat16"):
        chosen = Trainer(resnet18(precision), device="cuda")._single.memory_format
        contiguous, last = (_laid_out(resnet18(precision), form) for form in FORMATS)
        result = compare(partial(_ours, last, 10), partial(_ours, contiguous, 10), rounds=5)
        name = f"ResNet-18, {precision}, channels last to contiguous"
        yield Measurement(name, f"chosen: {str(chosen).removeprefix('torch.')}", result.ratio)
        del last, contiguous
        torch.cuda.empty_cache()


def _laid_out(experiment: Experiment, form: torch.memory_format) -> Trainer:
    trainer = Trainer(experiment, device="cuda")
    trainer._single.layout.restore(FORMATS.index(form) + 1)
    return trainer


def _compiled() -> Iterator[Measurement]:
    """Steps of compiled code against the same steps without, and the seconds until the code is there."""
    document = resnet18("bfloat16").document()
    document["training"]["compile"] = True
    trainer = Trainer(Experiment.parse(document), device="cuda")
    plain = Trainer(resnet18("bfloat16"), device="cuda")
    began = time.perf_counter()
    while trainer.tier.name != "compiled" and (trainer.tier.detail or "").startswith("compiling"):
        _ours(trainer, 10)
    seconds = time.perf_counter() - began
    _ours(trainer, 10)
    if trainer.tier.name != "compiled":
        yield Measurement("ResNet-18, bfloat16, compiled", str(trainer.tier.detail))
        return
    result = compare(partial(_ours, trainer, 10), partial(_ours, plain, 10), rounds=5)
    yield Measurement("ResNet-18, bfloat16, compiled to captured", f"after {seconds:.0f} s", result.ratio)


def _beside_the_bare_loop(trainer: Trainer, batch: int, steps: int) -> Comparison:
    return compare(partial(_ours, trainer, steps), _bare(trainer, batch, steps), rounds=7)


def _ours(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        trainer.step()
    trainer.take_loss()  # waits for the card, as a row does


def _bare(trainer: Trainer, size: int, steps: int) -> Callable[[], object]:
    """The same network, data, optimizer and precision in the plainest loop; it starts over where data end."""
    task, data, device = trainer.experiment.task, trainer.data.train, trainer.device
    network = BareNetwork(trainer)
    criterion = task.compare(task.losses[0]).build().to(device)
    targets = task.targets(task.losses[0], trainer.experiment.data).build(targets=data.targets)
    inputs = laid_out(data.inputs[:].clone(), trainer._single.memory_format)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.03)
    precision = trainer.experiment.training.precision
    starts = [i % (len(inputs) // size) * size for i in range(steps)]

    def run() -> None:
        for start in starts:
            optimizer.zero_grad()
            with computing(precision, device):
                output = network(inputs[start : start + size])
                loss = criterion(output.float(), targets[start : start + size])
                loss.backward()
            optimizer.step()
        loss.item()

    return run


class BareNetwork(nn.Module):
    """The modules of a plan, called in their order; a chain where there is no shortcut."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.steps = [(placed.name, [s.name for s in placed.sources]) for placed in trainer.plan.nodes]
        self.nodes = nn.ModuleList(placed.item.call(placed.context).build() for placed in trainer.plan.nodes)
        self.to(trainer.device)

    def forward(self, x: Tensor) -> Tensor:
        values = {"input": x}
        for (name, sources), module in zip(self.steps, self.nodes, strict=True):
            x = values[name] = module(*(values[source] for source in sources))
        return x


def _watched(trainer: Trainer, steps: int) -> Callable[[], object]:
    """Training while somebody looks at the activation maps five times a second."""
    look = ActivationMaps().prepare(trainer)
    shown = [time.monotonic()]

    def run() -> None:
        for _ in range(steps):
            trainer.step()
            if time.monotonic() - shown[0] >= 0.2:
                shown[0] = time.monotonic()
                encode({}, look())
        trainer.take_loss()

    return run


def _landscape() -> Measurement:
    """From the trainer to all losses, against a state dictionary for each point, loaded and run."""
    trainer, samples = digits_cnn(), 500
    _ours(trainer, 50)
    parameters = {name: tensor.detach() for name, tensor in trainer.network.named_parameters()}
    generator = torch.Generator().manual_seed(0)
    directions = [random_direction(parameters, generator) for _ in range(2)]
    points = Grid([(-1, 1), (-1, 1)], SIDE).points
    objective = Objective(trainer, "train", samples)
    chosen: list[str] = []

    def ours() -> Tensor:
        mine = Objective(trainer, "train", samples)
        weights = Weights(mine.network)
        origin = weights.vector(dict(mine.network.named_parameters()))
        axes = torch.stack([weights.vector(direction) for direction in directions])
        evaluator = Evaluator(SlicedObjective(mine, Slice(origin, axes)))
        losses = torch.cat([part.cpu() for part in evaluator.losses(points)])
        chosen.append(evaluator.chosen)
        return losses

    @torch.no_grad()
    def theirs() -> Tensor:
        part, losses = objective.parts[0], []
        for a, b in points.tolist():
            moved = {n: t + a * directions[0][n] + b * directions[1][n] for n, t in parameters.items()}
            outputs = functional_call(objective.network, moved, (part.inputs,))
            losses.append(objective.compare(outputs, part.targets))
        return torch.stack(losses).cpu()

    difference = float(((ours() - theirs()).abs() / theirs().abs().clamp_min(1)).max())
    result = compare(ours, theirs, rounds=3, seconds=0.0001)
    rate = f"{len(points) / statistics.median(result.ours):,.0f} points/s, {statistics.mode(chosen)}"
    name = f"landscape {SIDE}×{SIDE} of the digits CNN, equal to {difference:.0e}"
    return Measurement(name, rate, result.ratio, "at least 20 × the loop")


def _beginning() -> Iterator[Measurement]:
    """Seconds from an experiment to its first step, in this process, which has used the card before."""
    for name, experiment in (("2-8-8-8-1", playground()), ("ResNet-18", resnet18("bfloat16"))):
        began = time.perf_counter()
        _ours(Trainer(experiment, device="cuda"), 1)
        yield Measurement(
            f"first step, {name}", f"{time.perf_counter() - began:.2f} s", None, "at most 1.5 s"
        )


def _shared() -> Iterator[Measurement]:
    """One run alone, then several at once, each a process; in all, and how fair."""
    alone = _steps_at_once(1)[0]
    together = _steps_at_once(RUNS)
    total, spread = sum(together) / alone, (max(together) - min(together)) / statistics.mean(together)
    rate = f"{alone / SECONDS:,.0f} steps/s alone"
    yield Measurement(f"{RUNS} runs at once, in all", rate, total, "at least 1.0 × one alone")
    yield Measurement(f"{RUNS} runs at once, from slowest to fastest", f"{spread:.0%}", None, "at most 20 %")


def _steps_at_once(runs: int) -> list[int]:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(runs), context.Queue()
    workers = [context.Process(target=_train, args=(barrier, answers)) for _ in range(runs)]
    for worker in workers:
        worker.start()
    taken = [answers.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    return taken


def _train(barrier: Barrier, answers: Any) -> None:
    trainer = Trainer(playground(), device="cuda")
    _ours(trainer, STEPS)
    barrier.wait()
    end, steps = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        _ours(trainer, 100)
        steps += 100
    answers.put(steps)


def playground() -> Experiment:
    nodes: list[dict[str, Any]] = []
    for units in (8, 8, 8, None):
        nodes += [{"kind": "linear", "units": units}, {"kind": "tanh"}]
    return Experiment.parse(
        {
            "data": {"kind": "spiral"},
            "task": {"kind": "classification", "losses": [{"kind": "mse"}]},
            "network": nodes,
            "training": {"epochs": 10**6, **_sgd()},
        }
    )


def digits_cnn() -> Trainer:
    """ConvNetJS's digits network at batch 32, on drawn pictures of the digits' size."""
    convolution = {"kind": "conv2d", "kernel": 5, "padding": 2}
    nodes: list[dict[str, Any]] = []
    for filters in (8, 16):
        nodes += [{**convolution, "filters": filters}, {"kind": "relu"}, {"kind": "max_pool2d"}]
    draw = np.random.default_rng(0)
    labels = np.arange(1600) % 10
    pictures = draw.integers(0, 128, (1600, 1, 8, 8)) + 12 * labels[:, None, None, None]
    blob = Collection(pictures.astype(np.uint8), labels, [str(n) for n in range(10)]).packed()
    digest = hashlib.sha256(blob).hexdigest()
    shown = {"names": [str(n) for n in range(10)], "size": 8, "channels": 1, "pictures": len(labels)}
    document = {
        "data": {"kind": "own_images", "blob": f"sha256:{digest}", **shown},
        "network": [*nodes, {"kind": "flatten"}, {"kind": "linear", "units": None}],
        "training": {"batch_size": 32, "epochs": 10**6, **_sgd()},
    }
    with TemporaryDirectory() as folder:
        file = Path(folder) / digest[:2] / digest
        file.parent.mkdir()
        file.write_bytes(blob)
        return Trainer(Experiment.parse(document), device="cuda", blobs=Blobs(Path(folder)))


def resnet18(precision: str) -> Experiment:
    """ResNet-18 as it is made for 32×32: a stem of 3×3, no pooling before the blocks."""
    nodes: list[dict[str, Any]] = [
        {"kind": "conv2d", "filters": 64, "kernel": 3, "padding": 1},
        {"kind": "batch_norm"},
        {"kind": "relu"},
    ]
    for filters, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        nodes.append({"kind": "residual_conv2d", "filters": filters, "stride": stride})
    nodes += [{"kind": "global_average_pool"}, {"kind": "linear", "units": None}]
    return Experiment.parse(
        {
            "data": {"kind": "shapes", "samples": 2000, "size": 32},
            "network": nodes,
            "training": {"batch_size": 128, "epochs": 10**6, "precision": precision, **_sgd()},
        }
    )


def example(name: str) -> Experiment:
    """One of the page's examples, trained as the others here are."""
    document = json.loads((PRESETS / f"{name}.json").read_text())
    return Experiment.parse(document | {"training": {"batch_size": 128, "epochs": 10**6, **_sgd(0.001)}})


def wide_mlp() -> Experiment:
    nodes: list[dict[str, Any]] = [{"kind": "flatten"}]
    for _ in range(3):
        nodes += [{"kind": "linear", "units": 1024}, {"kind": "relu"}]
    return Experiment.parse(
        {
            "data": {"kind": "shapes", "samples": 2000, "size": 32},
            "network": [*nodes, {"kind": "linear", "units": None}],
            "training": {"batch_size": 128, "epochs": 10**6, **_sgd()},
        }
    )


def _sgd(learning_rate: float = 0.03) -> dict[str, Any]:
    return {"updates": [{"optimizer": {"kind": "sgd", "learning_rate": learning_rate}}]}
