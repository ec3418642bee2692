"""Published architectures against a bare PyTorch loop, and what planning them costs.

The bare loop has the module of the exported script, `torch.optim.SGD` with momentum, and `zero_grad`,
`backward`, `step` on slices of the same pictures. Rounds are interleaved, in processor time, so that
what else the machine does counts for both.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.compare import compare
from bench.training import take_steps
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.python import script
from glassnet.engine.network import planner
from glassnet.engine.training.trainer import Trainer

Document = dict[str, Any]

BATCH, ROUNDS, SECONDS = 32, 5, 1.0

TRAINED: dict[str, Document] = {
    "ResNet-18": {"kind": "resnet", "depth": 18, "stem": "small"},
    "MobileNet-v1 width 0.25": {"kind": "mobilenet_v1", "width": 0.25},
}

PLANNED: dict[str, Document] = {
    "ResNet-152": {"kind": "resnet", "depth": 152},
    "Inception-ResNet-v2": {"kind": "inception_resnet_v2"},
}


def main() -> Iterator[str]:
    """A line for each measurement: the ratio to the bare loop; seconds and memory of planning."""
    for name, node in TRAINED.items():
        trainer = Trainer(_experiment(node, {"kind": "shapes", "samples": 320, "size": 32}))
        ours, theirs = _one_step(trainer), _bare_step(trainer)
        result = compare(ours, theirs, rounds=ROUNDS, seconds=SECONDS, clock=time.process_time)
        yield f"{name}, 32×32, batch {BATCH}: {result.ratio:.3f}× the bare loop (at least 0.97)"
    for name, node in PLANNED.items():
        experiment = _experiment(node, {"kind": "own_images", "size": 299, "channels": 3, **_NAMED})
        planner.plan(experiment)
        start = time.process_time()
        planner.plan(experiment)
        yield f"{name}: planned in {time.process_time() - start:.2f} s, warm (less than 1)"
    yield _described(_experiment(PLANNED["ResNet-152"], {"kind": "shapes", "size": 224}))


#: Classes of pictures that are not loaded where a network is only planned.
_NAMED: Document = {"names": [f"class {number}" for number in range(1000)], "pictures": 2000}


def _experiment(node: Document, data: Document) -> Experiment:
    optimizer = {"kind": "sgd", "learning_rate": 0.01, "momentum": 0.9}
    training = {"batch_size": BATCH, "epochs": 1000, "updates": [{"optimizer": optimizer}]}
    return Experiment.parse({"data": data, "network": [{"name": "net", **node}], "training": training})


def _one_step(trainer: Trainer) -> Callable[[], object]:
    return lambda: take_steps(trainer, 1)


def _bare_step(trainer: Trainer) -> Callable[[], object]:
    """A step of the same network, as its script writes it."""
    text, _ = script(trainer.experiment)
    found: Document = {"__name__": "exported"}
    exec(compile(text, "exported", "exec"), found)  # noqa: S102 our own script
    network: nn.Module = found["Network"](torch.Generator())
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    inputs, targets = trainer.data.train.inputs[:].clone(), trainer.data.train.targets
    places = [slice(at, at + BATCH) for at in range(0, len(inputs) - BATCH + 1, BATCH)]
    taken = 0

    def step() -> None:
        nonlocal taken
        place = places[taken % len(places)]
        taken += 1
        optimizer.zero_grad()
        loss = criterion(network(inputs[place])[0], targets[place])
        loss.backward()
        optimizer.step()

    return step


#: A command that ends with the most memory it had, of itself alone: what a parent is told has its own in it.
DESCRIBE = """
import sys
from glassnet.app.cli import main
main(["describe", sys.argv[1], "--json"])
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")), file=sys.stderr)
"""


def _described(experiment: Experiment) -> str:
    """What the whole command takes, of a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "experiment.json")
        path.write_text(experiment.text())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", DESCRIBE, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = int(done.stderr.split()[-1]) / 1024
    return (
        f"glassnet describe of ResNet-152: {seconds:.2f} s of a processor, {memory:.0f} MB "
        "(less than 3 s, 400 MB)"
    )
