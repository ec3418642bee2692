"""Functions before training: description, export and the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glassnet.engine.catalog import Item
from glassnet.engine.catalog import catalog as items
from glassnet.engine.catalog.shown import Shown
from glassnet.engine.errors import GlassnetError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export import python
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.planner import plan
from glassnet.engine.notebook.html import times
from glassnet.engine.notebook.runs import BLOBS
from glassnet.engine.reference import FAMILIES


class Description(dict[str, Any], Shown):
    """A network's nodes and totals as plain data, displayed as a table."""

    def __str__(self) -> str:
        rows = [("name", "kind", "output", "parameters"), *self.rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Name, kind, output shape and parameters of each node, the totals last."""
        nodes = [
            (node["name"], node["kind"], times(node["shape"]), f"{node['parameters']:,}")
            for node in self["nodes"]
        ]
        return [*nodes, ("total", "", "", f"{self['totals']['parameters']:,}")]


class Choices(dict[str, type[Item]], Shown):
    """The items of a family by kind, displayed as a table."""


def describe(experiment: Experiment) -> Description:
    """Every node's name, kind, output shape, parameters, multiply-adds and receptive field, and the totals.

        print(glassnet.describe(experiment))
        glassnet.describe(experiment)["totals"]["parameters"]

    Shapes are derived without computing numbers. Raises InvalidExperiment, with a pointer, where the network
    cannot be built.
    """
    return Description(plan(experiment).describe())


def catalog(family: str) -> Choices:
    """The items of a family by kind, each a class whose fields are its options.

        glassnet.catalog("layers")["linear"](units=8)
        print(*glassnet.catalog("studies"))

    Families: datasets, normalizations, augmentations, tasks, losses, layers, activations, blocks,
    architectures, initializers, optimizers, schedules, regularizers, inputs, surfaces, probes, studies.
    Raises ValueError for another.
    """
    if family not in FAMILIES:
        raise ValueError(f"family {family!r}; expected one of {', '.join(FAMILIES)}")
    base, root = FAMILIES[family]
    return Choices({kind: item for kind, item in items(root).items() if issubclass(item, base)})


def export(experiment: Experiment, path: str | Path | None = None) -> str:
    """The text of the experiment as a PyTorch script that needs nothing but torch.

        script = glassnet.export(experiment)
        glassnet.export(experiment, "spiral.py")  # with the data beside it that no formula draws

    Initial weights are bit-equal, losses agree. Raises InvalidExperiment where it cannot be built, and
    GlassnetError where an own item uses names that a script does not have.
    """
    try:
        text, beside = python.script(experiment, Blobs(BLOBS))
    except (TypeError, OSError) as error:
        raise GlassnetError(f"cannot be exported: {error}") from error
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
        for name, data in beside.items():
            Path(path).with_name(name).write_bytes(data)
    return text
