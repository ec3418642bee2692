"""Whoever looks inside leaves nothing behind: not at the end, not when told to stop, not when it fails.

The promise that captum's tests hold its hooks to (`tests/attr/test_hook_removal.py`), over everything that a
later step or a later look could notice.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from glassnet.engine.catalog import catalog
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Probe
from glassnet.engine.probes.attribution import Attribution
from glassnet.engine.probes.features import Features
from glassnet.engine.probes.occlusion import Occlusion as LiveOcclusion
from glassnet.engine.probes.projection import Projection
from glassnet.engine.studies import NetworkStudy, Study, StudyFrame
from glassnet.engine.studies.feature_atlas import FeatureAtlas
from glassnet.engine.studies.first_layer import FirstLayer
from glassnet.engine.studies.look import Look
from glassnet.engine.studies.occlusion import Occlusion
from glassnet.engine.studies.sanity_check import SanityCheck
from glassnet.engine.training.trainer import Trainer
from tests.engine.attributions import picture_network
from tests.engine.experiments import losses

STUDIES: dict[str, NetworkStudy] = {
    "feature_atlas": FeatureAtlas(count=2),
    "first_layer": FirstLayer(),
    "occlusion": Occlusion(size=7, stride=3),
    "sanity_check": SanityCheck(),
    "look, attribution": Look(probe=Attribution()),
    "look, features": Look(probe=Features(node="relu2", count=2)),
    "look, occlusion": Look(probe=LiveOcclusion(size=7, stride=3, places=10)),
    "look, projection": Look(probe=Projection(node="relu2")),
}


def network_of_everything() -> Experiment:
    """What something could be left in: batch norm's statistics, dropout's stream, a local norm's detour."""
    document = picture_network().document()
    document["network"][1:1] = [{"kind": "batch_norm", "name": "norm1"}]
    document["network"][3:3] = [
        {"kind": "local_response_norm", "name": "norm2"},
        {"kind": "dropout", "name": "dropout1", "p": 0.3},
    ]
    return Experiment.parse(document)


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """A trainer in the middle of its training; studies work in small pieces, so that there is a middle."""
    monkeypatch.setattr("glassnet.engine.studies.occlusion.AT_ONCE", 1)
    monkeypatch.setattr("glassnet.engine.probes.features.SEARCH", 1)
    monkeypatch.setattr("glassnet.engine.probes.features.DOWN", 1)
    monkeypatch.setattr("glassnet.engine.attribution.chunks.in_chunks.__kwdefaults__", {"most": 100_000})
    trainer = Trainer(network_of_everything())
    losses(trainer, 4)
    return trainer


HOOKS = [name for name in vars(nn.Module()) if "hook" in name]


def hooks(module: nn.Module) -> list[int]:
    """How many there are of each kind."""
    return [len(getattr(module, name) or ()) for name in HOOKS]


def standing(trainer: Trainer) -> dict[str, Any]:
    """Everything that somebody who comes later could notice."""
    networks = {"network": trainer.network, "looking": trainer.evaluation_network}
    modules = {f"{top}.{name}": m for top, root in networks.items() for name, m in root.named_modules()}
    tensors = {
        f"{top}.{name}": tensor
        for top, root in networks.items()
        for name, tensor in (*root.named_parameters(), *root.named_buffers())
    }
    data = {"train": trainer.data.train.raw, "test": trainer.data.test.raw}
    return {
        "state": trainer.state(),
        "tensors": {name: tensor.detach().clone() for name, tensor in (tensors | data).items()},
        "versions": {name: tensor._version for name, tensor in tensors.items()},
        "requires_grad": {name: tensor.requires_grad for name, tensor in tensors.items()},
        "grad": {name: tensor.grad is None for name, tensor in tensors.items()},
        "modes": {name: module.training for name, module in modules.items()},
        "hooks": {name: hooks(module) for name, module in modules.items()},
        "global hooks": [
            len(value)
            for name, value in vars(nn.modules.module).items()
            if name.startswith("_global_") and "hooks" in name and isinstance(value, dict)
        ],
        "random": (torch.get_rng_state(), str(np.random.get_state()), random.getstate()),  # noqa: NPY002
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
    }


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """The places at which two accounts differ."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for name in one:
            yield from differences(one[name], other[name], f"{where}/{name}")
    elif isinstance(one, tuple):
        for index, (each, another) in enumerate(zip(one, other, strict=True)):
            yield from differences(each, another, f"{where}/{index}")
    elif not (torch.equal(one, other) if isinstance(one, Tensor) else one == other):
        yield where


def cancelled(work: Iterator[StudyFrame], after: int) -> None:
    """Some sights, and then no further."""
    for _ in range(after):
        next(work)
    work.close()  # type: ignore[attr-defined]


#: These have one sight alone; the others are told to stop after the second as well.
AT_ONCE = ("look, attribution", "look, projection")


@pytest.mark.parametrize(
    ("name", "after"),
    [(name, after) for name in STUDIES for after in (0, 1, 2) if after < 2 or name not in AT_ONCE],
)
def test_a_study_that_is_cancelled_leaves_nothing_behind(name: str, after: int, trainer: Trainer) -> None:
    before = standing(trainer)
    work = STUDIES[name].compute(trainer)
    cancelled(work, after)
    del work
    gc.collect()
    assert list(differences(before, standing(trainer))) == []


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_that_is_done_leaves_nothing_behind(name: str, trainer: Trainer) -> None:
    before = standing(trainer)
    *_, last = STUDIES[name].compute(trainer)
    assert last.done == 1
    assert list(differences(before, standing(trainer))) == []


#: What each study calls again and again, and after how many calls it fails: in the middle.
MIDDLE = {
    "feature_atlas": ("glassnet.engine.attribution.projection.backproject", 1),
    "first_layer": ("glassnet.engine.studies.first_layer._response", 1),
    "occlusion": ("glassnet.engine.attribution.sliding_occlusion.in_chunks", 3),
    "sanity_check": ("glassnet.engine.attribution.gradients.backproject", 7),
    "look, attribution": ("glassnet.engine.attribution.gradients.backproject", 2),
    "look, features": ("glassnet.engine.attribution.projection.backproject", 1),
    "look, occlusion": ("glassnet.engine.attribution.sliding_occlusion.in_chunks", 2),
    "look, projection": ("glassnet.engine.attribution.projection.backproject", 0),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_that_fails_in_the_middle_leaves_nothing_behind(
    name: str, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(trainer)
    with failing(monkeypatch, *MIDDLE[name]), pytest.raises(RuntimeError, match="on purpose"):
        list(STUDIES[name].compute(trainer))
    gc.collect()
    assert list(differences(before, standing(trainer))) == []


def test_a_failure_below_the_hooks_leaves_none(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backward pass itself fails, while the rules hang on the graph."""
    before = standing(trainer)
    look = Features(node="relu2", count=2).prepare(trainer)
    expected = look()["projections"]
    with failing(monkeypatch, "torch.autograd.grad", 0), pytest.raises(RuntimeError, match="on purpose"):
        look()
    assert list(differences(before, standing(trainer))) == []
    again = Features(node="relu2", count=2).prepare(trainer)()["projections"]
    assert torch.equal(again, expected)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, path: str, calls: int) -> Iterator[None]:
    """Inside, something works so many times, and fails then."""
    module, _, name = path.rpartition(".")
    working: Callable[..., Any] = getattr(__import__(module, fromlist=[name]), name)
    done = 0

    def until_then(*args: Any, **kwargs: Any) -> Any:
        nonlocal done
        done += 1
        if done > calls:
            raise RuntimeError("on purpose")
        return working(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(path, until_then)
        yield


def test_whatever_looks_inside_is_tried() -> None:
    """All that is made of `glassnet.engine.attribution`, but what trains networks of its own."""
    looks = [study.probe for study in STUDIES.values() if isinstance(study, Look)]
    tried = {type(item) for item in (*STUDIES.values(), *looks)}
    made = {item for base in (Probe, Study) for item in catalog(base).values() if uses_attribution(item)}
    assert {item.__name__ for item in made - tried} <= {"Variants", "FirstLayers"}


def uses_attribution(item: type) -> bool:
    """Whether its module takes anything from `glassnet.engine.attribution`."""
    taken = vars(sys.modules[item.__module__]).values()
    return any(
        str(getattr(value, "__module__", "")).startswith("glassnet.engine.attribution") for value in taken
    )
