"""Three kinds of gradient descent, against torch.optim, least squares and counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.random_streams import stream
from glassnet.engine.studies import parse_study
from glassnet.engine.studies.descent_kinds import KINDS, DescentKinds


def asked(**options: Any) -> DescentKinds:
    study = parse_study({"kind": "descent_kinds", **options})
    assert isinstance(study, DescentKinds)
    return study


def last(study: DescentKinds) -> dict[str, Tensor]:
    return list(study.compute())[-1].arrays


def by_torch(study: DescentKinds, kind: str) -> np.ndarray:
    """The path by torch.optim.SGD and autograd, in the same order."""
    points = torch.tensor(study.points, dtype=torch.float64)
    size = {"batch": len(points), "mini_batch": study.batch_size, "stochastic": 1}[kind]
    line = torch.tensor(study.start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([line], lr=study.learning_rate)
    generator, path = stream(study.seed, f"descent/{kind}"), [line.detach().clone()]
    for epoch in range(study.epochs):
        optimizer.param_groups[0]["lr"] = study.learning_rate / (1 + study.decay * epoch)
        for part in torch.split(torch.randperm(len(points), generator=generator), size):
            optimizer.zero_grad()
            x, y = points[part].t()
            (y - (line[0] * x + line[1])).square().mean().backward()
            optimizer.step()
            path.append(line.detach().clone())
    return torch.stack(path).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_each_path_is_torchs(kind: str) -> None:
    study = asked(epochs=6, batch_size=7, decay=0.3)
    arrays = last(study)
    expected = by_torch(study, kind)
    assert arrays[f"{kind}/updates"].tolist() == list(range(len(expected)))
    np.testing.assert_allclose(arrays[f"{kind}/path"], expected, rtol=1e-5, atol=1e-6)
    points = np.array(study.points)
    losses = [np.mean((points[:, 1] - (m * points[:, 0] + b)) ** 2) for m, b in expected]
    np.testing.assert_allclose(arrays[f"{kind}/losses"], losses, rtol=1e-5)


def test_updates_an_epoch_are_1_and_n_over_batch_and_n() -> None:
    arrays = last(asked(epochs=3, batch_size=8))
    assert arrays["per_epoch"].tolist() == [1, 5, 40]
    assert arrays["gradients"].tolist() == [120, 120, 120]
    for kind, count in zip(KINDS, (1, 5, 40), strict=True):
        assert len(arrays[f"{kind}/epoch_losses"]) == 4
        assert float(arrays[f"{kind}/epochs"][-1]) == 3
        assert int(arrays[f"{kind}/updates"][-1]) == 3 * count


def test_a_last_batch_that_is_smaller_counts_what_it_has() -> None:
    arrays = last(asked(epochs=10, batch_size=7))  # 40 samples: five batches of 7, and one of 5
    assert arrays["per_epoch"].tolist() == [1, 6, 40]
    assert arrays["gradients"].tolist() == [400, 400, 400]
    assert arrays["mini_batch/epochs"][:8].tolist() == pytest.approx(
        [0, 7 / 40, 14 / 40, 21 / 40, 28 / 40, 35 / 40, 1, 47 / 40]
    )


def test_noise_is_none_for_the_batch_and_most_for_one_sample() -> None:
    arrays = last(asked())
    batch, some, one = arrays["spread"].tolist()
    assert batch < 1e-9
    assert 0.1 < some < one
    # With a mini-batch of everything, it is batch gradient descent.
    same = last(asked(batch_size=40, epochs=5))
    np.testing.assert_allclose(same["mini_batch/path"], same["batch/path"], rtol=1e-5)


def test_all_come_to_the_least_squares_line_where_the_rate_falls() -> None:
    study = asked(epochs=500, decay=0.05, learning_rate=0.1)
    arrays = last(study)
    points = np.array(study.points)
    best = np.polyfit(points[:, 0], points[:, 1], 1)
    np.testing.assert_allclose(arrays["best"], best, rtol=1e-5)
    for kind, near in zip(KINDS, (0.05, 0.05, 0.2), strict=True):
        assert np.abs(arrays[f"{kind}/path"][-1].numpy() - best).max() < near, kind
        assert len(arrays[f"{kind}/path"]) <= 600


def test_batch_descent_diverges_just_beyond_two_over_the_largest_curvature() -> None:
    points = np.array(asked().points)
    rows = np.stack([points[:, 0], np.ones(len(points))], axis=1)
    curvature = np.linalg.eigvalsh(2 * rows.T @ rows / len(points))[-1]
    for factor, diverges in ((0.97, 0), (1.05, 1)):
        arrays = last(asked(learning_rate=float(factor * 2 / curvature), epochs=400))
        assert arrays["diverged"][0] == diverges
        assert bool(arrays["batch/path"].isfinite().all())


def test_the_surface_is_the_loss_and_holds_start_and_best() -> None:
    study = asked()
    arrays = last(study)
    m, b = float(arrays["m"][10]), float(arrays["b"][50])
    points = np.array(study.points)
    expected = np.mean((points[:, 1] - (m * points[:, 0] + b)) ** 2)
    assert float(arrays["surface"][50, 10]) == pytest.approx(expected, rel=1e-4)
    for place in (study.start, arrays["best"].tolist()):
        assert arrays["m"][0] < place[0] < arrays["m"][-1]
        assert arrays["b"][0] < place[1] < arrays["b"][-1]


@pytest.mark.parametrize(
    ("options", "pointer", "words"),
    [
        ({"points": [[1, 2]]}, "/study/points", "2"),
        ({"points": [[1.0, 2.0], [1.0, 3.0]]}, "/study/points", "one x"),
        ({"points": [[1.0, 2.0, 3.0], [2.0, 3.0]]}, "/study/points/0", ""),
        ({"points": [[1e9, 2.0], [2.0, 3.0]]}, "/study/points/0/0", ""),
        ({"points": [[0.0, 0.0], [1.0, 1.0]] * 5000}, "/study/points", "2000"),
        ({"learning_rate": 0.0}, "/study/learning_rate", ""),
    ],
)
def test_bad_input_is_refused_where_it_stands(options: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(InvalidCommand) as caught:
        asked(**options)
    assert any(problem.pointer.startswith(pointer) for problem in caught.value.problems)
    assert words in str(caught.value).replace(",", "")
