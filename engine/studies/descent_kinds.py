"""Batch, mini-batch and stochastic gradient descent, on the same surface from the same start."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from torch import Tensor

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.probes import Arrays
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import FreeStudy, StudyFrame

#: The kinds in the order of their rows.
KINDS = ("batch", "mini_batch", "stochastic")

#: Points along one side of the contour picture.
RESOLUTION = 61

#: The most points of a path in a frame, and seconds between two frames.
MOST_SHOWN, EVERY = 600, 0.1

#: The magnitude of a parameter beyond which descent counts as diverged.
BEYOND = 1e6

Coordinate = Annotated[float, Field(ge=-1e3, le=1e3)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]


def _not_one_x(points: list[Point]) -> list[Point]:
    if len({x for x, _ in points}) < 2:
        raise PydanticCustomError("one_x", "all points have one x; expected two different ones at least")
    return points


def _line(count: int = 40) -> list[list[float]]:
    """Points about y = 1.5x − 0.5 with noise, always the same ones."""
    generator = stream(0, "descent_kinds")
    x = torch.linspace(-2, 2, count)
    y = 1.5 * x - 0.5 + 0.6 * torch.randn(count, generator=generator)
    return [[round(float(a), 3), round(float(b), 3)] for a, b in zip(x, y, strict=True)]


class DescentKinds(FreeStudy):
    """Gradient descent in three kinds: all samples at once, some, or one, before each update.

    f(m, b) = 1/N Σ (y − (mx + b))² over given points; batch gradient descent takes the mean gradient of
    all N, mini-batch of some, stochastic of one, drawn without replacement, anew each epoch. Arrays:
    `m`, `b` the axes and `surface` float32 (b, m); `best` (2,) the least squares line, `least` (1,) its loss;
    for each kind `KIND/path` (places, 2), `KIND/losses` of all points there, `KIND/updates` int32 and
    `KIND/epochs` float32 (places,); `KIND/epoch_losses` (epochs + 1,); `KIND/noise` (places − 1,), how far
    the gradient of an update is from the mean gradient; and of the three, in that order, `per_epoch` int32
    updates, `gradients` int32 of single samples, `seconds` of updating alone, `spread` the mean noise,
    `diverged` uint8. Ruder 2016, sections 2.1 to 2.3.
    """

    kind: Literal["descent_kinds"] = "descent_kinds"
    guide: ClassVar[Guide | None] = Guide(
        pros=("All three on the same points and surface.",),
        cons=("A line through points: no local minima.",),
        use="To compare batch, mini-batch and stochastic descent.",
        example=Example(
            "One sample at a time zigzags, and makes N updates an epoch.",
            lab="kinds",
        ),
        shows=(
            "surface",
            "batch/losses",
            "stochastic/losses",
        ),
    )
    points: Annotated[list[Point], AfterValidator(_not_one_x)] = option(
        _line(), "The samples, x and y of each.", min_length=2, max_length=2000
    )
    start: Point = option([-2.5, 3.0], "Where all begin: slope m and intercept b.")
    learning_rate: float = option(0.05, "η, the same for all.", gt=0, le=10, log=True)
    decay: float = option(
        0.0, "How fast the rate falls: η / (1 + decay · epoch); without it, noise never settles.", ge=0, le=10
    )
    batch_size: int = option(8, "Samples of a mini-batch.", ge=1, le=2000)
    epochs: int = option(20, "Passes over all points.", unit="epochs", ge=1, le=500)
    seed: int = option(0, "Where the order comes from.", ge=0, le=2**53 - 1)

    def compute(self) -> Iterator[StudyFrame]:
        points = torch.tensor(self.points, dtype=torch.float64)
        problem = _Regression(points[:, 0], points[:, 1])
        sizes = (len(points), min(self.batch_size, len(points)), 1)
        walks = [
            _Walk(problem, size, self.start, stream(self.seed, f"descent/{kind}"))
            for kind, size in zip(KINDS, sizes, strict=True)
        ]
        arrays = self._picture(problem)
        due = time.monotonic()
        for epoch in range(self.epochs):
            rate = self.learning_rate / (1 + self.decay * epoch)
            for walk in walks:
                walk.epoch(rate)
                if time.monotonic() >= due and epoch + 1 < self.epochs:
                    yield StudyFrame((epoch + 0.5) / self.epochs, arrays | _arrays(walks))
                    due = time.monotonic() + EVERY
        yield StudyFrame(1.0, arrays | _arrays(walks))

    def _picture(self, problem: _Regression) -> Arrays:
        """The loss around the least-squares line, up to a little more than the distance of the start."""
        best, start = problem.best(), torch.tensor(self.start, dtype=torch.float64)
        reach = 1.25 * (start - best).abs().clamp_min(0.25 * float((start - best).norm())).clamp_min(0.5)
        axes = [
            torch.linspace(float(c - r), float(c + r), RESOLUTION).double()
            for c, r in zip(best, reach, strict=True)
        ]
        slopes, intercepts = torch.meshgrid(*axes, indexing="xy")
        places = torch.stack([slopes.flatten(), intercepts.flatten()], dim=1)
        surface = problem.losses(places).view(RESOLUTION, RESOLUTION)
        return {
            "m": axes[0].float(),
            "b": axes[1].float(),
            "surface": surface.float(),
            "best": best.float(),
            "least": problem.losses(best[None]).float(),
        }


class _Regression:
    """f(m, b) = 1/N Σ (y − (mx + b))², a quadratic in m and b."""

    def __init__(self, x: Tensor, y: Tensor) -> None:
        self.rows = torch.stack([x, torch.ones_like(x)], dim=1)  # (N, 2)
        self.y = y
        # f(θ) = θᵀAθ − 2cᵀθ + d
        self.a = self.rows.t() @ self.rows / len(y)
        self.c = self.rows.t() @ y / len(y)
        self.d = float(y @ y) / len(y)

    def __len__(self) -> int:
        return len(self.y)

    def best(self) -> Tensor:
        """The least squares line: (2,)."""
        best: Tensor = torch.linalg.solve(self.a, self.c)
        return best

    def losses(self, places: Tensor) -> Tensor:
        """The loss of all points at places (n, 2)."""
        values: Tensor = ((places @ self.a) * places).sum(1) - 2 * places @ self.c + self.d
        return values.clamp_min(0)

    def mean_gradients(self, places: Tensor) -> Tensor:
        """2 (Aθ − c) at places (n, 2)."""
        return 2 * (places @ self.a - self.c)


@dataclass
class _Walk:
    """The descent of one kind."""

    problem: _Regression
    size: int
    start: list[float]
    generator: torch.Generator
    places: list[tuple[float, float]] = field(init=False)
    gradients: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0
    diverged: bool = False

    def __post_init__(self) -> None:
        self.places = [(self.start[0], self.start[1])]

    @property
    def per_epoch(self) -> int:
        return -(-len(self.problem) // self.size)

    def samples(self, updates: int) -> int:
        """The number of samples in `updates` updates: the last batch of an epoch may be smaller."""
        epochs, rest = divmod(updates, self.per_epoch)
        return epochs * len(self.problem) + rest * self.size

    def epoch(self, rate: float) -> None:
        """A pass over all points in a new order, an update for each batch."""
        if self.diverged:
            return
        order = torch.randperm(len(self.problem), generator=self.generator)
        batches = [
            (self.problem.rows[part], self.problem.y[part], 2 / len(part))
            for part in torch.split(order, self.size)
        ]
        place = torch.tensor(self.places[-1], dtype=torch.float64)
        if not self.gradients:  # warm up, so that the first measured time is not longer
            rows, y, factor = batches[0]
            torch.mv(rows.t(), torch.mv(rows, place).sub_(y)).mul_(factor)
        found, before = [], time.perf_counter()
        for rows, y, factor in batches:
            gradient = torch.mv(rows.t(), torch.mv(rows, place).sub_(y)).mul_(factor)
            place = torch.sub(place, gradient, alpha=rate)
            found.append((gradient, place))
        self.seconds += time.perf_counter() - before
        gradients = torch.stack([gradient for gradient, _ in found]).tolist()
        places = torch.stack([place for _, place in found]).tolist()
        for gradient_now, place_now in zip(gradients, places, strict=True):
            if not max(map(abs, place_now)) < BEYOND:
                self.diverged = True
                return
            self.gradients.append((gradient_now[0], gradient_now[1]))
            self.places.append((place_now[0], place_now[1]))


def _arrays(walks: list[_Walk]) -> Arrays:
    arrays: Arrays = {
        "per_epoch": torch.tensor([walk.per_epoch for walk in walks], dtype=torch.int32),
        "gradients": torch.tensor([walk.samples(len(walk.gradients)) for walk in walks], dtype=torch.int32),
        "seconds": torch.tensor([walk.seconds for walk in walks], dtype=torch.float32),
        "diverged": torch.tensor([walk.diverged for walk in walks], dtype=torch.uint8),
    }
    spreads = []
    for kind, walk in zip(KINDS, walks, strict=True):
        places = torch.tensor(walk.places, dtype=torch.float64)
        losses = walk.problem.losses(places)
        noise = torch.zeros(0, dtype=torch.float64)
        if walk.gradients:
            gradients = torch.tensor(walk.gradients, dtype=torch.float64)
            noise = (gradients - walk.problem.mean_gradients(places[:-1])).norm(dim=1)
        spreads.append(float(noise.mean()) if len(noise) else math.nan)
        shown = torch.linspace(0, len(places) - 1, min(len(places), MOST_SHOWN)).round().long()
        arrays |= {
            f"{kind}/path": places[shown].float(),
            f"{kind}/losses": losses[shown].float(),
            f"{kind}/updates": shown.int(),
            f"{kind}/epochs": torch.tensor([walk.samples(int(n)) for n in shown]) / len(walk.problem),
            f"{kind}/epoch_losses": losses[:: walk.per_epoch].float(),
            f"{kind}/noise": noise[shown[:-1].clamp_max(len(noise) - 1)].float()
            if len(noise)
            else noise.float(),
        }
    return arrays | {"spread": torch.tensor(spreads)}
