"""Walk: one sample forward, to the loss, back, and the update, with every number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, Mistake, Panel, option
from glassnet.engine.data.inputs import Input
from glassnet.engine.data.inputs.sample import SampleInput
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.training.host import on_host
from glassnet.engine.training.one_sample import Change, OneSample, Pass, check_size

if TYPE_CHECKING:
    from glassnet.engine.network.plan import Plan
    from glassnet.engine.training.observed import Observed

#: The most numbers that the nodes of a network give for one sample: more cannot be followed by eye.
MOST_ACTIVATIONS = 300_000

#: The most weights of one frame; layers that do not fit are left out whole.
MOST_WEIGHTS = 400_000

#: How far v·J and v⊙(1·J) may differ where a node acts elementwise: float64 rounds, as a share.
ROUNDING = 1e-9


class Walk(Picture):
    """Walk: one sample forward, to the loss, back, and the update that the optimizer would make of it.

    In float64 on a copy, in evaluation mode: batch norm uses its running statistics, dropout passes
    everything on, and nothing that trains is changed. Arrays, float32: `output/NODE`, what each node gives,
    the input among them; `gradient/NODE`, that of the loss by it (zero where the loss does not depend on
    it); `slope/NODE` of each node that acts on every number alone, f′ at what arrives; `loss` (), the loss
    of this sample, and `penalty` (), what the regularizers add to it; `target`, as the first loss wants it.
    Of each parameter NODE.weight, NODE.bias, …: `parameter/NAME`; `derivative/NAME`, the gradient of the
    loss by it; `given/NAME`, the gradient that the optimizer is given (with penalties, clipped);
    `change/NAME`, what the next update would add if this sample were the whole batch; `rate/NAME` (), its
    learning rate. `window/NODE` (2, 3) of a convolution over images: stride, dilation and padding along each
    axis. `given`, `change` and `rate` are left out where no optimizer moves the parameter, and all of a layer
    that has too many weights to send. Rumelhart, Hinton & Williams 1986.
    """

    kind: Literal["walk"] = "walk"
    panel = Panel("One sample", "inspector")
    recorded: ClassVar[bool] = False
    guide: ClassVar[Guide | None] = Guide(
        pros=("Backpropagation as numbers that can be checked by hand.",),
        cons=("One sample: a batch takes the mean of many such gradients.",),
        use="To see where the gradient of a weight comes from.",
        example=Example(
            "Step forward to the loss and back, and point at a weight: its gradient is a product.",
            preset="circle",
        ),
        mistakes=(
            Mistake(
                "A weight changes by minus its gradient.",
                "By what the optimizer makes of it: times the learning rate, and with momentum or Adam "
                "by past gradients as well.",
            ),
        ),
        shows=(
            "output/input",
            "loss",
        ),
    )
    hz: float = frame_rate(2.0)
    input: Annotated[Input, Choice(Input)] = option(
        SampleInput(), "The sample: one of the data, because a loss needs its target."
    )

    def check(self, plan: Plan) -> None:
        """Raise ValueError where the network is too large to be followed number by number."""
        check_size(plan)
        if plan.activations > MOST_ACTIVATIONS:
            raise ValueError(
                f"the nodes give {plan.activations:,} numbers for one sample; expected at most "
                f"{MOST_ACTIVATIONS:,} to follow each"
            )

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        self.check(trainer.plan)
        sample = OneSample(trainer, self.input)
        folding = {placed.name: placed.sources[0].name for placed in trainer.plan.nodes if placed.item.folds}
        ports = {source.port for placed in trainer.plan.nodes for source in placed.sources}
        slopes = folding if ports <= {0} else {}
        windows = _windows(trainer.plan, trainer.device)
        weights = _sent(trainer.plan, dict(sample.network.named_parameters()))

        def look() -> Arrays:
            sample.follow()
            passed = sample.run()
            arrays = _nodes(passed, slopes) | _parameters(sample, passed, weights)
            arrays |= windows | {
                "loss": passed.loss.detach(),
                "penalty": (passed.penalised - passed.loss).detach(),
                "target": sample.targets[0].reshape(-1),
            }
            names, tensors = list(arrays), on_host([tensor.float() for tensor in arrays.values()])
            return dict(zip(names, tensors, strict=True))

        return look


def _sent(plan: Plan, parameters: Mapping[str, Tensor]) -> list[str]:
    """The names of the parameters that are sent: of whole layers that fit a frame, the last ones first."""
    names: list[str] = []
    room = MOST_WEIGHTS
    for placed in reversed(plan.nodes):
        own = [f"{placed.name}.{name}" for name in placed.own]
        size = sum(parameters[name].numel() for name in own)
        if size <= room:
            names += own
            room -= size
    return names


def _windows(plan: Plan, device: str) -> Arrays:
    """How the filters of each convolution over images are laid: stride, dilation and padding, by axis."""
    found = {
        placed.name: placed.item.windows(placed.context) or () for placed in plan.nodes if placed.item.slides
    }
    return {
        f"window/{name}": torch.tensor([[w.stride, w.dilation, w.padding] for w in windows], device=device)
        for name, windows in found.items()
        if len(windows) == 2
    }


def _nodes(passed: Pass, folding: Mapping[str, str]) -> Arrays:
    """What every node gives, the gradient there, and the slope of those that act elementwise."""
    floats = {name: output for name, output in passed.outputs.items() if output.requires_grad}
    gradients = torch.autograd.grad(
        passed.loss, list(floats.values()), retain_graph=True, allow_unused=True, materialize_grads=True
    )
    arrays = {f"output/{name}": output[0].detach() for name, output in passed.outputs.items()}
    for name, gradient in zip(floats, gradients, strict=True):
        arrays[f"gradient/{name}"] = gradient[0]
    for name, source in folding.items():
        slope = _slope(passed.outputs[name], passed.outputs[source])
        if slope is not None:
            arrays[f"slope/{name}"] = slope[0]
    return arrays


def _slope(output: Tensor, arrived: Tensor) -> Tensor | None:
    """The slopes of a node that acts on each number alone; None where it mixes them.

    It acts elementwise where its Jacobian J is diagonal: where v·J = v⊙(1·J), for a v that is not special.
    """
    if output.shape != arrived.shape:
        return None
    if output is arrived or not output.requires_grad:
        return torch.ones_like(arrived)
    ones = torch.ones_like(output)
    uneven = torch.cos(torch.arange(1.0, output.numel() + 1, dtype=output.dtype, device=output.device))
    uneven = uneven.view_as(output)
    (slope,) = torch.autograd.grad(
        output, arrived, ones, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    (mixed,) = torch.autograd.grad(
        output, arrived, uneven, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    alone = torch.allclose(mixed, uneven * slope, rtol=ROUNDING, atol=ROUNDING, equal_nan=True)
    return slope if alone else None


def _parameters(sample: OneSample, passed: Pass, names: list[str]) -> Arrays:
    """Every parameter that is sent: as it is, its gradient, and what the update would add."""
    parameters = dict(sample.network.named_parameters())
    chosen = [parameters[name] for name in names]
    derivatives = torch.autograd.grad(
        passed.loss, chosen, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    arrays: Arrays = {}
    for name, derivative in zip(names, derivatives, strict=True):
        arrays |= {f"parameter/{name}": parameters[name].detach(), f"derivative/{name}": derivative}
    changes = sample.update(passed.penalised)
    for name in names:
        if name in changes:
            arrays |= _update(name, changes[name])
    return arrays


def _update(name: str, moved: Change) -> Arrays:
    return {f"given/{name}": moved.given, f"change/{name}": moved.change, f"rate/{name}": moved.rate.clone()}
