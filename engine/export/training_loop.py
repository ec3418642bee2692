"""The training loop of an exported script."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from glassnet.engine.catalog.call import Call
from glassnet.engine.data.order import batches
from glassnet.engine.experiment.experiment import Update
from glassnet.engine.export.stopping import StopPrinter
from glassnet.engine.items.regularizers import Regularizer
from glassnet.engine.network.graph import matches

#: The line that reads the learning rate of the last update, for regularizers that act after it.
RATE = 'rate = torch.tensor(optimizer0.param_groups[0]["lr"], dtype=torch.float64)'


class TrainingPrinter(StopPrinter):
    """The printer of the function `train`."""

    def train(self) -> str:
        """The source of the training loop."""
        training = self.experiment.training
        size, per_epoch = self._batches()
        lines = [
            f"def train(steps: int = {training.epochs * per_epoch}) -> tuple[Network, list[float]]:",
            '    network = Network(dropout=stream(SEED, "dropout"))',
            "    initialise(network)",
            *(["    network.double()"] if training.precision == "float64" else []),
            f"    inputs, targets, _, _{', shift, scale' if self.late else ''}{self.kept_sets()} = data()",
            *self._encoded(),
            *self._optimizers(per_epoch),
            *self._kept(),
            '    generator = stream(SEED, "order")',
            *(['    chance = stream(SEED, "augmentation")'] if self.experiment.data.changes() else []),
            *(['    noise = stream(SEED, "gradient_noise")'] if self._draws() else []),
            "    order = torch.arange(len(inputs))",
            "    losses = []",
            *self.stops_made(),
            "    for step in range(1, steps + 1):",
            f"        start = (step - 1) % {per_epoch} * {size}",
            *self._shuffled(),
            f"        batch = order[start : start + {size}]",
            *(self._in_turns() if self._takes_turns() else self._at_once()),
            f"        if step % {per_epoch} == 0:",
            f'            print(f"epoch {{step // {per_epoch}}}: loss {{losses[-1]:.4f}}")',
            *self._after_epoch(per_epoch),
            *self.stops_read(per_epoch),
            "    return network, losses",
        ]
        return "\n".join(lines)

    def _takes_turns(self) -> bool:
        """Whether each update has a pass of its own."""
        return any(update.losses is not None for update in self.experiment.training.updates)

    def _at_once(self) -> list[str]:
        """The lines of one pass, whose gradients all updates follow."""
        return [
            *self._moved_together(),
            *self._forward(self._fed()),
            f"        penalised = {' + '.join(['loss', *self._penalties()])}",
            *([] if self._collects() else ["        network.zero_grad(set_to_none=False)"]),
            "        penalised.backward()",
            *self._around_update(),
            "        losses.append(loss.item())",
        ]

    def _in_turns(self) -> list[str]:
        """The lines of a pass for each update, over the weights that the updates before it have left."""
        penalised = " + ".join(["loss", *self._penalties()])
        lines = [*self._moved_together(), f"        fed = {self._fed()}", "        losses.append(0.0)"]
        for index, update in enumerate(self.experiment.training.updates):
            moved = f'optimizer{index}.param_groups[0]["params"]'
            several = update.every > 1
            when = f" if step % {update.every} == 0 else set()" if several else ""
            lines += [
                *self._forward("fed", update.losses),
                "        losses[-1] += loss.item()",
                f"        found = torch.autograd.grad({penalised}, {moved}, materialize_grads=True)",
                f"        for p, gradient in zip({moved}, found):",
                "            p.grad = gradient if p.grad is None else p.grad + gradient",
                f"        due = set({moved}){when}",
                *(["        for p in due:", f"            p.grad /= {update.every}"] if several else []),
                *self._around_update(index),
                "        for p in due:",
                "            p.grad = None",
            ]
        return lines

    def _moved_together(self) -> list[str]:
        """The line that has augmentations change samples and targets together."""
        if self.experiment.data.moves() is None:
            return []
        return ["        changed, marked = moved(inputs[batch], targets[batch], chance)"]

    def _forward(self, fed: str, names: Collection[str] | None = None) -> list[str]:
        """The lines that compute the outputs and the loss, under autocast if the experiment uses it.

        Of several losses, those with these `names` count.
        """
        moves = self.experiment.data.moves() is not None
        lines = [
            f"        outputs = network({fed})",
            f"        loss = {self._loss(moved=moves, names=names)}",
        ]
        if self.experiment.training.precision != "bfloat16":
            return lines
        within = 'torch.autocast("cpu", torch.bfloat16, cache_enabled=False)'
        return [f"        with {within}:", *(f"    {line}" for line in lines)]

    def _fed(self) -> str:
        """The expression of a batch as the network's input."""
        if not self.late:
            return "inputs[batch]"
        changed = "augmented(inputs[batch], chance)" if self.experiment.data.changes() else "inputs[batch]"
        if self.experiment.data.moves() is not None:
            changed = "changed"
        return f"prepared({changed}, shift, scale)"

    def _batches(self) -> tuple[int, int]:
        """The batch size, and the number of batches in an epoch."""
        training, data = self.experiment.training, self.experiment.data
        return batches(data.trained, training.batch_size, training.last_batch)[:2]

    def _optimizers(self, per_epoch: int) -> list[str]:
        training = self.experiment.training
        lines = []
        for index, update in enumerate(training.updates):
            lines.append(f"    parameters = {self._chosen(update.nodes)}")
            lines.append(f"    optimizer = optimizer{index} = {self._print(update.optimizer.call())}")
            schedule = update.schedule.call(per_epoch, training.epochs * per_epoch)
            schedule = schedule or update.schedule.metric_call(per_epoch, training.epochs * per_epoch)
            if schedule is not None:
                lines.append(f"    schedule{index} = {self._print(schedule)}")
        return lines

    def _after_epoch(self, per_epoch: int) -> list[str]:
        """The lines in which schedules are shown the metrics that they follow."""
        lines = []
        for index, update in enumerate(self.experiment.training.updates):
            following = update.schedule.follows(per_epoch)
            if following is not None:
                alone = update.schedule.call(per_epoch, self.experiment.training.epochs * per_epoch) is None
                shown = self.value_of(following.metric)
                told = f"step({shown})" if alone else f"observe({shown}, step)"
                lines.append(f"            schedule{index}.{told}")
        return lines

    def _shuffled(self) -> list[str]:
        match self.experiment.training.shuffle:
            case "each_epoch":
                condition = "start == 0"
            case "once":
                condition = "step == 1"
            case "never":
                return []
        return [
            f"        if {condition}:",
            "            order = torch.randperm(len(inputs), generator=generator)",
        ]

    def _chosen(
        self, pattern: str, weights_of: Regularizer | None = None, trained: Sequence[Update] | None = None
    ) -> str:
        """The expression of the parameters of nodes that match a pattern, and that these updates train.

        Of a regularizer, its weights alone.
        """
        names = [
            placed.name
            for placed in self.plan.nodes
            if matches(pattern, placed.name)
            and placed.name not in self.frozen
            and (trained is None or any(matches(update.nodes, placed.name) for update in trained))
        ]
        conditions = []
        if len(names) < len(self.plan.nodes):
            conditions.append(f'name.rpartition(".")[0] in {names!r}')
        if weights_of is not None:
            biases = weights_of.holds("bias", 1)
            conditions.append('(p.ndim > 1 or name.endswith(".bias"))' if biases else "p.ndim > 1")
        if not conditions:
            return "list(network.parameters())"
        return f"[p for name, p in network.named_parameters() if {' and '.join(conditions)}]"

    def _kept(self) -> list[str]:
        lines = []
        updates = self.experiment.training.updates
        for index, item in enumerate(self.experiment.training.regularizers):
            state = item.state()
            if item.penalty() is not None or item.after_update() is not None:
                lines.append(f"    weights{index} = {self._chosen(item.nodes, item, updates)}")
            if item.on_gradients() is not None:
                lines.append(f"    parameters{index} = {self._chosen(item.nodes, None, updates)}")
            if item.at_update() is not None:
                for number, update in enumerate(updates):
                    held = item if item.on_weights else None
                    lines.append(f"    moved{index}_{number} = {self._chosen(item.nodes, held, [update])}")
            if state is not None:
                lines.append(f"    state{index} = {self._named(state, index)}")
        if any(item.after_update() is not None for item in self._regularizers()):
            lines.append(f"    {RATE}")
        if self._collects() and not self._takes_turns():
            lines.append("    every = {}  # batches from one update of a parameter to the next")
            for index, update in enumerate(self.experiment.training.updates):
                moved = f'optimizer{index}.param_groups[0]["params"]'
                lines.append(f"    every.update((p, {update.every}) for p in {moved})")
        if any(
            placed.parameters and placed.name not in self.plan.loss_dependencies()
            for placed in self.plan.nodes
        ):
            # Clipping reads all gradients, and backward() creates none for nodes that no loss depends on.
            lines.append("    for p in network.parameters():")
            lines.append("        p.grad = torch.zeros_like(p)")
        return lines

    def _penalties(self) -> list[str]:
        found = [(index, item.penalty()) for index, item in enumerate(self._regularizers())]
        return [self._named(call, index) for index, call in found if call is not None]

    def _named(self, call: Call, index: int) -> str:
        """A regularizer's call with its numbered variables."""
        weights, state = f"weights{index}", f"state{index}"
        return self._print(
            call, weights=weights, state=state, gradients=f"[p.grad for p in parameters{index}]"
        )

    def _named_of_due(self, call: Call, index: int) -> str:
        """The same, for the parameters alone that are updated in this step."""
        weights, state = f"weights{index}", f"state{index}"
        return self._print(
            call,
            weights=f"[w for w in {weights} if w in due]",
            state=f"[s for w, s in zip({weights}, {state}) if w in due]",
            gradients=f"[p.grad for p in parameters{index} if p in due]",
        )

    def _collects(self) -> bool:
        """Whether some update is over several batches."""
        return any(update.every > 1 for update in self.experiment.training.updates)

    def _draws(self) -> bool:
        return any(item.draws for item in self.experiment.training.regularizers)

    def _regularizers(self) -> list[Regularizer]:
        return list(self.experiment.training.regularizers)

    def _around_update(self, turn: int | None = None) -> list[str]:
        """The lines from the gradients to the weights, of all updates or of the one whose turn it is."""
        collected = self._collects() and turn is None
        named = self._named if turn is None and not collected else self._named_of_due
        lines = []
        if collected:
            lines += [
                "        due = {p for p in every if step % every[p] == 0}",
                "        for p in due:",
                "            p.grad /= every[p]  # backward() added up the gradients of so many batches",
            ]
        for index, item in enumerate(self._regularizers()):
            call = item.on_gradients()
            if call is not None:
                lines.append("        " + named(call, index))
        updates = range(len(self.experiment.training.updates)) if turn is None else [turn]
        lines += self._at_updates(updates)
        for index in updates:
            lines += self._update(index)
        after = [(index, item.after_update()) for index, item in enumerate(self._regularizers())]
        changes = ["            " + named(call, index) for index, call in after if call is not None]
        if changes:
            lines += ["        with torch.no_grad():", *changes]
        if collected:
            lines += ["        for p in due:", "            p.grad.zero_()"]
        return lines

    def _at_updates(self, updates: Sequence[int]) -> list[str]:
        """The lines of what regularizers change just before the steps of these optimizers."""
        lines = []
        for index, item in enumerate(self._regularizers()):
            call = item.at_update()
            for number in updates if call is not None else ():
                assert call is not None
                update = self.experiment.training.updates[number]
                moved = f"moved{index}_{number}"
                printed = self._print(
                    call,
                    weights=moved,
                    gradients=f"[p.grad for p in {moved}]",
                    rate=f'torch.tensor(optimizer{number}.param_groups[0]["lr"], dtype=torch.float64)',
                    steps=f"torch.tensor(step - {update.every}, dtype=torch.float64)",
                    generator="noise",
                )
                due = f"if step % {update.every} == 0: " if update.every > 1 else ""
                lines.append(f"            {due}{printed}")
        return ["        with torch.no_grad():", *lines] if lines else []

    def _update(self, index: int) -> list[str]:
        """The lines of an optimizer's step and its schedule's."""
        (_, per_epoch), training = self._batches(), self.experiment.training
        update, indent, lines = training.updates[index], "        ", []
        if update.every > 1:
            lines.append(f"{indent}if step % {update.every} == 0:")
            indent += "    "
        if index == 0 and any(item.after_update() is not None for item in self._regularizers()):
            lines.append(f"{indent}{RATE}")
        lines.append(f"{indent}optimizer{index}.step()")
        if update.schedule.call(per_epoch, training.epochs * per_epoch) is not None:
            if update.every > 1:
                lines.append(f"{indent}for _ in range({update.every}):  # the schedule goes by batches")
                indent += "    "
            lines.append(f"{indent}schedule{index}.step()")
        return lines
