"""What a training will use, before it does: the rate of each step, and the loss over its error."""

from __future__ import annotations

from glassnet.engine.data.order import batches
from glassnet.engine.experiment.experiment import Experiment, Update
from glassnet.engine.figures import losses
from glassnet.engine.figures.figure import Axis, Chart, Line
from glassnet.engine.items.losses import ClassIndexLoss, Loss

#: Steps of a training that are drawn at most.
MOST_POINTS = 300


def rate_chart(experiment: Experiment) -> Chart:
    """The planned rate of each update over the epochs, where no metric reduces it."""
    training = experiment.training
    _, per_epoch, _ = batches(experiment.data.trained, training.batch_size, training.last_batch)
    steps = training.epochs * per_epoch
    last = steps - 1
    count = min(steps, MOST_POINTS)
    taken = sorted({round(last * point / max(1, count - 1)) for point in range(count)})
    several = len(training.updates) > 1
    lines = [
        Line(
            update.nodes if several else "",
            [step / per_epoch for step in taken],
            [_rate(update, step, per_epoch, steps) for step in taken],
        )
        for update in training.updates
    ]
    return Chart("Planned rate", Axis("epoch"), Axis("η"), tuple(lines))


def _rate(update: Update, step: int, per_epoch: int, steps: int) -> float:
    return update.schedule.rate(update.optimizer.learning_rate, step, per_epoch, steps)


def loss_chart(experiment: Experiment) -> Chart | None:
    """The first loss over the error of a value, or over the score of the right class."""
    shape = "score" if experiment.data.classes is not None else "error"
    figure = losses.figure(_of_any_classes(experiment.task.losses[0]))
    charts = [part for part in figure.parts if isinstance(part, Chart)]
    return next((chart for chart in charts if chart.title == f"Loss over the {shape}"), None)


def _of_any_classes(loss: Loss) -> Loss:
    """The loss without the weights of classes, which a figure has others of."""
    if isinstance(loss, ClassIndexLoss):
        return loss.model_copy(update={"class_weights": None})
    return loss
