"""`glassnet describe`: the description of a network as a table."""

from __future__ import annotations

from typing import Any

from glassnet.app.cli.warned import warn
from glassnet.engine.errors import Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network import planner
from glassnet.engine.network.checks import check_data
from glassnet.engine.network.starting_weights import check_start
from glassnet.engine.reference import facts


def described(experiment: Experiment, blobs: Blobs) -> dict[str, Any]:
    """The description of an experiment's network and data. Raises InvalidExperiment."""
    check_data(experiment, blobs)
    plan = planner.plan(experiment)
    check_start(plan, experiment, blobs)
    return {**plan.describe(), "data": facts(experiment.data)}


def show(title: str, description: dict[str, Any]) -> None:
    """Print a description as a table."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "kind"):
        table.add_column(heading, no_wrap=True)
    for heading in ("output shape", "parameters", "multiply-adds", "receptive field"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row("input", "", _times(description["input"]["shape"]), "", "", "")
    for node in description["nodes"]:
        field = node["receptive_field"]
        table.add_row(
            node["name"],
            node["kind"],
            _times(node["shape"]),
            f"{node['parameters']:,}",
            f"{node['macs']:,}",
            "all" if field is None else _times(field),
        )
    totals = description["totals"]
    table.add_section()
    table.add_row("total", "", "", f"{totals['parameters']:,}", f"{totals['macs']:,}", "", style="bold")
    # Columns are never cut: on a pipe or a narrow terminal, lines are long.
    console.width = max(console.width, table.__rich_measure__(console, console.options).maximum + 200)
    console.print(table)
    warn(map(Problem.of, description["warnings"]))


def _times(sizes: list[int]) -> str:
    return "×".join(map(str, sizes))
