"""How much noise a network bears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Panel, option
from glassnet.engine.errors import InvalidCommand
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import NetworkStudy, StudyFrame
from glassnet.engine.studies.history import NO_HISTORY, History

if TYPE_CHECKING:
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.training.trainer import Trainer


class NoiseTolerance(NetworkStudy):
    """Noise tolerance: the accuracy on the test set as Gaussian noise is added to its inputs.

    Arrays, for the levels done so far: `noise` float32 (levels,), the standard deviation in units of each
    input's own, and `accuracy` float32 (levels,).
    """

    kind: Literal["noise_tolerance"] = "noise_tolerance"
    panel = Panel("Noise", "inspector")
    guide: ClassVar[Guide | None] = Guide(
        pros=("One curve for how much a network bears.",),
        cons=("Gaussian noise is not what the world does to data.",),
        use="To compare networks trained with and without noise.",
        example=Example(
            "The curve falls from the test accuracy to guessing.",
            preset="iris",
        ),
        shows=("accuracy@noise",),
    )
    most: float = option(2.0, "The strongest noise, in standard deviations of an input.", gt=0, le=100)
    levels: int = option(21, "How many strengths are tried, from none to the strongest.", ge=2, le=1000)

    def check_experiment(self, experiment: Experiment) -> None:
        if experiment.data.classes is None:
            raise InvalidCommand.at("/study", "the data have values; expected classes, for an accuracy")

    def compute(self, trainer: Trainer, history: History = NO_HISTORY) -> Iterator[StudyFrame]:
        self.check_experiment(trainer.experiment)
        inputs, targets = trainer.data.test.inputs[:], trainer.data.test.targets
        generator = stream(trainer.experiment.seed, "noise_tolerance", trainer.device)
        noise = torch.randn(inputs.shape, generator=generator, dtype=inputs.dtype, device=inputs.device)
        noise *= inputs.std(dim=0, keepdim=True)
        strengths = torch.linspace(0, self.most, self.levels)
        accuracies = torch.empty(0)
        for done, strength in enumerate(strengths, 1):
            correct = trainer.predict(inputs + strength * noise) == targets
            accuracies = torch.cat([accuracies, correct.float().mean().cpu().reshape(1)])
            yield StudyFrame(done / self.levels, {"noise": strengths[:done], "accuracy": accuracies})
