"""The range test's good rate on the presets: trains as well as half and double of it, or is withheld."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.engine.errors import Diverged
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Arrays
from glassnet.engine.studies.lr_range_test import LRRangeTest
from glassnet.engine.training.trainer import Trainer

PRESETS = Path(__file__).parent.parent / "app" / "presets"

#: What is measured: the first letters of presets, and how many seeds of each. RATES_PRESETS and RATES_SEEDS
#: in the environment say otherwise.
NAMES, SEEDS = "01 02 03 04 05 06 07 08 09 10 20 21 22", 20

#: The share of the seeds whose rate must hold; those that it is withheld from do not count.
WANTED = 0.8


class Trained(NamedTuple):
    """What a training has reached on the samples it learned from."""

    loss: float
    #: None where the data carry values.
    accuracy: float | None

    def __str__(self) -> str:
        """The numbers as one reads them."""
        accuracy = "" if self.accuracy is None else f" ({self.accuracy:.3f})"
        return f"{self.loss:.3g}{accuracy}"


class Seen(NamedTuple):
    """One range test, and what half, own and double of its good rate reach; nothing where there is none."""

    rate: float
    #: Of the processor.
    seconds: float
    agree: tuple[int, int]
    reached: tuple[Trained, ...]

    @property
    def holds(self) -> bool:
        """Whether neither half nor double of the rate has a smaller loss in the end."""
        half, own, double = self.reached
        return own.loss <= min(half.loss, double.loss)


def main() -> Iterator[str]:
    """A line for each preset and seed, and one that sums up each preset."""
    seeds = int(os.environ.get("RATES_SEEDS", SEEDS))
    for start in os.environ.get("RATES_PRESETS", NAMES).split():
        (path,) = PRESETS.glob(f"{start}-*.json")
        document = json.loads(path.read_text(encoding="utf-8"))
        held, told = 0, 0
        for seed in range(seeds):
            seen = _measure({**document, "seed": seed})
            yield f"rates {path.stem:<12} seed {seed:2d} {_words(seen)}"
            told += bool(seen.reached)
            held += bool(seen.reached) and seen.holds
        verdict = "right" if held >= WANTED * told else "WRONG"
        yield f"rates {path.stem:<12} {held} of {told} hold, {seeds - told} withheld: {verdict}"


def _measure(document: dict[str, Any]) -> Seen:
    begun = time.process_time()
    arrays: Arrays = {}
    for frame in LRRangeTest().compute(Trainer(Experiment.parse(document))):
        arrays = frame.arrays
    seconds = time.process_time() - begun
    rate = float(arrays["marks"][1])
    agree, of = arrays["tried/agree"].tolist()
    factors = () if math.isnan(rate) else (0.5, 1.0, 2.0)
    return Seen(rate, seconds, (agree, of), tuple(_train(document, factor * rate) for factor in factors))


def _train(document: dict[str, Any], rate: float) -> Trained:
    """The whole training that a document asks for, at another rate."""
    changed = json.loads(json.dumps(document))
    for update in changed["training"]["updates"]:
        update["optimizer"]["learning_rate"] = rate
    trainer = Trainer(Experiment.parse(changed))
    try:
        for _ in range(trainer.steps):
            trainer.step()
        reached = trainer.evaluate()
    except Diverged:
        return Trained(math.inf, None)
    return Trained(reached["train_loss"], reached.get("train_accuracy"))


def _words(seen: Seen) -> str:
    agree = f"{seen.agree[0]} of {seen.agree[1]} agree, {seen.seconds:.1f} s"
    if not seen.reached:
        return f"withheld; {agree}"
    reached = ", ".join(map(str, seen.reached))
    return f"{seen.rate:<8.3g} half, own, double: {reached}; {agree}; {'holds' if seen.holds else 'FAILS'}"
