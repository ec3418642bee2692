"""The evaluation of an exported script: its losses, and what it measures at an epoch's end."""

from __future__ import annotations

from collections.abc import Collection

from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.monitored import set_of
from glassnet.engine.items.tasks import reduced
from glassnet.engine.network.graph import is_frozen
from glassnet.engine.network.plan import Plan
from glassnet.engine.random_streams import stream

#: Samples of one forward pass.
AT_ONCE = 1024


class Printer:
    """A printer of parts of a script, which records every Call it prints."""

    def __init__(self, experiment: Experiment, plan: Plan) -> None:
        self.experiment, self.plan = experiment, plan
        self.calls: list[Call] = [Call(stream)]
        #: Whether pictures are stored as uint8 and normalised batch by batch, as in the trainer.
        self.late = bool(experiment.data.changes()) or experiment.data.whole_numbers
        #: The nodes that training leaves as they are.
        self.frozen = [p.name for p in plan.nodes if is_frozen(p.name, experiment.training.frozen)]

    def _print(self, call: Call, **names: str) -> str:
        self.calls.append(call)
        return call.text(**names)


class MeasuringPrinter(Printer):
    """The printer of the losses, and of the function `measure`."""

    def followed(self) -> list[str]:
        """The metrics that training follows, each once."""
        schedules = [update.schedule.follows(1) for update in self.experiment.training.updates]
        return list(dict.fromkeys(following.metric for following in schedules if following is not None))

    def keeps_validation(self) -> bool:
        """Whether training follows the validation set, which `data` then returns last."""
        return any(set_of(metric) == "validation" for metric in self.followed())

    def kept_sets(self) -> str:
        """The variables of the validation set, where it is followed."""
        return ", validation, validation_targets" if self.keeps_validation() else ""

    def value_of(self, metric: str) -> str:
        """The expression of a metric's value now."""
        part, _, name = metric.partition("_")
        return f'{self.measured(part)}["{name}"]'

    def measured(self, part: str) -> str:
        """The expression of all metrics of a set now."""
        samples = "inputs, targets" if part == "train" else "validation, validation_targets"
        scaling = ", shift, scale" if self.late else ""
        return f"measure(network, {samples}{scaling})"

    def measure(self) -> list[str]:
        """The source of the function that measures a whole set, where training follows a metric."""
        if not self.followed():
            return []
        scaling = ", shift: torch.Tensor, scale: torch.Tensor" if self.late else ""
        values = self.measures("targets[batch]")
        lines = [
            "@torch.no_grad()",
            "def measure(",
            f"    network: Network, inputs: torch.Tensor, targets: torch.Tensor{scaling}",
            ") -> dict[str, float]:",
            "    network.eval()",
            *self._encoded(),
            "    judged = []",
            f"    parts: dict[str, list[torch.Tensor]] = {{name: [] for name in {list(values)!r}}}",
            f"    for batch in torch.arange(len(inputs)).split({AT_ONCE}):",
            f"        outputs = network({self._plain()})",
            "        judged.append(outputs)",
            *(f'        parts["{name}"].append({value})' for name, value in values.items()),
            "    network.train()",
            # Of all samples at once: a mean of batches' losses is another number where a loss is no mean.
            "    outputs = [torch.cat(each) for each in zip(*judged)]",
            f"    loss = {self._loss(batch='')}",
            f"    return {{{', '.join(self._losses())}, **{self.concluded('parts')}}}",
        ]
        return ["\n".join(lines)]

    def _losses(self) -> list[str]:
        """The entries of the loss of a whole set, and of each of its losses that has a name, unweighted."""
        named = [
            (index, loss) for index, loss in enumerate(self.experiment.task.losses) if loss.name is not None
        ]
        terms = [f'"loss_{loss.name}": {self._term(index, batch="")}.item()' for index, loss in named]
        return ['"loss": loss.item()', *terms]

    def measures(self, targets: str) -> dict[str, str]:
        """The expressions of what the task measures of `outputs` and these targets."""
        measures = self.experiment.task.measures.items()
        return {
            name: self._print(Call(function, Name("outputs[0]"), Name(targets)))
            for name, function in measures
        }

    def concluded(self, parts: str) -> str:
        """The expression of the metrics, from what was measured of each batch."""
        task = self.experiment.task
        joined = Call(reduced, Name(parts), sorted(task.concatenated))
        return self._print(Call(type(task).conclusion, joined, Name("len(inputs)")))

    def _plain(self) -> str:
        """The expression of a batch as the network's input, without augmentations."""
        return "prepared(inputs[batch], shift, scale)" if self.late else "inputs[batch]"

    def _encoded(self) -> list[str]:
        task, data = self.experiment.task, self.experiment.data
        lines = []
        for index, loss in enumerate(task.losses):
            target = f"target{index}"
            lines.append(f"    {target} = {self._print(task.targets(loss, data))}")
            if self.experiment.training.precision == "float64":
                lines.append(
                    f"    {target} = {target}.double() if {target}.is_floating_point() else {target}"
                )
            lines.append(f"    loss{index} = {exact(self._print(task.compare(loss)), self.experiment)}")
        return lines

    def _loss(
        self, *, moved: bool = False, names: Collection[str] | None = None, batch: str = "[batch]"
    ) -> str:
        """The expression of a loss; `moved`: of targets that augmentations took along, `marked`.

        Of several losses, those with these `names` count. `batch` indexes the targets; empty: the outputs
        are of the whole set.
        """
        terms = []
        for index, loss in enumerate(self.experiment.task.losses):
            if names is None or loss.name in names:
                term = self._term(index, moved=moved, batch=batch)
                terms.append(term if loss.weight == 1 else f"{loss.weight} * {term}")
        return " + ".join(terms)

    def _term(self, index: int, *, moved: bool = False, batch: str) -> str:
        """The expression of one of the losses, without its weight (see `_loss`)."""
        experiment = self.experiment
        exact = ".float()" if experiment.training.precision == "bfloat16" else ""
        encoded = experiment.task.targets(experiment.task.losses[index], experiment.data)
        target = self._print(encoded, targets="marked") if moved else f"target{index}{batch}"
        return f"loss{index}(outputs[{index}]{exact}, {target})"


def exact(loss: str, experiment: Experiment) -> str:
    """The text of a loss's module, whose class weights have the precision of the training."""
    return (
        f"{loss}.double()" if experiment.training.precision == "float64" and "torch.tensor(" in loss else loss
    )
