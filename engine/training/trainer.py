"""Trainer: a state of tensors, and a step that changes it.

It has no threads, no input or output and no clock: its caller decides when to step and when to evaluate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from glassnet.engine.catalog.shown import Shown
from glassnet.engine.data.load import Data, Inputs
from glassnet.engine.data.order import Order
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.precision import dtype_of, exact_float32
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.monitored import set_of
from glassnet.engine.network import planner
from glassnet.engine.network.limits import Limits, check_limits
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.training.capture_policy import CapturePolicy
from glassnet.engine.training.criterion import Criterion, built_losses
from glassnet.engine.training.evaluator import Evaluator, are_measured, predicted, samples_at_once
from glassnet.engine.training.host_copy import HostCopy
from glassnet.engine.training.observed import Observed
from glassnet.engine.training.recovery import Recovery
from glassnet.engine.training.replicas.evaluator import StackedEvaluator
from glassnet.engine.training.replicas.observed_replica import ObservedReplica
from glassnet.engine.training.replicas.replicas import Replicas
from glassnet.engine.training.replicas.spread import of_replica, with_spread
from glassnet.engine.training.samples import loaded_or_shared
from glassnet.engine.training.single import Single
from glassnet.engine.training.stepper import Stepper, Tier
from glassnet.engine.training.stopping import Stopping
from glassnet.engine.training.training_state import TrainingState


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
        data: Data | Sequence[Data] | None = None,
        scratch: Path | None = None,
    ) -> None:
        """Raises InvalidExperiment where the network cannot be built or is beyond the limits.

        `replay=False` runs every step through autograd; the numbers are the same. `blobs` has own data. Those
        of `share_data_with` and `replaces` are shared where they are the same; the latter drops its caches.
        `data` takes the place of the experiment's, for the first replica or, in a list, for each. `scratch`
        is the folder of a large state's safe copy.
        """
        self.experiment, self.device = experiment, device
        self.blobs, self.limits = blobs or Blobs(), limits or Limits()
        training = experiment.training
        if device != "cpu":
            exact_float32(deterministic=training.deterministic)
        self.plan = self._planned(experiment)
        #: Samples in one pass of an evaluation, or of a probe over whole sets.
        self.evaluation_batch = samples_at_once(self.plan, self.limits, training.replicas)
        self.dtype = dtype_of(training.precision)
        other = share_data_with or replaces
        known = [data] if isinstance(data, Data) else data or []
        data = known[0] if known else loaded_or_shared(experiment, device, self.blobs, other)
        if replaces is not None:
            replaces.release_caches()
        self._single = Single(experiment, self.plan, data, device=device, blobs=self.blobs)
        self._replicas: Replicas | None = None
        if training.replicas > 1:
            shared = other.data_of_replicas if other is not None and other.data is data else [data]
            self._replicas = Replicas(self._single, known or shared, self.blobs)
        # What observers see is of the first replica, where there are several.
        first = self._single
        self.data: Data = first.data
        self.loader, self.network = first.loader, first.network
        self.groups, self.regularizers, self.dropout = first.groups, first.regularizers, first.dropout
        self._capture = CapturePolicy.choose(
            self.plan,
            device=device,
            batch_size=training.batch_size,
            evaluation_batch=self.evaluation_batch,
            wanted=replay,
            replicas=training.replicas,
        )
        self._prepare(scratch)

    def _prepare(self, scratch: Path | None) -> None:
        """The state before the first step, and what changes it, measures it and brings it back."""
        experiment, training, parts = self.experiment, self.experiment.training, self._parts
        self.order = Order(
            len(self.data.train),
            training.batch_size,
            training.shuffle,
            training.last_batch,
            experiment.seed,
            training.replicas if self._replicas else None,
        )
        #: What ends the training before its epochs are over; whoever evaluates it reads it (`stopping.read`).
        self.stopping = Stopping(experiment)
        self._state = TrainingState(
            self.network,
            parts.groups,
            parts.regularizers,
            self.order,
            {"order": self.order.generators, **parts.generators()},
            self.stopping,
            self.device,
            self._replicas.networks if self._replicas else None,
            self._single.layout if self._single.is_open else None,
        )
        self._stepper = Stepper(
            self._state,
            parts.batches(),
            parts.regularizers,
            policy=self._capture,
            turns=parts.turns(self._objective()),
            steps=self.steps,
            compilation=parts.compilation,
        )
        self.recovery = Recovery(
            self._state,
            self.loader,
            self.plan.loss_nodes[0],
            groups=self.groups,
            advance=self._advance,
            scratch=scratch,
        )
        self._evaluator: Evaluator | StackedEvaluator | None = None

    @property
    def _parts(self) -> Single | Replicas:
        """What is trained: the one network, or all replicas."""
        return self._replicas or self._single

    @property
    def evaluation_network(self) -> Network:
        """The network of the one training, or of replica 0, in evaluation mode for good."""
        return self._single.evaluation_network

    @property
    def data_of_replicas(self) -> Sequence[Data]:
        """The samples of each replica, or of the one training."""
        return self._replicas.data.of_replicas if self._replicas else [self.data]

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
            for group in self._parts.groups:
                metric = group.metric(self.steps_taken, self.steps_per_epoch)
                if metric is not None:
                    group.observe(self.means(set_of(metric))[metric], self.steps_per_epoch)

    def record_updates(self, on: bool) -> None:
        """Set whether each group's `last_updates` are recorded, for those who look at them."""
        for group in self._parts.groups:
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
        return self.take_losses()["batch_loss"]

    def take_losses(self) -> dict[str, float]:
        """`take_loss` as `batch_loss`; of several replicas that of the first, and the spread of all."""
        has_stepped = self._state.loss_count > 0
        means = self.take_each_loss()
        if has_stepped and not math.isfinite(means[0]):
            raise self.recovery.trace()
        return with_spread({"batch_loss": means})

    def take_each_loss(self) -> list[float]:
        """`take_loss` of each replica; nothing is raised where one is not finite."""
        state = self._state
        totals, count = state.loss_sum.reshape(-1).tolist(), state.loss_count
        state.loss_sum.zero_()
        state.loss_count = 0
        return [total / count if count else math.nan for total in totals]

    def rates(self) -> list[dict[str, float]]:
        """The learning rate of each update's last step as `learning_rate`, with the spread of replicas."""
        return [
            with_spread({"learning_rate": group.rate.reshape(-1).tolist()}) for group in self._parts.groups
        ]

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics over each whole set, in evaluation mode and without augmentations.

        `train_loss`, `validation_loss` where a share is kept for it, `test_loss`, and so on; of several
        replicas those of the first, and the spread of all (see `with_spread`). Penalties are left out: losses
        are of the data alone. Raises Diverged.
        """
        means = self.means()
        if not are_measured(of_replica(means)) and self.steps_taken:
            raise self.recovery.trace()
        return with_spread(means)

    @property
    def measurable(self) -> bool:
        """Whether all that `evaluate` gives is finite; weights may be, and their squared errors not."""
        return are_measured(of_replica(self.means()))

    def go_to_last_measurable(self) -> bool:
        """After a divergence: go back to the last state that can be evaluated; whether there is one."""
        return self.recovery.go_to_last(lambda: self.measurable)

    def means(self, only: str | None = None) -> dict[str, list[float]]:
        """`evaluate` of each replica, over each set or over one; nothing is raised where one has diverged."""
        if self._evaluator is None:
            self._evaluator = self._parts.evaluator(
                self._objective(), at_once=self.evaluation_batch, captured=self._capture.samples
            )
        return self._evaluator.means(only)

    @torch.no_grad()
    def predict(self, inputs: Inputs) -> Tensor:
        """The network's predictions for inputs (samples, …), in evaluation mode: classes, or values."""
        return predicted(self, inputs)

    def replica(self, index: int) -> Observed:
        """One replica as observers see it; the first is the trainer itself. Raises ValueError."""
        if index > (last := self.experiment.training.replicas - 1):
            raise ValueError(f"{index} is no replica of this training; expected 0 to {last}")
        if self._replicas is None or index == 0:
            return self
        own = self._replicas.view(index, self.blobs)
        return ObservedReplica(self, own, lambda: of_replica(self.means(), index))

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
        self._forget()

    def load_matching(self, state: Mapping[str, Tensor]) -> list[str]:
        """Load the tensors of another experiment's state that have a name in this one; returns their names.

        Of tensors of another size, the leading slice. Raises CheckpointError, and changes nothing, where what
        would be taken is damaged.
        """
        taken = self._state.load_matching(state)
        self._forget()
        return taken

    def _forget(self) -> None:
        """Free what belongs to the state before: passes too, where images may lie otherwise from now on."""
        (self.release_caches if self._single.layout.is_measured else self.recovery.forget)()

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
        self.experiment, self.plan = experiment, plan
        self.stopping.follow(experiment)
        parts = self._parts
        parts.follow(experiment, plan)
        self._stepper.follow(parts.turns(self._objective()), self.steps, parts.compilation)
        self.release_caches()
        return True

    # Building ----------------------------------------------------------------------------------------

    def _planned(self, experiment: Experiment) -> Plan:
        plan, training = planner.plan(experiment), experiment.training
        size = min(training.batch_size, experiment.data.count)
        check_limits(plan, size, self.limits, training.replicas)
        return plan

    def _objective(self) -> Criterion:
        losses = built_losses(self.experiment.task, self.device, self.dtype)
        return Criterion(losses, self.plan.loss_nodes, self._parts.regularizers)
