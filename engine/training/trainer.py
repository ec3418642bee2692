"""Trainer: a state of tensors, and a step that changes it.

It has no threads, no input or output and no clock: its caller decides when to step and when to evaluate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from glassnet.engine.catalog.shown import Shown
from glassnet.engine.data.batches import BatchLoader
from glassnet.engine.data.load import Data, Inputs
from glassnet.engine.data.order import Order
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of, exact_float32
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.monitored import set_of
from glassnet.engine.network import planner
from glassnet.engine.network.limits import Limits, check_limits
from glassnet.engine.network.memory_layout import memory_format
from glassnet.engine.network.module import evaluation_network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.starting_weights import started_network
from glassnet.engine.random_streams import stream
from glassnet.engine.training.capture_policy import CapturePolicy
from glassnet.engine.training.criterion import Criterion, built_losses, encoder
from glassnet.engine.training.evaluator import Evaluator, are_measured
from glassnet.engine.training.host_copy import HostCopy
from glassnet.engine.training.parameter_groups import parameter_groups
from glassnet.engine.training.recovery import Recovery
from glassnet.engine.training.regularization import apply_regularizer
from glassnet.engine.training.samples import loaded_or_shared
from glassnet.engine.training.stepper import Stepper, Tier
from glassnet.engine.training.stopping import Stopping
from glassnet.engine.training.training_state import TrainingState

#: Samples in one forward pass of an evaluation, and numbers that it leaves: more would only need memory.
EVALUATION_BATCH, EVALUATION_NUMBERS = 2048, 16_000_000


class Trainer(Shown):
    """The training of an experiment.

        trainer = glassnet.Trainer(experiment)
        trainer.step()
        trainer.take_loss(), trainer.evaluate()["test_accuracy"]

    `step()` takes one optimizer step. `state()` and `load()` are exact: a trainer that loads the state
    of another goes on as the other would have, bit for bit. Evaluation and probes use `evaluation_network`,
    the network in evaluation mode over the same tensors, and touch nothing that training reads.
    """

    def __init__(
        self,
        experiment: Experiment,
        *,
        device: str = "cpu",
        limits: Limits | None = None,
        replay: bool = True,
        blobs: Blobs | None = None,
        share_data_with: Trainer | None = None,
        replaces: Trainer | None = None,
        data: Data | None = None,
        scratch: Path | None = None,
    ) -> None:
        """Raises InvalidExperiment where the network cannot be built or is beyond the limits.

        `replay=False` runs every step through autograd; the numbers are the same. `blobs` has own data. Those
        of `share_data_with` and `replaces` are shared where they are the same; the latter drops its caches.
        `data` takes the place of the experiment's. `scratch` is the folder of a large state's safe copy.
        """
        self.experiment, self.device = experiment, device
        self.blobs, self.limits = blobs or Blobs(), limits or Limits()
        training = experiment.training
        if device != "cpu":
            exact_float32(deterministic=training.deterministic)
        self.plan = self._planned(experiment)
        #: Samples in one pass of an evaluation, or of a probe over whole sets.
        self.evaluation_batch = _evaluation_batch(self.plan, self.limits)
        self.dtype = dtype_of(training.precision)
        self.data = data or loaded_or_shared(experiment, device, self.blobs, share_data_with or replaces)
        if replaces is not None:
            replaces.release_caches()
        self.loader = BatchLoader(self.data, experiment.seed, self.dtype, device)
        #: What dropout draws from.
        self.dropout = stream(experiment.seed, "dropout", device)
        started = started_network(self.plan, experiment, self.dropout, self.blobs)
        self.network = started.to(device, self.dtype)
        self.evaluation_network = evaluation_network(self.network, self.dropout)
        self.groups = parameter_groups(self.network, training)
        self._gradient_noise = (
            stream(experiment.seed, "gradient_noise", device)
            if any(item.draws for item in training.regularizers)
            else None
        )
        self.regularizers = [
            apply_regularizer(item, self.groups, self._gradient_noise) for item in training.regularizers
        ]
        self._memory_format = memory_format(self.plan, device, training.precision)
        self._capture = CapturePolicy.choose(
            self.plan,
            device=device,
            batch_size=training.batch_size,
            evaluation_batch=self.evaluation_batch,
            wanted=replay,
        )
        self._prepare(scratch)

    def _prepare(self, scratch: Path | None) -> None:
        """The state before the first step, and what changes it, measures it and brings it back."""
        experiment, training = self.experiment, self.experiment.training
        self.order = Order(
            len(self.data.train),
            training.batch_size,
            training.shuffle,
            training.last_batch,
            experiment.seed,
        )
        #: What ends the training before its epochs are over; whoever evaluates it reads it (`stopping.read`).
        self.stopping = Stopping(experiment)
        self._state = TrainingState(
            self.network,
            self.groups,
            self.regularizers,
            self.order,
            self._generators(),
            self.stopping,
            self.device,
        )
        self._criterion = self._objective()
        encode = encoder(experiment, self.dtype)
        self._stepper = Stepper(
            self._state,
            self.loader,
            encode(self.data.train.targets),
            encode,
            self.regularizers,
            policy=self._capture,
            precision=training.precision,
            memory_format=self._memory_format,
            criterion=self._criterion,
            steps=self.steps,
        )
        self._stepper.compile(training.compile)
        self.recovery = Recovery(
            self._state, self.loader, self.plan.loss_nodes[0], advance=self._advance, scratch=scratch
        )
        self._evaluator: Evaluator | None = None

    # Where training stands ----------------------------------------------------------------------------

    @property
    def steps_taken(self) -> int:
        return self._state.steps_taken

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
    def cycle_ended(self) -> int:
        """The cycle of the first schedule that ends here, its rate at its least; 0 where none does."""
        return self.groups[0].schedule.cycle_ended(self.steps_taken, self.steps_per_epoch)

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, or a stop has ended the training."""
        return self.steps_taken >= self.steps or self.stopping.ended is not None

    # The step ----------------------------------------------------------------------------------------

    def step(self, *, observed: bool = True) -> None:
        """One batch: forward, loss, gradients, update.

        `observed`: probes may look after this step, so that its update is recorded where they follow
        updates; whoever takes many steps before one looks spares the others. Raises Diverged (within
        COPY_EVERY steps of its happening; `take_loss` sees it sooner), with the trainer put back to the
        last state in which everything was finite.
        """
        outdated = self._stepper.is_outdated
        # Steps that a divergence is traced by are repeated by what computed them.
        self.recovery.before_step(at_once=outdated)
        if outdated:
            self._stepper.discard_captures()
            self._evaluator = None  # nothing is captured on a GPU while code is compiled
        self._advance(observed=observed)

    def _advance(self, *, observed: bool = True) -> None:
        """Take a step, and after the last of an epoch show schedules the metrics that they follow."""
        self._stepper.advance(observed=observed)
        if self.order.batch == self.order.per_epoch:
            for group in self.groups:
                metric = group.metric(self.steps_taken, self.steps_per_epoch)
                if metric is not None:
                    group.observe(self._means(set_of(metric))[metric], self.steps_per_epoch)

    def record_updates(self, on: bool) -> None:
        """Set whether each group's `last_updates` are recorded, for those who look at them."""
        for group in self.groups:
            group.record_updates(on)

    @property
    def records_updates(self) -> bool:
        """Whether updates are recorded."""
        return any(group.records_updates for group in self.groups)

    @property
    def replays(self) -> bool:
        """Whether training passes are captured and replayed."""
        return self._capture.training

    @property
    def tier(self) -> Tier:
        """What computes the steps now; where compiled code is asked for and is not there, why."""
        return self._stepper.tier

    # Evaluation --------------------------------------------------------------------------------------

    def take_loss(self) -> float:
        """The mean batch loss since it was last taken (NaN where no step was). Raises Diverged."""
        state = self._state
        total = float(state.loss_sum)
        mean = total / state.loss_count if state.loss_count else math.nan
        if state.loss_count and not math.isfinite(total):
            raise self.recovery.trace()
        state.loss_sum.zero_()
        state.loss_count = 0
        return mean

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics over each whole set, in evaluation mode and without augmentations.

        `train_loss`, `validation_loss` where a share is kept for it, `test_loss`, and so on. Penalties
        are left out: losses are of the data alone. Raises Diverged.
        """
        means = self._means()
        if not are_measured(means) and self.steps_taken:
            raise self.recovery.trace()
        return means

    @property
    def measurable(self) -> bool:
        """Whether all that `evaluate` gives is finite; weights may be, and their squared errors not."""
        return are_measured(self._means())

    def go_to_last_measurable(self) -> bool:
        """After a divergence: go back to the last state that can be evaluated; whether there is one."""
        return self.recovery.go_to_last(lambda: self.measurable)

    def _means(self, only: str | None = None) -> dict[str, float]:
        if self._evaluator is None:
            self._evaluator = Evaluator(
                self.data.sets(),
                self.experiment.task,
                self.plan.loss_nodes[0],
                network=self.evaluation_network,
                criterion=self._criterion,
                encode=encoder(self.experiment, self.dtype),
                at_once=self.evaluation_batch,
                captured=self._capture.samples,
                memory_format=self._memory_format,
                unit=self.data.value_scaling.unit,
            )
        return self._evaluator.means(only)

    @torch.no_grad()
    def predict(self, inputs: Inputs) -> Tensor:
        """The network's predictions for inputs (samples, …), in evaluation mode: classes, or values."""
        task, judged, size = self.experiment.task, self.plan.loss_nodes[0], self.evaluation_batch
        parts = [
            task.predictions(task.losses[0], self.evaluation_network(inputs[start : start + size])[judged])
            for start in range(0, len(inputs), size)
        ]
        return torch.cat(parts)

    # State -------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """A copy of all that the next step depends on, by name."""
        return self._state.copy()

    def copy_to_host(self) -> HostCopy:
        """A copy like that of `state`, in host memory; from a GPU it arrives there while training goes on."""
        return HostCopy(self._state.tensors())

    def tensors(self) -> dict[str, Tensor]:
        """What `state` copies: training changes these very tensors."""
        return self._state.tensors()

    @property
    def is_on_gpu(self) -> bool:
        """Whether the network and its optimizer's state are in a GPU's memory."""
        return self._state.loss_sum.is_cuda

    @property
    def is_large(self) -> bool:
        """Whether a copy of the state is not to be held in memory only to be written a little later."""
        return self._state.is_large

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Load a state of this experiment. Raises CheckpointError, and changes nothing, if it is not one."""
        self._state.load(state)
        self.recovery.forget()

    def load_matching(self, state: Mapping[str, Tensor]) -> list[str]:
        """Load the tensors of another experiment's state that have a name in this one; returns their names.

        Of tensors of another size, the leading slice. Raises CheckpointError, and changes nothing, where what
        would be taken is damaged.
        """
        taken = self._state.load_matching(state)
        self.recovery.forget()
        return taken

    def save_safe_copy(self) -> None:
        """Copy the current state, changed by hand, as the one to return to after a divergence."""
        self.recovery.save_safe_copy()

    def release_caches(self) -> None:
        """Free what can be computed again: captured passes, and the copy that a divergence is traced from."""
        self._stepper.discard_captures()
        self._evaluator = None
        self.recovery.forget()

    # Editing while training --------------------------------------------------------------------------

    def apply_live_edit(self, experiment: Experiment) -> bool:
        """Apply an experiment that differs in live fields alone (see `edits.is_live`), in place.

        Weights, optimizer state and order are kept. Returns whether training or evaluation is another from
        now on. Raises InvalidExperiment, and changes nothing, where it cannot be built.
        """
        own = self.experiment
        if all(getattr(own, part) == getattr(experiment, part) for part in ("network", "task", "training")):
            self.experiment = experiment
            return False
        plan = self._planned(experiment)
        changed = [placed for placed in plan.nodes if placed.item != self.plan[placed.name].item]
        self.experiment, self.plan = experiment, plan
        self.stopping.follow(experiment)
        for group, update in zip(self.groups, experiment.training.updates, strict=True):
            group.optimizer, group.schedule = update.optimizer, update.schedule
        for regularizer, item in zip(self.regularizers, experiment.training.regularizers, strict=True):
            regularizer.follow(item)
        self._criterion = self._objective()
        if changed or own.training.compile != experiment.training.compile:
            self._stepper.compile(experiment.training.compile)
        if changed:
            self.network.rebuild(changed)
            self.evaluation_network = evaluation_network(self.network, self.dropout)
        self._stepper.set_criterion(self._criterion, self.steps)
        self.release_caches()
        return True

    # Building ----------------------------------------------------------------------------------------

    def _planned(self, experiment: Experiment) -> Plan:
        plan = planner.plan(experiment)
        check_limits(plan, min(experiment.training.batch_size, experiment.data.count), self.limits)
        return plan

    def _generators(self) -> dict[str, torch.Generator]:
        drawn = {"augmentation": self.loader.generator, "gradient_noise": self._gradient_noise}
        used = {purpose: generator for purpose, generator in drawn.items() if generator is not None}
        return {"order": self.order.generator, "dropout": self.dropout, **used}

    def _objective(self) -> Criterion:
        losses = built_losses(self.experiment.task, self.device, self.dtype)
        return Criterion(losses, self.plan.loss_nodes, self.regularizers)


def _evaluation_batch(plan: Plan, limits: Limits) -> int:
    """Samples whose outputs of all nodes are no more numbers than is right."""
    numbers = min(EVALUATION_NUMBERS, limits.activations or EVALUATION_NUMBERS)
    return max(1, min(EVALUATION_BATCH, numbers // plan.activations))
