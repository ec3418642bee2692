"""Every item of every catalogue builds, trains and goes on from its state; what looks at networks finds one.

Items that no experiment holds (studies, what is shown to a network) are read on their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import torch

from glassnet.engine.catalog import Item, kind_of
from glassnet.engine.conformance.places import (
    OUTPUT,
    made,
    whole,
)
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.frame import decode, encode
from glassnet.engine.probes import Picture
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study
from glassnet.engine.training.trainer import Trainer
from tests.catalog.items import (
    ITEMS,
    TRAINED,
    Document,
    at_a_place,
)

#: Published networks of hundreds of nodes, seconds each; the others are built every time.
LARGEST = {"densenet", "inception_v3", "inception_resnet_v2"}


def takes_long(family: str, item: type[Item], precision: str) -> bool:
    """Whether a published network is too large for every time; of layers alike one precision is enough."""
    return kind_of(item) in LARGEST or (family == "architectures" and precision == "bfloat16")


@pytest.mark.parametrize(
    ("family", "item", "precision"),
    [
        pytest.param(
            family,
            item,
            precision,
            marks=pytest.mark.thorough if takes_long(family, item, precision) else (),
            id=f"{family}-{kind_of(item)}-{precision}",
        )
        for family, item in TRAINED
        for precision in ("float32", "bfloat16")
    ],
)
def test_it_builds_trains_and_goes_on_from_its_state(family: str, item: type[Item], precision: str) -> None:
    document, _ = at_a_place(family, item)
    document["training"] = {**document["training"], "precision": precision}
    trainer = Trainer(Experiment.parse(document))
    for _ in range(3):
        trainer.step()
    other = Trainer(Experiment.parse(document), replay=False)
    for _ in range(3):
        other.step()
    state, theirs = trainer.state(), other.state()
    assert state.keys() == theirs.keys()
    for name in state.keys() - {"loss/sum", "loss/count"}:
        assert torch.equal(state[name], theirs[name]), name
    assert all(value == value for value in trainer.evaluate().values())


def subjects() -> Iterator[Document]:
    """Experiments to look at: networks among vectors, one among images, then one for each data set."""
    yield whole()
    hidden: list[Document] = [{"kind": "linear", "units": 6}, {"kind": "tanh"}, {"kind": "dropout"}]
    yield whole(network=[*hidden, {"kind": "linear", "units": 6}, {"kind": "tanh"}, OUTPUT])
    maps: list[Document] = [{"kind": "conv2d", "filters": 4}, {"kind": "relu"}, {"kind": "max_pool2d"}]
    flat: list[Document] = [{"kind": "flatten"}, OUTPUT]
    yield whole(data={"kind": "digits"}, network=[*maps, *flat])
    yield whole(data={"kind": "digits", "augmentations": [{"kind": "shift"}]}, network=flat)
    yield whole(data={"kind": "digits"}, network=[{"kind": "residual_conv2d", "filters": 4}, *flat])
    for family, dataset in TRAINED:
        if family == "datasets":
            yield at_a_place(family, dataset)[0]


@cache
def looked_at() -> list[Trainer]:
    """A trainer of each subject, which all pictures share: taking one changes nothing."""
    return [Trainer(Experiment.parse(document)) for document in subjects()]


@pytest.mark.parametrize(
    "item", [i for f, i in ITEMS if f == "probes" and issubclass(i, Picture)], ids=kind_of
)
def test_a_picture_can_be_taken_of_some_experiment_or_is_refused_with_words(item: type[Picture]) -> None:
    taken, refusals = 0, []
    for trainer in looked_at():
        probe = made(item)
        try:
            arrays = probe.prepare(trainer)()
        except ValueError as error:
            refusals.append(str(error))
        else:
            taken += 1
            assert arrays
            encode({}, arrays)
    assert taken
    assert all("expected" in words for words in refusals)


@pytest.mark.parametrize("item", [i for _, i in ITEMS if issubclass(i, Study)], ids=kind_of)
def test_a_study_comes_to_its_first_sight_or_is_refused_with_words(item: type[Study]) -> None:
    study, refusals = made(item), []
    for document in subjects():
        try:
            if isinstance(study, NetworkStudy):
                trainer = Trainer(Experiment.parse(document))
                study.check(trainer.plan)
                frame = next(study.compute(trainer))
            else:
                assert isinstance(study, FreeStudy)
                frame = next(study.compute())
        except ValueError as error:
            refusals.append(str(error))
        else:
            break
    else:
        raise AssertionError(f"it applies to no experiment here: {refusals}")
    assert 0 <= frame.done <= 1
    assert frame.arrays
    assert decode(encode({}, frame.arrays))[1].keys() == frame.arrays.keys()
    assert all("expected" in words for words in refusals)
