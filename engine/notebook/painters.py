"""The displays of experiments, plans, runs, trainers, descriptions and families in a notebook."""

from __future__ import annotations

from html import escape

from glassnet.engine.catalog.shown import paints
from glassnet.engine.errors import GlassnetError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.planner import plan
from glassnet.engine.notebook.curves import curves_svg
from glassnet.engine.notebook.documents import Choices, Description
from glassnet.engine.notebook.html import block, heading, table, tag
from glassnet.engine.notebook.network_picture import network_svg
from glassnet.engine.notebook.runs import Run
from glassnet.engine.training.trainer import Trainer

#: Rows of which curves are drawn at most.
POINTS = 400


@paints(Plan)
def painted_plan(plan: Plan) -> str:
    """The network as a picture, with its size."""
    facts = f"{plan.parameters:,} parameters, {plan.macs:,} multiply-adds"
    return block(heading("Network", facts), network_svg(plan))


@paints(Experiment)
def painted_experiment(experiment: Experiment) -> str:
    """Title, data, training and the network; or the problems, where it cannot be built."""
    return block(heading(experiment.title), _facts(experiment), _network(experiment))


@paints(Trainer)
def painted_trainer(trainer: Trainer) -> str:
    """The progress of training, and the network."""
    place = f"step {trainer.steps_taken:,}, epoch {trainer.epoch:.4g}, on {trainer.device}"
    return block(heading(trainer.experiment.title, place), network_svg(trainer.plan))


@paints(Run)
def painted_run(run: Run) -> str:
    """The run's state, losses, last metrics and network; or the reason why it cannot be read."""
    try:
        experiment, metrics, state, reason = run.experiment, run.metrics, run.state, run.reason
        curves = curves_svg(run.directory.overview("evaluation", POINTS).columns)
    except GlassnetError as error:
        return block(heading(str(run.path)), _words(error))
    why = "" if reason is None else tag("div", escape(f"{reason.get('title')}: {reason.get('detail')}"))
    numbers = table([], [(name.replace("_", " "), f"{value:.5g}") for name, value in metrics.items()], left=1)
    title = heading(experiment.title, f"{state}, {run.path}")
    return block(title, why, curves, numbers, _network(experiment))


@paints(Description)
def painted_description(description: Description) -> str:
    """The nodes as a table."""
    return block(table(["name", "kind", "output", "parameters"], description.rows()))


@paints(Choices)
def painted_choices(choices: Choices) -> str:
    """The items as a table: kind and summary."""
    return block(table(["kind", "what it is"], [(kind, item.summary()) for kind, item in choices.items()]))


def _facts(experiment: Experiment) -> str:
    data, training = experiment.data, experiment.training
    optimizers = ", ".join(update.optimizer.kind for update in training.updates)
    rows = [
        ("data", f"{data.kind}: {data.trained:,} to train on, {data.held_out:,} to test"),
        ("task", experiment.task.kind),
        ("training", f"{optimizers}, batches of {training.batch_size:,}, {training.epochs:,} epochs"),
    ]
    return table([], rows)


def _network(experiment: Experiment) -> str:
    try:
        return network_svg(plan(experiment))
    except InvalidExperiment as error:
        return _words(error)


def _words(error: GlassnetError) -> str:
    return tag("div", escape(str(error)), role="alert")
