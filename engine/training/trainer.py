"""The trainer: a state of tensors, and a step that changes it.

No threads, no input or output, no clock: whoever drives it decides when to step and when to look.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from glassnet.engine.data.batches import Feed
from glassnet.engine.data.load import Data, Inputs, Samples, load
from glassnet.engine.data.order import Order
from glassnet.engine.errors import BlobMissing, DataError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of, exact_float32
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network import planner
from glassnet.engine.network.checks import check_data
from glassnet.engine.network.limits import Limits, check_limits
from glassnet.engine.network.module import Network, evaluation_network
from glassnet.engine.random_streams import stream
from glassnet.engine.training.anchor import Anchor, InMemory, OnDisk
from glassnet.engine.training.criterion import Criterion
from glassnet.engine.training.divergence import all_finite, divergence, first_output, last_that_holds
from glassnet.engine.training.evaluator import Evaluator
from glassnet.engine.training.graphed_steps import GraphedSteps
from glassnet.engine.training.parameter_groups import grouped
from glassnet.engine.training.regularization import restrained
from glassnet.engine.training.soundness import check_fits, check_sound, on_this_device
from glassnet.engine.training.step import Step

#: Samples in one forward pass of an evaluation, and numbers that it leaves: more would only need memory.
EVALUATION_BATCH, EVALUATION_NUMBERS = 2048, 16_000_000

#: Steps from one safe copy of the state to the next: how far a divergence is traced back.
ANCHOR_EVERY = 100

#: Multiply-adds of a batch above which overhead no longer matters and a step is not captured.
CAPTURE_UP_TO = 200_000_000

#: Bytes of a state that is large.
LARGE = 256 << 20


class Trainer:
    """An experiment at work.

    `step()` takes one optimizer step. `state()` and `load()` are exact: a trainer that loads the state
    of another goes on as the other would have, bit for bit. Evaluation and probes use `looking`, the
    network in evaluation mode over the same tensors, and touch nothing that training reads.
    """

    def __init__(
        self,
        experiment: Experiment,
        *,
        device: str = "cpu",
        limits: Limits | None = None,
        replay: bool = True,
        blobs: Blobs | None = None,
        beside: Trainer | None = None,
        replaces: Trainer | None = None,
        scratch: Path | None = None,
    ) -> None:
        """Raises InvalidExperiment where the network cannot be built or is beyond the limits.

        `replay=False` runs every step through autograd; the numbers are the same. `blobs` is where own
        data and pictures are found. `beside` is a trainer whose samples are shared where they are the same;
        so is `replaces`, which is lightened before this one takes memory. `scratch` is a folder where the
        copy of a large state that a divergence is traced from may lie; without one it is in memory.
        """
        self.experiment, self.device, self._scratch = experiment, device, scratch
        if device != "cpu":
            exact_float32(deterministic=experiment.training.deterministic)
        self.blobs = blobs or Blobs()
        #: For studies: what probes had collected by the snapshot, as `PROBE/name`, and the run's checkpoints.
        self.kept: dict[str, Tensor] = {}
        self.checkpoints: Path | None = None
        training = experiment.training
        self.plan = planner.plan(experiment)
        self.limits = limits or Limits()
        check_limits(self.plan, min(training.batch_size, experiment.data.count), self.limits)
        #: Samples that are looked at in one pass.
        numbers = min(EVALUATION_NUMBERS, self.limits.activations or EVALUATION_NUMBERS)
        self.looking_at = max(1, min(EVALUATION_BATCH, numbers // self.plan.activations))
        self.dtype = dtype_of(training.precision)
        known = beside or replaces
        shared = known is not None and known.has_samples_of(experiment, device)
        self.data: Data = known.data if known is not None and shared else self._loaded()
        if replaces is not None:
            replaces.lighten()
        self.feed = Feed(self.data, experiment.seed, self.dtype, device)
        #: What dropout draws from.
        self.dropout = stream(experiment.seed, "dropout", device)
        self.network = Network(self.plan, experiment.seed, self.dropout).to(device, self.dtype)
        self._targets = self._encoded(self.data.train)
        self.groups = grouped(self.network, training.updates)
        self.restraints = [restrained(item, self.groups) for item in training.regularizers]
        self._criterion = Criterion(experiment.task, self.plan.loss_nodes, self.restraints)
        self.looking = evaluation_network(self.network, self.dropout)
        self._persistent = {
            name for name in self.network.state_dict() if name not in dict(self.network.named_parameters())
        }

        count = len(self.data.train)
        self.order = Order(count, training.batch_size, training.shuffle, training.last_batch, experiment.seed)
        self.steps_taken = 0
        #: Sum of the batch losses since it was last taken, and how many.
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        self.loss_count = 0

        #: Whether whole steps become CUDA graphs (see graphed_steps.py).
        self._graphs = replay and device != "cpu"
        #: Samples up to which a pass over fixed tensors is captured and replayed (see replay.py).
        most = self.looking_at if self._graphs else CAPTURE_UP_TO // max(1, self.plan.macs)
        self._captured = most if replay else 0
        self.replays = self._graphs or training.batch_size <= self._captured
        self._step: Step | GraphedSteps | None = None
        self._evaluator: Evaluator | None = None
        #: A safe copy of the state; None until the next step, which takes one first.
        self.anchor: Anchor | None = None
        self.anchored_at = 0

    def has_samples_of(self, experiment: Experiment, device: str) -> bool:
        """Whether an experiment would draw, split and normalise the very samples that are here."""
        own = self.experiment
        same = own.data == experiment.data and own.seed == experiment.seed
        return same and self.dtype is dtype_of(experiment.training.precision) and self.device == device

    # Where training stands ----------------------------------------------------------------------------

    @property
    def steps_per_epoch(self) -> int:
        return self.order.per_epoch

    @property
    def steps(self) -> int:
        """Steps in the whole training."""
        return self.experiment.training.epochs * self.order.per_epoch

    @property
    def epoch(self) -> float:
        """Passes over the training set so far, with the fraction of the present one."""
        return self.steps_taken / self.order.per_epoch

    @property
    def finished(self) -> bool:
        return self.steps_taken >= self.steps

    # The step ----------------------------------------------------------------------------------------

    def step(self) -> None:
        """One batch: forward, loss, gradients, update.

        Raises Diverged (within ANCHOR_EVERY steps of its happening; `take_loss` sees it sooner), with
        the trainer put back to the last state in which everything was finite.
        """
        if self.anchor is None:
            self.keep()
        elif self.steps_taken - self.anchored_at >= ANCHOR_EVERY:
            self._drop_anchor()
        self._advance()

    @torch.no_grad()
    def _advance(self) -> None:
        if self._step is None:
            self._step = self._made_step()
        batch = self.order.next()
        self.loss_count += 1
        self.steps_taken += 1
        due = [group for group in self.groups if self.steps_taken % group.every == 0]
        if isinstance(self._step, GraphedSteps):
            self._step.take(len(batch), due, self._rates_of_epoch)
            return
        for group in due:
            group.tune(self.steps_taken, self.steps_per_epoch, self.steps)
        self._step(batch.to(self.device), due)

    def _made_step(self) -> Step | GraphedSteps:
        step = Step(
            self.network,
            self._criterion,
            self.groups,
            self.restraints,
            feed=self.feed,
            targets=self._targets,
            loss_sum=self.loss_sum,
            precision=self.experiment.training.precision,
            replays=self.replays and not self._graphs,
        )
        if not self._graphs:
            return step
        return GraphedSteps(self.order, self.groups, step, self._generators().values())

    def _rates_of_epoch(self, batch: int) -> list[list[float]]:
        """Each group's rate at each step of the epoch of which this batch is just being taken."""
        first = self.steps_taken - batch
        steps = range(first, first + self.steps_per_epoch)
        return [
            [group.rate_at(step, self.steps_per_epoch, self.steps) for step in steps] for group in self.groups
        ]

    # Looking -----------------------------------------------------------------------------------------

    def take_loss(self) -> float:
        """The mean batch loss since it was last taken (NaN where no step was). Raises Diverged."""
        total = float(self.loss_sum)
        mean = total / self.loss_count if self.loss_count else math.nan
        if self.loss_count and not math.isfinite(total):
            raise divergence(self)
        self.loss_sum.zero_()
        self.loss_count = 0
        return mean

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics over each whole set, in evaluation mode and without augmentations.

        `train_loss`, `validation_loss` where a share is kept for it, `test_loss`, and so on. Penalties
        are left out: losses are of the data alone. Raises Diverged.
        """
        means = self._means()
        if not all(map(math.isfinite, means.values())) and self.steps_taken:
            raise divergence(self)
        return means

    @property
    def measurable(self) -> bool:
        """Whether all that `evaluate` gives is finite; weights may be, and their squared errors not."""
        return all(map(math.isfinite, self._means().values()))

    def _means(self) -> dict[str, float]:
        if self._evaluator is None:
            self._evaluator = Evaluator(
                self.data.sets(),
                self.experiment.task,
                self.plan.loss_nodes[0],
                network=self.looking,
                criterion=self._criterion,
                encode=self._encoded,
                at_once=self.looking_at,
                captured=self._captured,
                unit=self.data.value_scaling.unit,
            )
        return self._evaluator.means()

    @torch.no_grad()
    def predict(self, inputs: Inputs) -> Tensor:
        """What the network says of inputs (samples, …), in evaluation mode: classes, or values."""
        task, judged = self.experiment.task, self.plan.loss_nodes[0]
        parts = [
            task.predictions(task.losses[0], self.looking(inputs[start : start + self.looking_at])[judged])
            for start in range(0, len(inputs), self.looking_at)
        ]
        return torch.cat(parts)

    # State -------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """A copy of all that the next step depends on, by name."""
        return {name: tensor.clone() for name, tensor in self.tensors().items()}

    def tensors(self) -> dict[str, Tensor]:
        """What `state` copies: training changes these very tensors."""
        return {name: tensor.detach() for name, tensor in self._tensors()}

    @property
    def is_large(self) -> bool:
        """Whether a copy of the state is not to be held in memory only to be written a little later."""
        return self.state_bytes > LARGE

    @property
    def state_bytes(self) -> int:
        """How large a state is: parameters, buffers and what the optimizer keeps beside them."""
        return sum(tensor.numel() * tensor.element_size() for _, tensor in self._tensors())

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from a state of this very experiment; CheckpointError, and nothing changed, otherwise."""
        own = self.tensors()
        state = on_this_device({**self._nothing_collected(), **state}, own)
        check_fits(state, own)
        check_sound(state, self.steps_per_epoch, self._generators())
        self._restore(state.items())

    def adopt(self, state: dict[str, Tensor]) -> list[str]:
        """Take over from another experiment's state whatever has the same name and shape; the names taken.

        Raises CheckpointError, and changes nothing, where what would be taken is damaged.
        """
        own = self.tensors()
        kept = {
            name: tensor
            for name, tensor in state.items()
            if name in own and own[name].shape == tensor.shape and own[name].dtype == tensor.dtype
        }
        taken_over = {"order/permutation", "order/batch"} <= kept.keys()
        if not taken_over or int(kept["order/batch"]) > self.steps_per_epoch:
            # Other samples or batches: an epoch of their own begins.
            kept = {name: tensor for name, tensor in kept.items() if not name.startswith("order/")}
        check_sound({**own, **kept}, self.steps_per_epoch, self._generators())
        self._restore(kept.items())
        return list(kept)

    def retune(self, experiment: Experiment) -> bool:
        """Take over an experiment that differs in live fields alone (see `edits.is_live`), in place.

        Weights, optimizer state and order stay where they are. Returns whether training or looking goes
        otherwise from now on. Raises InvalidExperiment, and changes nothing, where it cannot be built.
        """
        own = self.experiment
        if all(getattr(own, part) == getattr(experiment, part) for part in ("network", "task", "training")):
            self.experiment = experiment
            return False
        plan = planner.plan(experiment)
        check_limits(plan, min(experiment.training.batch_size, experiment.data.count), self.limits)
        changed = [placed for placed in plan.nodes if placed.item != self.plan[placed.name].item]
        self.experiment, self.plan = experiment, plan
        for group, update in zip(self.groups, experiment.training.updates, strict=True):
            group.optimizer, group.schedule = update.optimizer, update.schedule
        for restraint, item in zip(self.restraints, experiment.training.regularizers, strict=True):
            restraint.follow(item)
        self._criterion = Criterion(experiment.task, plan.loss_nodes, self.restraints)
        if changed:
            self.network.rebuild(changed)
            self.looking = evaluation_network(self.network, self.dropout)
        self.lighten()
        return True

    def lighten(self) -> None:
        """Let go of all that can be made again: captured passes, the copy to trace a divergence from."""
        self._step = None
        self._evaluator = None
        self.anchor = None

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, parameter in self.network.named_parameters():
            yield f"parameters/{name}", parameter
        for name, buffer in self.network.named_buffers():
            if name in self._persistent:
                yield f"buffers/{name}", buffer
        for index, group in enumerate(self.groups):
            yield from group.state(f"optimizer/{index}")
            yield from group.collected(f"gradients/{index}")
        for index, restraint in enumerate(self.restraints):
            yield from restraint.state(f"regularizer/{index}")
        yield from self.order.state()
        for name, generator in self._generators().items():
            yield f"generator/{name}", generator.get_state()
        yield "loss/sum", self.loss_sum
        yield "loss/count", torch.tensor(self.loss_count)
        yield "step", torch.tensor(self.steps_taken)

    def _nothing_collected(self) -> dict[str, Tensor]:
        """What a state lacks that was written when gradients between updates were not kept."""
        return {
            name: torch.zeros_like(tensor)
            for index, group in enumerate(self.groups)
            for name, tensor in group.collected(f"gradients/{index}")
        }

    def _restore(self, state: Iterable[tuple[str, Tensor]]) -> None:
        """Set what a state names; the rest stays."""
        own, generators = dict(self._tensors()), self._generators()
        with torch.no_grad():
            for name, tensor in state:
                own[name].copy_(tensor)
                if name.startswith("generator/"):
                    generators[name.removeprefix("generator/")].set_state(tensor.cpu())
        self.order.resume_at(int(own["order/batch"]))
        self.loss_count, self.steps_taken = int(own["loss/count"]), int(own["step"])
        self.anchor = None

    def _generators(self) -> dict[str, torch.Generator]:
        augmentation = {} if self.feed.generator is None else {"augmentation": self.feed.generator}
        return {"order": self.order.generator, "dropout": self.dropout, **augmentation}

    # Divergence --------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Take the present state for one to go back to after a divergence."""
        if self.anchor is None:
            self.anchor = OnDisk(self._scratch) if self._scratch and self.is_large else InMemory()
        self.anchor.put(self.tensors())
        self.anchored_at = self.steps_taken

    def _drop_anchor(self) -> None:
        """Keep a copy of the state to trace a divergence back from, if all is well."""
        if not all_finite(self.loss_sum, self.groups):
            raise divergence(self)
        self.keep()

    def walk(self, anchor: Anchor, step: int) -> None:
        """Go to a step by way of a copy: to copy the state at each step would take as much."""
        self._restore(anchor.items())
        self.anchor = anchor
        self.go_on_to(step)

    def go_to_last_measurable(self) -> bool:
        """After a divergence: go back to the last state that can be evaluated; whether there is one.

        States are looked at that training passed since its last safe copy; the present one stays where
        none of them can be evaluated.
        """
        if self.measurable or (anchor := self.anchor) is None:
            return self.measurable
        end = self.steps_taken

        def holds(step: int) -> bool:
            self.walk(anchor, step)
            return self.measurable

        step = last_that_holds(self.anchored_at, end, holds)
        self.walk(anchor, end if step is None else step)
        return step is not None

    def go_on_to(self, step: int) -> None:
        """Take the steps again that were gone back from."""
        while self.steps_taken < step:
            self._advance()

    def first_output_not_finite(self) -> str | None:
        """The node where the next batch first is not finite; nothing of the state is changed."""
        large, anchor = ("parameters/", "optimizer/", "regularizer/"), self.anchor
        before = {name: t.clone() for name, t in self.tensors().items() if not name.startswith(large)}
        try:
            return first_output(self.network, self.feed(self.order.next().to(self.device)))
        finally:
            self._restore(before.items())
            self.anchor = anchor

    # Building ----------------------------------------------------------------------------------------

    def _loaded(self) -> Data:
        check_data(self.experiment, self.blobs)
        try:
            return load(self.experiment.data, self.experiment.seed, self.dtype, self.device, self.blobs)
        except (BlobMissing, DataError) as error:
            raise InvalidExperiment.at("/data", str(error)) from None

    def _encoded(self, samples: Samples) -> list[Tensor]:
        """The targets as each loss wants them."""
        task, data = self.experiment.task, self.experiment.data
        encoded = [task.targets(loss, data).build(targets=samples.targets) for loss in task.losses]
        return [target.to(self.dtype) if target.is_floating_point() else target for target in encoded]
