"""What lies on disk keeps the meaning it was written with, whatever options have come since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from glassnet.engine.data.load import load
from glassnet.engine.errors import InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.stored import stored
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.datasets import Dataset
from glassnet.engine.network import planner
from glassnet.engine.random_streams import stream
from glassnet.engine.run.directory import RunDirectory
from tests.engine.experiments import mlp

IRIS = {"kind": "iris", "test_share": 0.2}


def without_split(document: dict[str, Any]) -> dict[str, Any]:
    """A document as it was written before data sets had a choice of split."""
    data = {name: value for name, value in document["data"].items() if name != "split"}
    return {**document, "data": data}


def old_run(path: Path, *events: dict[str, Any]) -> RunDirectory:
    """A run directory of that time, and what its journal says."""
    directory = RunDirectory.create(path, mlp(4, data=IRIS), run=path.name)
    written = without_split(json.loads((path / "experiment.json").read_text()))
    (path / "experiment.json").write_text(json.dumps(written))
    (path / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return directory


def split_of(directory: RunDirectory, revision: int | None = None) -> str:
    experiment = directory.experiment() if revision is None else directory.experiment_at(revision)
    return experiment.data.split


def test_an_old_run_keeps_its_random_split(tmp_path: Path) -> None:
    directory = old_run(tmp_path / "run")
    assert split_of(directory) == "random"
    assert directory.original().data.split == "random"
    counts = torch.bincount(load(directory.experiment().data, 0).test.targets)
    assert counts.tolist() == torch.bincount(_first_of_a_permutation(directory.experiment().data)).tolist()


def test_an_old_name_of_a_probes_option_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run"
    RunDirectory.create(path, mlp(5, data=IRIS), run=path.name)
    written = json.loads((path / "experiment.json").read_text())
    written["watch"] = [{"kind": "examples", "truth": 0, "said": 2}, {"kind": "progress"}]
    (path / "experiment.json").write_text(json.dumps(written))
    examples, progress = (probe.model_dump() for probe in RunDirectory.open(path).experiment().watch)
    assert (examples["truth"], examples["predicted"], progress["kind"]) == (0, 2, "progress")


def _first_of_a_permutation(dataset: Dataset) -> torch.Tensor:
    """Oracle: the classes of the test samples, as versions without the option drew them."""
    _, targets = dataset.read(Blobs())
    return targets[torch.randperm(len(targets), generator=stream(0, "data"))[:30]]


def test_edits_of_an_old_run_keep_it_too_whole_or_as_patches(tmp_path: Path) -> None:
    whole = without_split(mlp(5, data=IRIS).document())
    patch = [{"op": "replace", "path": "/title", "value": "Later"}]
    directory = old_run(
        tmp_path / "run",
        {"type": "edit", "revision": 1, "step": 0, "patch": [], "experiment": whole},
        {"type": "edit", "revision": 2, "step": 3, "patch": patch},
    )
    assert directory.experiment().title == "Later"
    assert [split_of(directory, revision) for revision in (0, 1, 2)] == ["random"] * 3
    events = [event["experiment"] for event in directory.events() if event["type"] == "edit"]
    assert [document["data"]["split"] for document in events] == ["random"] * 2


def test_an_old_run_can_be_given_a_stratified_split(tmp_path: Path) -> None:
    directory = old_run(tmp_path / "run")
    edited = mlp(4, data={**IRIS, "split": "stratified"})
    patch = [{"op": "replace", "path": "/data/split", "value": "stratified"}]
    directory.append_edit(0, 1, patch, edited)
    directory.close()
    reader = RunDirectory.open(directory.path)
    assert (split_of(reader), split_of(reader, 0)) == ("stratified", "random")


def test_what_users_send_without_a_split_gets_the_default() -> None:
    assert Experiment.parse({"data": {"kind": "iris"}}).data.split == "stratified"


def hinged(**loss: Any) -> dict[str, Any]:
    """A document with a hinge on three classes, written with these options."""
    document = mlp(4, data=IRIS).document()
    document["task"]["losses"] = [{"kind": "hinge", "node": None, "weight": 1.0, **loss}]
    return document


def test_an_old_hinge_of_three_classes_goes_on_deciding_each_against_the_rest(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", mlp(4, data=IRIS), run="run")
    (tmp_path / "run" / "experiment.json").write_text(json.dumps(hinged()))
    opened = RunDirectory.open(tmp_path / "run").experiment()
    assert planner.plan(opened)["output"].shape == (3,)
    assert opened.document()["task"]["losses"][0]["one_against_rest"] is True


def test_a_hinge_of_three_classes_that_users_send_is_refused_unless_it_says_how() -> None:
    with pytest.raises(InvalidExperiment, match="/task/losses/0/kind: 'hinge' has two sides"):
        planner.plan(Experiment.parse(hinged()))
    assert planner.plan(Experiment.parse(hinged(one_against_rest=True))).warnings == []


@pytest.mark.parametrize("document", [{}, {"data": 5}, mlp(4).document()])
def test_other_documents_stay_as_they_are(document: dict[str, Any]) -> None:
    assert stored(document) == document
