"""The first layers of AlexNet and ZFNet, trained side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, kind_of, option
from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.architectures import Architecture
from glassnet.engine.items.architectures.alexnet import AlexNet, ZFNet
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, StudyFrame
from glassnet.engine.studies.first_layer import FirstLayer
from glassnet.engine.training.trainer import Trainer

#: Both networks by kind, with the options for the pictures' size.
NETWORKS: dict[str, tuple[type[Architecture], dict[str, Any]]] = {
    kind_of(network): (network, options) for network, options in ((AlexNet, {"padding": 2}), (ZFNet, {}))
}

#: Seconds of one network's turn, and between two frames.
TURN, EVERY = 0.2, 1.5

#: The pictures that are searched during training, and at the end.
SEARCHED, SEARCHED_LAST = 200, 1000


class FirstLayers(FreeStudy):
    """First layers side by side: AlexNet's 11×11 filters of stride 4, and ZFNet's 7×7 of stride 2.

    Both have the paper's structure at a smaller width, and train on generated shapes of 64×64, from one seed
    and with the same batches. Zeiler & Fergus 2014, section 4.1. With raw pixels filters die: all gradients
    have the same sign, and the larger filter adds up more of them. Centred, none dies, but a few outgrow all
    others, unless they are renormalised; standardised, with He's initialisation, both learn. Arrays,
    for `alexnet` and `zfnet`: `NET/steps` int32 and `NET/curve` float32 (rows,), the training loss;
    `NET/accuracy` (1,) of the test set, at the end, unless it diverged; `NET/diverged` int32, the step at
    which it did, or −1; `NET/experiment` uint8, the experiment as JSON in UTF-8; and all arrays of the
    study `first_layer`.
    """

    kind: Literal["first_layers"] = "first_layers"
    guide: ClassVar[Guide | None] = Guide(
        pros=("The paper's argument, run again at a small size.",),
        cons=("Shapes are not ImageNet.",),
        use="To see why ZFNet has smaller filters and strides.",
        example=Example(
            "With raw pixels AlexNet's filters die first.",
            lab="first-layers",
        ),
        shows=(
            "alexnet/filters",
            "zfnet/filters",
            "alexnet/curve@alexnet/steps",
        ),
    )
    steps: int = option(300, "Steps of training.", unit="steps", ge=0, le=5_000)
    normalize: Literal["none", "center", "standardize"] = option(
        "none", "Pixels as they are, 0 to 255; their mean taken off; or standardised."
    )
    std: float | None = option(
        0.01,
        "Standard deviation with which first filters start, as in the papers; empty: as He has it.",
        gt=0,
        le=100,
        log=True,
    )
    optimizer: Literal["sgd", "adam"] = option("sgd", "SGD with momentum 0.9, as in the paper, or Adam.")
    learning_rate: float = option(0.001, "η.", gt=0, le=10, log=True)
    weight_decay: float = option(
        0.0005, "λ of the weights' L2 penalty, as in AlexNet.", ge=0, le=10, log=True
    )
    radius: float | None = option(
        None,
        "The greatest root mean square of a filter in the convolutions; the paper's was 0.1. Empty: any.",
        gt=0,
        le=100,
        log=True,
    )
    width: float = option(0.17, "Share of the paper's filters and units.", ge=0.05, le=0.4)
    samples: int = option(3000, "Pictures, a half of which is trained on.", ge=100, le=10_000)
    seed: int = option(0, "Where pictures, weights and batches come from.", ge=0, le=2**53 - 1)

    def experiment(self, network: str) -> Experiment:
        """The experiment of one network."""
        item, options = NETWORKS[network]
        node: dict[str, Any] = {"kind": network, "name": network, "width": self.width, **options}
        if self.std is not None:
            node["first_initializer"] = {"kind": "normal", "std": self.std}
        momentum = {"momentum": 0.9} if self.optimizer == "sgd" else {}
        optimizer: dict[str, Any] = {"kind": self.optimizer, "learning_rate": self.learning_rate, **momentum}
        regularizers: list[dict[str, Any]] = []
        if self.weight_decay:
            regularizers.append({"kind": "l2", "strength": self.weight_decay})
        if self.radius is not None:
            regularizers.append({"kind": "renormalize", "radius": self.radius, "nodes": "*conv*"})
        return Experiment.parse(
            {
                "title": f"{item.label()} on shapes",
                "seed": self.seed,
                "data": {
                    "kind": "shapes",
                    "size": 64,
                    "samples": self.samples,
                    "normalize": {"kind": self.normalize},
                },
                "task": {"kind": "classification"},
                "network": [node],
                "training": {
                    "updates": [{"optimizer": optimizer}],
                    "regularizers": regularizers,
                    "batch_size": 32,
                    "epochs": 1000,
                },
            }
        )

    def compute(self) -> Iterator[StudyFrame]:
        experiments = {network: self.experiment(network) for network in NETWORKS}
        trainers = {network: Trainer(experiment) for network, experiment in experiments.items()}
        arrays: Arrays = {}
        rows: dict[str, list[tuple[int, float]]] = {network: [] for network in NETWORKS}
        for network in NETWORKS:
            document = experiments[network].model_dump_json().encode()
            arrays[f"{network}/experiment"] = torch.tensor(list(document), dtype=torch.uint8)
            arrays[f"{network}/diverged"] = torch.tensor(-1, dtype=torch.int32)
        left = [network for network in NETWORKS if self.steps]
        yield from self._looked(trainers, arrays, 0.0, SEARCHED)
        due = time.monotonic() + EVERY
        while left:
            for network in list(left):
                trainer = trainers[network]
                try:
                    self._turn(trainer, rows[network])
                except Diverged as error:
                    arrays[f"{network}/diverged"] = torch.tensor(error.step, dtype=torch.int32)
                    left.remove(network)
                else:
                    if trainer.steps_taken >= self.steps:
                        left.remove(network)
                arrays[f"{network}/steps"] = torch.tensor(
                    [step for step, _ in rows[network]], dtype=torch.int32
                )
                arrays[f"{network}/curve"] = torch.tensor([loss for _, loss in rows[network]])
            done = 0.95 * sum(t.steps_taken for t in trainers.values()) / (len(NETWORKS) * self.steps)
            if time.monotonic() >= due:
                yield from self._looked(trainers, arrays, done, SEARCHED)
                due = time.monotonic() + EVERY
            else:
                yield StudyFrame(done, dict(arrays))
        for network, trainer in trainers.items():
            if int(arrays[f"{network}/diverged"]) < 0:
                arrays[f"{network}/accuracy"] = torch.tensor([trainer.evaluate()["test_accuracy"]])
        yield from self._looked(trainers, arrays, 0.95, SEARCHED_LAST)
        yield StudyFrame(1.0, dict(arrays))

    def _turn(self, trainer: Trainer, rows: list[tuple[int, float]]) -> None:
        """Train one network for its turn, and add a row to its curve. Raises Diverged."""
        until = time.perf_counter() + TURN
        while trainer.steps_taken < self.steps and time.perf_counter() < until:
            trainer.step()
        rows.append((trainer.steps_taken, trainer.take_loss()))

    def _looked(
        self, trainers: dict[str, Trainer], arrays: Arrays, done: float, images: int
    ) -> Iterator[StudyFrame]:
        """The frames with the current first layers."""
        for network, trainer in trainers.items():
            for frame in FirstLayer(images=images).compute(trainer):
                seen = {f"{network}/{name}": array for name, array in frame.arrays.items()}
                yield StudyFrame(done, arrays | seen)
            arrays |= seen
