"""Skeletons: the joint angles of a body in motion."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.datasets import Form
from glassnet.engine.items.datasets.signals import Generated, Signals
from glassnet.engine.items.node import Shape

JOINTS = (
    *("left hip", "left knee", "right hip", "right knee"),
    *("left shoulder", "left elbow", "right shoulder", "right elbow"),
)


class Skeletons(Signals, Generated):
    """Skeletons: eight joint angles of a body that walks, runs, waves, squats or kicks.

    Seen from the side; an angle of 0 hangs down, forward is positive, and knees bend backward. Each motion
    has its own speed, size and beginning. Shape: (8, length), in radians.
    """

    kind: Literal["skeletons"] = "skeletons"
    form: ClassVar[Form] = "figure"
    classes: ClassVar[tuple[str, ...] | None] = ("walking", "running", "waving", "squatting", "kicking")
    inputs: ClassVar[tuple[str, ...]] = JOINTS
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Several channels in step: a filter learns which joints move together.",
            "What it was shown can be watched.",
        ),
        cons=("Smoother than what cameras measure, and one body only.",),
        use="For 1-D convolutions over several channels.",
        example=Example(
            "Watch the figure move, and which filters answer to its steps.",
            preset="skeletons",
            claim={"metric": "test_accuracy", "op": ">=", "value": 0.95},
        ),
    )

    samples: int = option(800, "How many motions, training and test together.", ge=20, le=50_000)
    length: int = option(64, "How many moments a motion has.", ge=32, le=1024)
    noise: float = option(0.1, "Standard deviation of noise on each angle.", unit="rad", ge=0, le=1)

    @property
    def span(self) -> tuple[float, float] | None:
        return (-math.pi, math.pi)

    @property
    def shape(self) -> Shape:
        return (8, self.length)

    @classmethod
    def entry(cls) -> dict[str, Any]:
        """With what the figure is made of: limbs by the channels of their upper and lower angle."""
        limbs = [{"upper": upper, "lower": upper + 1, "leg": upper < 4} for upper in range(0, 8, 2)]
        return super().entry() | {"limbs": limbs}

    def generate(self) -> Call | None:
        return Call(skeletons, self.samples, self.length, self.noise, Name("generator"))


def skeletons(
    samples: int, length: int, noise: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Joint angles (samples, 8, length) float32 in radians, and the motion of each."""
    targets = torch.arange(samples) % 5
    speed, phase, size = torch.rand(3, samples, 1, generator=generator)
    turn = 2 * math.pi * ((2 + 2 * speed) * torch.arange(length) / length + phase)
    wide = 0.7 + 0.6 * size
    ahead, behind, none = torch.sin(turn), torch.sin(turn + math.pi), torch.zeros_like(turn)
    bent, other = 0.5 + 0.5 * torch.cos(turn), 0.5 - 0.5 * torch.cos(turn)
    down = other  # 0 upright, 1 at the lowest
    lifted = torch.relu(ahead)
    # A row for each motion: hip and knee of the left and the right leg, shoulder and elbow of both arms.
    motions = torch.stack(
        [
            torch.stack([*_legs(ahead, behind, bent, other, 0.5, 0.6), *_arms(ahead, behind, 0.4, 0.3)], 1),
            torch.stack([*_legs(ahead, behind, bent, other, 0.9, 1.5), *_arms(ahead, behind, 0.8, 1.5)], 1),
            torch.stack([none, none, none, none, none, none, none + 2.4, 0.6 + 0.5 * ahead], 1),
            torch.stack([1.1 * down, 1.9 * down] * 2 + [1.3 * down, none] * 2, 1),
            torch.stack([none, none, 1.2 * lifted, 0.5 * bent, 0.4 * ahead, none, 0.4 * behind, none], 1),
        ]
    )
    angles = wide[..., None] * motions.gather(0, targets.view(1, -1, 1, 1).expand(1, -1, 8, length))[0]
    angles += noise * torch.randn(angles.shape, generator=generator)
    return angles.clamp_(-math.pi, math.pi), targets


def _legs(
    ahead: torch.Tensor,
    behind: torch.Tensor,
    bent: torch.Tensor,
    other: torch.Tensor,
    hip: float,
    knee: float,
) -> list[torch.Tensor]:
    """Hip and knee of either leg, half a turn apart."""
    return [hip * ahead, knee * bent, hip * behind, knee * other]


def _arms(ahead: torch.Tensor, behind: torch.Tensor, shoulder: float, elbow: float) -> list[torch.Tensor]:
    """Shoulder and elbow of either arm, each against the leg of its side."""
    bend = torch.full_like(ahead, elbow)
    return [shoulder * behind, bend, shoulder * ahead, bend]
