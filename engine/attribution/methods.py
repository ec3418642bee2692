"""Attribution methods by name, for one image and one class of a trainer's network."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from glassnet.engine.attribution import gradients
from glassnet.engine.attribution.applicability import last_maps, require_places, require_rectifier
from glassnet.engine.attribution.view import Normalisations, SignalView
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

Method = Literal["saliency", "deconvnet", "guided", "grad_cam", "integrated_gradients", "smooth_grad"]

#: All methods, in the order in which they are displayed.
METHODS: tuple[Method, ...] = (
    "saliency",
    "deconvnet",
    "guided",
    "grad_cam",
    "integrated_gradients",
    "smooth_grad",
)


def possible_methods(plan: Plan) -> list[Method]:
    """The methods that the network allows. Raises ValueError where samples have no places."""
    require_places(plan)
    found: list[Method] = []
    for method in METHODS:
        try:
            _check(plan, method, "")
        except ValueError:
            continue
        found.append(method)
    return found


def methods_for(plan: Plan, asked: list[Method] | None) -> list[Method]:
    """The requested methods; None: all that the network allows.

    Raises ValueError, with the allowed ones, where the network does not allow one of them.
    """
    possible = possible_methods(plan)
    if asked is None:
        return possible
    for method in asked:
        _check(plan, method, f"or 'methods' of {', '.join(possible)}")
    return asked


def _check(plan: Plan, method: Method, otherwise: str) -> None:
    """Raise ValueError where the network does not allow a method; `otherwise` is the alternative."""
    if method == "deconvnet" or method == "guided":
        require_rectifier(plan, plan.loss_nodes[0], method, otherwise)
    if method == "grad_cam":
        last_maps(plan, otherwise)


def places(methods: list[Method]) -> torch.Tensor:
    """The indices of methods among all, as an array of a frame: int32 (methods,)."""
    return torch.tensor([METHODS.index(method) for method in methods], dtype=torch.int32)


#: The most multiply-adds of the forward passes for which integrated gradients try more steps.
MOST_MACS = 20_000_000_000

#: How maps are enlarged to the size of the samples, by the number of their axes.
ENLARGED = {1: "linear", 2: "bilinear", 3: "trilinear"}


class Explanation:
    """The explanation of a class of one image: its score, and the attribution methods applied to it.

    The score is the class's logit. A single output for two classes is the score of the second, its negative
    that of the first; for tasks without classes the score is an output.
    """

    def __init__(
        self,
        trainer: Observed,
        target: int | None,
        x: Tensor,
        *,
        network: Network | None = None,
        node: str = "",
        steps: int = gradients.STEPS,
    ) -> None:
        """Choose the class `target`; None: the predicted one. x (1, channels, …) is the network's input.

        `network` is an alternative with the same nodes, `node` has the maps of Grad-CAM (default: the last).
        Integrated gradients begin with `steps` steps. Raises ValueError where there is no such class.
        """
        data = trainer.data.dataset
        if data.family == "boxes":
            raise ValueError(
                f"task: a detector on '{data.kind}' has no score for each class; expected a classification "
                "or a segmentation"
            )
        self.plan, self.x, self._trainer = trainer.plan, x, trainer
        self.view = SignalView(network or trainer.evaluation_network, trainer.plan)
        self._answer = trainer.plan.loss_nodes[0]
        self.width = trainer.plan[self._answer].shape[0]
        self.count = len(data.classes or ()) or self.width
        if target is not None and target >= self.count:
            raise ValueError(f"target: class {target} of {self.count}; expected one of 0 to {self.count - 1}")
        with torch.no_grad():
            self.output = self.view(x, self._answer)
        self.target = self._said(self.output) if target is None else target
        self.maps_node, self.steps = node, steps

    def _said(self, output: Tensor) -> int:
        """The predicted class of an output; of values, the first."""
        task = self._trainer.experiment.task
        said = task.predictions(task.losses[0], output)
        if said.is_floating_point():
            return 0
        # Where each pixel has a class, that of the highest score over the picture.
        return int(said[0] if said.ndim == 1 else task.scores(task.losses[0], output)[0].argmax())

    def score(self, x: Tensor) -> Tensor:
        """The scores of inputs (batch, …): (batch,)."""
        return self.of(self.view(x, self._answer))

    def of(self, output: Tensor) -> Tensor:
        """The scores of outputs (batch, width, …), the mean over a picture: (batch,)."""
        output = output.flatten(2).mean(dim=2) if output.ndim > 2 else output
        if self.width == 1 and self.count == 2:
            return output[:, 0] if self.target == 1 else -output[:, 0]
        return output[:, self.target]

    def probabilities(self, output: Tensor) -> Tensor:
        """The class probabilities of outputs (batch, width): (batch, classes); of values, the values."""
        task = self._trainer.experiment.task
        return task.probabilities(task.losses[0], output)

    def outputs(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The network's output, and the outputs of the nodes before it by name."""
        values = self.view.activations(x, self._answer)
        return values[self._answer], values

    def signal(self, method: Method, *, normalisations: Normalisations = "identity") -> Tensor:
        """The signed map of a method (1, channels, …); of Grad-CAM (1, 1, …), with places of its maps."""
        x = self.x
        match method:
            case "saliency":
                return gradients.signal(self.score, x)
            case "deconvnet" | "guided":
                down = SignalView(self.view.network, self.plan, normalisations)
                return gradients.signal(lambda x: self.of(down(x, self._answer)), x, method)
            case "integrated_gradients":
                return self.integrated.map
            case "smooth_grad":
                drawn = stream(self._trainer.experiment.seed, "probe/smooth_grad", str(x.device))
                return gradients.smooth_grad(self.score, x, generator=drawn)
            case "grad_cam":
                node = self.maps_node or last_maps(self.plan)
                return gradients.grad_cam(lambda x: self._maps_and_score(x, node), x)[:, None]

    def picture(self, method: Method) -> Tensor:
        """The map of a method with one number per place, for display: (length,), (h, w) or (depth, h, w).

        Saliency is the largest |gradient| of the channels, the others the sum over channels; Grad-CAM is
        rectified and scaled to the sample's size.
        """
        return flat(method, self.signal(method), self.x.shape[2:])

    @cached_property
    def integrated(self) -> gradients.IntegratedGradients:
        """Integrated gradients from black, with enough steps to be complete, within the limit of cost.

        They are computed once, of the network at that time.
        """
        most = min(gradients.MOST_STEPS, MOST_MACS // max(1, self.plan.macs))
        return gradients.complete_gradients(self.score, self.x, self.baseline, steps=self.steps, most=most)

    @property
    def baseline(self) -> Tensor:
        """The baseline of integrated gradients: zeros, a black image or silence, as the network's input."""
        raw = torch.zeros_like(self._trainer.data.train.raw[:1])
        return self._trainer.data.transform(raw).to(self.x)

    def _maps_and_score(self, x: Tensor, node: str) -> tuple[Tensor, Tensor]:
        answer, values = self.outputs(x)
        return values[node], self.of(answer)


def flat(method: Method, signal: Tensor, size: torch.Size) -> Tensor:
    """The signal (1, channels, …) of a method with one number per place, of this size."""
    if method == "saliency":
        return signal[0].abs().amax(dim=0)
    if method == "grad_cam":
        grown = torch.nn.functional.interpolate(signal.relu(), size=tuple(size), mode=ENLARGED[len(size)])
        return grown[0, 0]
    return signal[0].sum(dim=0)
