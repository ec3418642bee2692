"""The boxes that a detector finds in a few pictures, and what it misses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from glassnet.engine.boxes.average_precision import right_detections
from glassnet.engine.boxes.candidates import started_detections
from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.items.targets import WORDS
from glassnet.engine.probes import Arrays, Picture, frame_rate
from glassnet.engine.probes.metrics import SetName, samples_of
from glassnet.engine.training.host import on_host
from glassnet.engine.training.replay import capture

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed


class FoundBoxes(Picture):
    """Found boxes: what a detector answers for a few pictures, after suppression, and what it misses.

    Arrays: `index` int32 (pictures,), their positions in the set; `pictures` uint8 (pictures, channels, h,
    w); `found` float32 (pictures, 20, 6): left, top, right, bottom, score, class, −1 for none; `right` uint8
    (pictures, 20), 1 where a box overlaps an object of its class by one half; `truth` float32 (pictures,
    objects, 5); `missed` uint8 (pictures, objects), 1 where no box of a score of `sure` or more is right;
    `starts` float32 (pictures, 20, 4), the cell or the anchor that each box started from, −1 for none.
    """

    kind: Literal["found_boxes"] = "found_boxes"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Shows what is missed, what is found twice and what is seen where nothing is.",),
        cons=("A few pictures are an anecdote: see the mean average precision of a whole set.",),
        use="Beside the curves, while a detector learns.",
        example=Example(
            "First nothing is sure; then boxes come up, too large; then they close in.",
        ),
        shows=("pictures", "found"),
    )
    hz: float = frame_rate(5.0)
    set: SetName = option("test", "The set that the pictures are of.")
    samples: list[Annotated[int, Field(ge=0, le=10**9)]] = option(
        [0, 1, 2, 3], "The positions of the pictures in the set, from 0.", min_length=1, max_length=24
    )
    sure: float = option(0.3, "The score from which a box counts as an answer.", ge=0, le=1)

    def prepare(self, trainer: Observed) -> Callable[[], Arrays]:
        data = trainer.data
        if data.dataset.family != "boxes":
            given = WORDS[data.dataset.family]
            raise ValueError(f"boxes of '{data.dataset.kind}', which gives {given}; expected data with boxes")
        samples, judged = samples_of(trainer, self.set), trainer.plan.loss_nodes[0]
        for place in self.samples:
            if place >= len(samples):
                raise ValueError(
                    f"sample {place} of the {self.set} set; expected one of 0 to {len(samples) - 1}"
                )
        chosen = torch.tensor(self.samples)
        inputs = samples.inputs[chosen.to(samples.targets.device)]
        truth = samples.targets[chosen.to(samples.targets.device)]
        levels = samples.raw[chosen].float() * (255 / (data.dataset.brightest or 1.0))
        fixed: Arrays = {
            "index": chosen.int(),
            "pictures": levels.clamp(0, 255).round().to(torch.uint8),
            "truth": truth.float().cpu(),
        }

        @torch.no_grad()
        def compute() -> Sequence[Tensor]:
            found, starts = started_detections(trainer.evaluation_network(inputs)[judged].float())
            right = right_detections(found, truth.float(), [0.5])[:, 0]
            return found, right, missed_objects(found, truth.float(), self.sure), starts

        again = capture(compute)[1] if trainer.replays else compute

        def look() -> Arrays:
            found, right, missed, starts = on_host(again())
            return fixed | {"found": found, "right": right.byte(), "missed": missed.byte(), "starts": starts}

        return look


def missed_objects(found: Tensor, truth: Tensor, sure: float) -> Tensor:
    """Which objects (n, m, 5) no detection (n, k, 6) of a score of `sure` or more finds: bool (n, m).

    Each object is asked for alone, so that what another object takes does not count as missed here.
    """
    # Made where the boxes are: a list of the host's would have to wait for the device.
    none = torch.full_like(found, -1.0)
    none[..., 4] = 0.0
    answered = torch.where(found[..., 4:5] >= sure, found, none)
    if truth.shape[1] == 0:
        return torch.zeros(truth.shape[:2], dtype=torch.bool, device=truth.device)
    single = [
        right_detections(answered, truth[:, place, None], [0.5])[:, 0] for place in range(truth.shape[1])
    ]
    hit = torch.stack([right.any(dim=1) for right in single], dim=1)
    return (truth[..., 4] >= 0) & ~hit
