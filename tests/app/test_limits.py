"""What is too large for this server is refused where it stands, with what it needs and what would fit."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.app.core.settings import Settings
from glassnet.app.runs import limits
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.training.memory_estimate import estimate
from glassnet.engine.training.trainer import Trainer

#: What a run has on two cores and 24 GB, and on 16 GB.
ON_24_GB, ON_16_GB = 4_146_928_128, 2_625_000_000


def pictures(kind: str, size: int, batch_size: int, samples: int = 100, **options: Any) -> Experiment:
    return Experiment.parse(
        {
            "data": {"kind": "shapes", "size": size, "samples": samples},
            "network": [{"kind": kind, "name": "net", **options}],
            "training": {"batch_size": batch_size, "updates": [{"optimizer": {"kind": "adam"}}]},
        }
    )


def refused(experiment: Experiment, memory: int, **settings: Any) -> tuple[str, str]:
    with pytest.raises(InvalidExperiment) as raised:
        limits.check(experiment, planner.plan(experiment), Settings(worker_memory=memory, **settings))
    (problem,) = raised.value.problems
    return problem.pointer, problem.message


@pytest.mark.parametrize(
    ("memory", "batch_size"),
    [(8_000_000_000, 16), (ON_24_GB, 8), (1_500_000_000, 2), (600_000_000, 16)],
)
def test_a_batch_is_halved_until_it_fits_and_kept_where_none_does(memory: int, batch_size: int) -> None:
    experiment = pictures("resnet", 224, 16, depth=50)
    settings = Settings(worker_memory=memory)
    found = limits.with_fitting_batch(experiment, planner.plan(experiment), settings)
    assert found.training.batch_size == batch_size
    assert found.network == experiment.network


@pytest.mark.parametrize(
    ("kind", "size", "batch_size"), [("alexnet", 227, 32), ("zfnet", 224, 32), ("vgg", 224, 4)]
)
def test_the_full_networks_are_taken_where_there_are_24_gigabytes(
    kind: str, size: int, batch_size: int
) -> None:
    experiment = pictures(kind, size, batch_size)
    limits.check(experiment, planner.plan(experiment), Settings(worker_memory=ON_24_GB))


def test_too_many_parameters_are_refused_at_the_node_that_has_most() -> None:
    pointer, said = refused(pictures("vgg", 224, 1), ON_16_GB)
    assert pointer == "/network/0"
    assert "needs about 3.2 GB, this server gives a run 2.6 GB" in said
    assert "134 million parameters, 103 million of them in node 'net.dense1'" in said


def test_a_batch_that_is_too_large_is_refused_with_the_largest_that_fits() -> None:
    large = pictures("vgg", 224, 64, width=0.25)
    pointer, said = refused(large, ON_16_GB)
    assert pointer == "/training/batch_size"
    fitting = int(said.split("a batch of ")[1].split(" would fit")[0])
    for size, fits in ((fitting, True), (fitting + 1, False)):
        experiment = pictures("vgg", 224, size, width=0.25)
        assert (estimate(experiment, planner.plan(experiment)).total <= ON_16_GB) is fits


def test_too_many_pictures_are_refused_at_the_data_with_how_many_fit() -> None:
    pointer, said = refused(pictures("lenet5", 256, 8, samples=20_000), ON_16_GB)
    assert pointer == "/data"
    fitting = int(said.split("; ")[1].split(" of 20,000")[0].replace(",", ""))
    experiment = pictures("lenet5", 256, 8, samples=fitting)
    limits.check(experiment, planner.plan(experiment), Settings(worker_memory=ON_16_GB))


@pytest.mark.parametrize("where", ["watch", "collect"])
def test_updates_that_are_recorded_for_a_probe_are_counted(where: str) -> None:
    plain = pictures("lenet5", 32, 8)
    looked_at = Experiment.parse({**plain.document(), where: [{"kind": "gradient_flow"}]})
    counted, recorded = (estimate(each, planner.plan(each)) for each in (plain, looked_at))
    trainer = Trainer(looked_at)
    trainer.record_updates(True)
    assert recorded.parameters - counted.parameters == sum(
        update.nbytes for group in trainer.groups for update in group.last_updates
    )
    assert recorded.total - counted.total == recorded.parameters - counted.parameters


def test_a_number_of_parameters_that_was_set_still_holds() -> None:
    pointer, said = refused(pictures("lenet5", 32, 8), ON_24_GB, max_parameters=50_000)
    assert pointer == "/network/0"
    assert "this server takes at most 50,000" in said
    pointer, said = refused(pictures("lenet5", 32, 8), ON_24_GB, max_activations=50_000)
    assert pointer == "/training/batch_size"
    assert "this server takes at most 50,000" in said
