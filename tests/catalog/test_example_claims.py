"""What the guides of items say of their experiments is seen there, where it can be said in a number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import pytest

from glassnet.app.api.gallery import examples
from glassnet.app.api.item_example import example_of
from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.experiment.condition import Condition, evaluate
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.recorded import recorded_metrics
from glassnet.engine.items.comparison import Series
from glassnet.engine.items.probe import Probe
from glassnet.engine.reference import FAMILIES, items_of
from glassnet.engine.training.trainer import Trainer

#: Items whose claims are tested in every run; those of the others take half a second each.
QUICK = {"regression_plane", "perceptron", "mse", "dropout", "weight_decay", "zeros", "standardize"}

CLAIMING = [
    pytest.param(family, kind, id=f"{family} {kind}", marks=() if kind in QUICK else pytest.mark.thorough)
    for family in FAMILIES
    if family != "studies"  # tests/catalog/test_claims.py
    for kind, item in items_of(family).items()
    if item.guide is not None and item.guide.example.claim
]


class End:
    """The end of a training, as conditions look at it."""

    ended = True

    def __init__(self, trainer: Trainer) -> None:
        self._found, self._experiment = trainer.evaluate(), trainer.experiment
        self.step, self.parameters = trainer.steps_taken, trainer.plan.parameters

    @property
    def metrics(self) -> Mapping[str, bool | None]:
        return recorded_metrics(self._experiment)

    def series(self, metric: str) -> Series:
        return [(float(self.step), self._found[metric])]

    def numbers(self, probe: Probe, array: str, index: tuple[int, ...]) -> Series:
        raise ValueError("no pictures are kept here; expected a metric, or parameters")


@cache
def end_of(document: str) -> End:
    trainer = Trainer(Experiment.parse(document))
    while not trainer.finished:
        trainer.step()
    return End(trainer)


def shown(family: str, item: type[Item]) -> End:
    return end_of(json.dumps(example_of(family, item)))


def preset(name: str) -> End:
    found = next(example for example in examples() if example.slug == name)
    return end_of(json.dumps(found.experiment.document()))


@pytest.mark.parametrize(("family", "kind"), CLAIMING)
def test_what_a_guide_claims_of_an_experiment_is_seen_at_its_end(family: str, kind: str) -> None:
    item = items_of(family)[kind]
    assert item.guide is not None
    example = item.guide.example
    claim = Condition.parse(dict(example.claim))
    others = {"preset": preset(example.preset)} if claim.than is not None and claim.than.of else {}
    found = evaluate(claim, shown(family, item), others)
    assert found.held, (found.number, kind_of(item))
