"""The path of all weights: its principal plane, what chance would show, and that watching is harmless."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any, Literal, cast

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from glassnet.engine.landscape import path as paths
from glassnet.engine.landscape.path import Path, PlaneKind, random_walk_spectrum
from glassnet.engine.landscape.sketch import Sketch
from glassnet.engine.probes.trajectory import Trajectory
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from glassnet.engine.run.snapshot import Snapshot
from glassnet.engine.studies.history import History
from glassnet.engine.studies.landscape import Landscape
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import cnn, mlp, same


def walked(points: Tensor) -> Path:
    path = Path(points.shape[1])
    for step, point in enumerate(points):
        assert path.wants(step)
        path.add(step, point, float(step))
    return path


def spiral(count: int, size: int, seed: int = 0, noise: float = 0.01) -> Tensor:
    """A curve that shrinks, with noise: a little like training."""
    generator = torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(size, 4, generator=generator))[0]
    t = torch.linspace(0, 6, count)
    curve = torch.stack([t.neg().exp() * 5, t.sin() * 2 / (1 + t), t.cos() / (1 + t), 0.2 * t.sin()], dim=1)
    points: Tensor = 3 + curve @ basis.t() + noise * torch.randn(count, size, generator=generator)
    return points


def test_the_plane_equals_scikit_learns() -> None:
    points = spiral(60, 300)
    view, reference = (path := walked(points)).view("pca"), PCA().fit(points.double().numpy())
    np.testing.assert_allclose(view.explained, reference.explained_variance_ratio_[:2], rtol=1e-4)
    np.testing.assert_allclose(
        view.spectrum[:20], reference.explained_variance_ratio_[:20], rtol=1e-2, atol=1e-6
    )
    axes = path.axes(view.combination).double().numpy()
    np.testing.assert_allclose(np.abs(axes @ reference.components_[:2].T), np.eye(2), atol=1e-3)


@pytest.mark.parametrize("kind", ["pca", "to_final", "random"])
def test_coordinates_and_distances_are_projections(kind: str) -> None:
    points = spiral(40, 200)
    path = walked(points)
    view = path.view(cast(PlaneKind, kind))
    axes = path.axes(view.combination)
    np.testing.assert_allclose(axes @ axes.t(), np.eye(2), atol=1e-4)
    ways = points - points[-1]
    np.testing.assert_allclose(view.coordinates, ways @ axes.t(), atol=2e-3)
    beyond = (ways - ways @ axes.t() @ axes).norm(dim=1)
    np.testing.assert_allclose(view.distance, beyond, atol=5e-3)
    inside = (ways @ axes.t()).var(0, unbiased=False) / ways.var(0, unbiased=False).sum()
    np.testing.assert_allclose(view.explained, inside, rtol=1e-2, atol=1e-4)
    assert np.allclose(path.last, points[-1])


def test_to_the_final_point_the_path_begins_and_ends_on_the_axis() -> None:
    view = walked(spiral(40, 200)).view("to_final")
    assert float(view.coordinates[0, 0]) < 0
    assert abs(float(view.coordinates[0, 1])) < 1e-3
    np.testing.assert_allclose(view.coordinates[-1], 0, atol=1e-6)
    assert float(view.distance[0]) < 1e-2


def test_a_random_walk_explains_what_a_simulated_one_does() -> None:
    """In many dimensions; the published limits are 6/π²k²: 0.61, 0.15, 0.07."""
    walk = torch.randn(80, 20_000, generator=torch.Generator().manual_seed(0)).cumsum(0)
    np.testing.assert_allclose(walked(walk).view("pca").spectrum[:4], random_walk_spectrum(80, 4), rtol=0.02)
    np.testing.assert_allclose(random_walk_spectrum(10_000, 3), 6 / np.pi**2 / np.array([1, 4, 9]), rtol=1e-3)
    for points in (2, 7, 50):
        assert random_walk_spectrum(points, points - 1).sum() == pytest.approx(1)


def test_descent_on_parabolas_runs_straight_along_the_axes() -> None:
    """½Σλᵢxᵢ²: each coordinate is (1 − ηλᵢ)ⁿ, so the plane of two is the path itself."""
    rate, curvatures = 0.1, torch.tensor([1.0, 8.0])
    n = torch.arange(30)[:, None]
    inside = (1 - rate * curvatures) ** n
    basis = torch.linalg.qr(torch.randn(50, 2, generator=torch.Generator().manual_seed(0)))[0]
    view = walked(inside @ basis.t()).view("pca")
    assert float(view.explained.sum()) == pytest.approx(1, abs=1e-5)
    ways = inside - inside[-1]
    np.testing.assert_allclose(view.coordinates.norm(dim=1), ways.norm(dim=1), atol=1e-4)


def test_a_long_path_is_thinned_and_keeps_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_POINTS", 16)
    points = spiral(300, 40)
    path = Path(40)
    for step, point in enumerate(points):
        if path.wants(step):
            path.add(step, point, 0.0)
    assert len(path) <= 16
    assert path.steps[0] == 0
    assert path.steps[-1] > 250
    assert set(np.diff(path.steps)) == {path.stride}
    again = Path(40)
    again.load(path.state())
    assert [step for step in range(300, 300 + 3 * path.stride) if again.wants(step)][1:] == [
        300 + path.stride,
        300 + 2 * path.stride,
    ]
    torch.testing.assert_close(path.points, points[path.steps])
    reference = PCA().fit(points[path.steps].double().numpy())
    np.testing.assert_allclose(path.view("pca").explained, reference.explained_variance_ratio_[:2], rtol=1e-3)


def test_short_and_still_and_straight_paths() -> None:
    path = walked(torch.zeros(2, 5))
    with pytest.raises(ValueError, match="2 points; expected at least 3"):
        path.view("pca")
    with pytest.raises(ValueError, match="stands still"):
        walked(torch.zeros(4, 5)).view("pca")
    line = walked(torch.outer(torch.arange(5.0), torch.arange(10.0)))
    view = line.view("pca")
    assert float(view.explained[0]) == pytest.approx(1)
    np.testing.assert_allclose(line.axes(view.combination).norm(dim=1), 1, rtol=1e-5)


def test_points_of_a_training_that_diverges_are_left_out() -> None:
    points = spiral(6, 30)
    expected = walked(points).view("pca").coordinates
    path = Path(30)
    for step, point in enumerate(points):
        path.add(2 * step, point, 1.0)
        path.add(2 * step + 1, point * (torch.nan if step % 2 else 1e30), torch.inf)
    assert path.steps == [0, 2, 4, 6, 8, 10]
    torch.testing.assert_close(path.view("pca").coordinates, expected)


def test_products_with_a_sketch_are_those_with_what_it_is_spread_to() -> None:
    sketch, generator = Sketch(1000, seed=3, width=37), torch.Generator().manual_seed(0)
    vector, directions = torch.randn(1000, generator=generator), torch.randn(2, 37, generator=generator)
    torch.testing.assert_close(sketch.spread(directions) @ vector, directions @ sketch(vector))
    torch.testing.assert_close(sketch.spread(directions).square().sum(1), directions.square() @ sketch.counts)


def test_sketches_keep_lengths_as_nearly_as_said() -> None:
    vector = torch.randn(2000, generator=torch.Generator().manual_seed(0))
    squares = [float(Sketch(2000, seed, width=101)(vector).square().sum()) for seed in range(400)]
    own = float(vector.square().sum())
    assert np.mean(squares) == pytest.approx(own, rel=4 * Sketch(2000, 0, width=101).error / 20)
    assert np.std(squares) / own == pytest.approx(Sketch(2000, 0, width=101).error, rel=0.2)


def test_of_a_large_network_sketches_show_what_the_points_would() -> None:
    points = spiral(12, 2_600_000, noise=1e-4)
    path, reference = walked(points), PCA().fit(points.double().numpy())
    assert path.sketch
    near = 6 * path.sketch.error
    view = path.view("pca")
    np.testing.assert_allclose(view.explained, reference.explained_variance_ratio_[:2], atol=near)
    np.testing.assert_allclose(view.spectrum[:8], reference.explained_variance_ratio_[:8], atol=near)
    known = reference.transform(points.double().numpy())
    known = np.abs(known - known[-1])
    np.testing.assert_allclose(view.coordinates.abs(), known[:, :2], atol=near * known.max())
    np.testing.assert_allclose(
        view.distance, np.linalg.norm(known[:, 2:], axis=1), atol=near**0.5 * known.max()
    )
    final = path.view("to_final")
    way = float((points[-1] - points[0]).norm())
    assert float(final.coordinates[0, 0]) == pytest.approx(-way, rel=near)
    assert torch.equal(path.last, points[0] + (points[-1] - points[0]))


def test_in_the_random_plane_sketches_are_projections() -> None:
    points = spiral(6, 2_600_000)
    path = walked(points)
    axes = path.axes(None).double()
    np.testing.assert_allclose(axes @ axes.t(), np.eye(2), atol=1e-6)
    projected = (points - points[-1]).double() @ axes.t()
    np.testing.assert_allclose(path.view("random").coordinates, projected, atol=1e-5)


def test_what_needs_the_points_of_a_large_network_is_refused_with_words() -> None:
    path = walked(spiral(4, 2_600_000))
    assert path.state() == {}
    with pytest.raises(ValueError, match=r"points of 2,600,000 numbers are not kept"):
        path.points  # noqa: B018
    with pytest.raises(ValueError, match="expected the random plane"):
        path.axes(path.view("pca").combination)


def test_the_landscape_of_a_large_network_is_drawn_in_the_random_plane_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "MOST_NUMBERS", 500)
    trainer = Trainer(mlp(6))
    look = Trajectory(samples=100).prepare(trainer)
    assert look.path.sketch
    for _ in range(5):
        trainer.step()
        arrays = look()
    assert float(arrays["error"]) == pytest.approx(look.path.sketch.error)
    assert look.memory() == {}
    history = History({f"trajectory/{name}": tensor for name, tensor in look.kept().items()})

    def landscape(plane: Literal["pca", "random"]) -> Landscape:
        return Landscape(directions="path", plane=plane, resolution=9, samples=100, sharpness=False)

    *_, frame = landscape("random").compute(trainer, history)
    assert frame.arrays["path"].shape == (5, 2)
    with pytest.raises(ValueError, match=r"not kept whole.*expected the plane 'random'"):
        list(landscape("pca").compute(trainer, history))


def test_the_probe_collects_while_training_and_changes_nothing() -> None:
    watched, alone = Trainer(cnn()), Trainer(cnn())
    for _ in range(5):  # watched late: what was before is not known
        watched.step()
        alone.step()
    look = Trajectory(samples=1000).prepare(watched)
    for _ in range(6):
        arrays = look()
        for _ in range(2):
            watched.step()
            alone.step()
    assert same(watched.state(), alone.state())
    assert arrays["steps"].tolist() == [5, 7, 9, 11, 13, 15]
    for plane in ("pca", "to_final", "random"):
        assert arrays[f"{plane}/path"].shape == (6, 2)
        assert arrays[f"{plane}/explained"].sum() <= 1.0001
    assert arrays["null"].sum() == pytest.approx(1, abs=1e-5)  # five directions are all that six points have
    assert float(arrays["losses"][-1]) < float(arrays["losses"][0])


def test_the_losses_are_the_trainers_own() -> None:
    trainer = Trainer(mlp(6))
    for split in ("train", "test"):
        look = Trajectory(set=split, samples=10_000).prepare(trainer)
        assert float(look()["losses"][0]) == pytest.approx(trainer.evaluate()[f"{split}_loss"], rel=1e-5)


def test_a_reset_begins_a_new_path_and_an_edit_goes_on_with_the_old_one() -> None:
    trainer = Trainer(mlp(6))
    look = Trajectory().prepare(trainer)
    for _ in range(4):
        look()
        trainer.step()
    other = Trainer(mlp(6, optimizer={"kind": "sgd"}))
    other.load_matching(trainer.state())
    assert look.switch_trainer(other)
    assert look()["steps"].tolist() == [0, 1, 2, 3, 4]
    assert look.switch_trainer(Trainer(mlp(6)))
    assert look()["steps"].tolist() == [0]
    assert not look.switch_trainer(Trainer(mlp(7)))


class Silent:
    """An outlet that nobody listens to."""

    def text(self, message: dict[str, Any]) -> None: ...

    def frame(self, key: str, data: bytes, scalar: bool) -> None: ...


def test_the_path_goes_on_through_a_live_edit_and_travels_with_a_snapshot(tmp_path: FilePath) -> None:
    directory = RunDirectory.create(tmp_path / "run", mlp(6), run="run")
    session = Session(directory, Silent())
    session.handle({"type": "watch", "probes": [{"kind": "trajectory", "hz": 30.0}]})

    def on(steps: int) -> None:
        for _ in range(steps):
            session.handle({"type": "step", "steps": 1})
            while session.state == "training":
                session.advance()
            session._pictures.invalidate()
            session._pictures.send(float("inf"), session.current.stamp)

    on(4)
    rate = {"op": "replace", "path": "/training/updates/0/optimizer/learning_rate", "value": 0.002}
    session.handle({"type": "edit", "revision": 0, "patch": [rate]})
    on(4)
    session.handle({"type": "copy", "id": 1, "name": "study-1"})
    while session._writer.busy:
        session.advance()
    snapshot = Snapshot.read(directory.snapshot("study-1"))
    session.close()
    steps = snapshot.kept["trajectory/steps"].tolist()
    assert steps == sorted(set(steps))
    assert steps[0] <= 1
    assert steps[-1] == 8
    trainer = snapshot.trainer(device="cpu")
    assert snapshot.history.checkpoints == directory.path / "checkpoints"
    study = Landscape(directions="path", resolution=5, sharpness=False)
    frame = list(study.compute(trainer, snapshot.history))[-1]
    np.testing.assert_allclose(frame.arrays["path"][-1], 0, atol=1e-5)  # it ends where the network is


def test_a_path_goes_on_when_its_run_returns(tmp_path: FilePath) -> None:
    directory = RunDirectory.create(tmp_path / "run", mlp(6), run="run")
    watch = {"type": "watch", "probes": [{"kind": "trajectory", "hz": 30.0}]}

    def seen(session: Session, steps: int) -> dict[str, Any]:
        for _ in range(steps):
            session.handle({"type": "step", "steps": 1})
            while session.state == "training":
                session.advance()
            session._pictures.send(float("inf"), session.current.stamp)
        return session._pictures.kept()

    session = Session(directory, Silent())
    session.handle(watch)
    before = seen(session, 5)
    session.handle({"type": "watch", "probes": []})
    seen(session, 2)  # nobody looks
    session.handle(watch)
    assert seen(session, 1)["trajectory/steps"].tolist() == [*before["trajectory/steps"].tolist(), 8]
    session.close()

    again = Session(RunDirectory.open(directory.path), Silent(), resume="latest")
    again.handle(watch)
    after = seen(again, 3)
    steps = after["trajectory/steps"].tolist()
    assert steps[-4:] == [8, 9, 10, 11]
    assert steps[: len(before["trajectory/steps"])] == before["trajectory/steps"].tolist()
    torch.testing.assert_close(
        after["trajectory/losses"][: len(before["trajectory/losses"])], before["trajectory/losses"]
    )
    again.handle({"type": "reset"})
    assert seen(again, 1)["trajectory/steps"].tolist()[-1] == 1
    again.close()

    anew = Session(RunDirectory.open(directory.path), Silent(), resume="latest")
    anew.handle({"type": "reset"})  # another life: what was collected is of no use
    seen(anew, 3)
    anew.handle(watch)
    assert seen(anew, 1)["trajectory/steps"].tolist() == [4]
    anew.close()


def test_a_path_too_long_to_be_written_keeps_every_so_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(10)
    points = torch.randn(16, 10)
    for step, point in enumerate(points):
        path.add(step, point, float(step))
    monkeypatch.setattr("glassnet.engine.landscape.path.MOST_WRITTEN", 50)
    state = path.state()
    assert state["steps"].tolist() == [0, 4, 8, 12]
    other = Path(10)
    other.load(state)
    torch.testing.assert_close(other.points, points[::4])
    with pytest.raises(ValueError, match="expected 11 numbers"):
        Path(11).load(state)
