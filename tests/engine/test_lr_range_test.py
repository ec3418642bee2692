"""The learning rate range test finds the rates that NUMBERS section 3 gives, and knows when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import parse_study
from glassnet.engine.studies.lr_range_test import LRRangeTest
from glassnet.engine.studies.rate_curve import Marks, RunningMean, marks, smooth
from glassnet.engine.studies.rate_trials import Starts, Tries
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import mlp, same


def digits(seed: int = 0, momentum: float = 0.0) -> Trainer:
    """The setting of section 3: 1,400 digits, 2×128, batches of 64."""
    hidden = [{"kind": "linear", "units": 128}, {"kind": "relu"}] * 2
    document = {
        "seed": seed,
        "data": {"kind": "digits", "test_share": 397 / 1797},
        "network": [{"kind": "flatten"}, *hidden, {"kind": "linear", "name": "output", "units": None}],
        "training": {"batch_size": 64, "updates": [{"optimizer": {"kind": "sgd", "momentum": momentum}}]},
    }
    return Trainer(Experiment.parse(document))


def result(trainer: Trainer, **options: Any) -> Arrays:
    frames = list(LRRangeTest(**options).compute(trainer))
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    return frames[-1].arrays


def found(trainer: Trainer, **options: Any) -> Marks:
    """The marks that are read from the curve; tries of rates have tests of their own."""
    return Marks(*result(trainer, **{"tries": False, **options})["marks"].tolist())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_plain_sgd_falls_is_least_and_diverges_where_it_was_measured(seed: int) -> None:
    rates = found(digits(seed))
    # Measured once: falls from .09, least at .70, diverges at 2.0. A factor of three is another seed.
    assert 0.03 < rates.falls < 0.27
    assert 0.23 < rates.least < 2.1
    assert 0.66 < rates.diverges < 6
    assert rates.falls < rates.steepest <= rates.least < rates.diverges


def test_with_momentum_all_comes_at_about_a_tenth_of_the_rate() -> None:
    plain, heavy = found(digits()), found(digits(momentum=0.9))
    assert 3 < plain.falls / heavy.falls < 30
    assert heavy.diverges < plain.diverges


def test_it_stops_where_the_loss_is_no_number_and_says_at_which_rate() -> None:
    trainer = Trainer(mlp(8, activation="relu", task={"kind": "classification", "losses": [{"kind": "mse"}]}))
    arrays = result(trainer, low=1.0, high=1e4, steps=200, tries=False)
    assert len(arrays["rates"]) < 200
    assert arrays["marks"][3] == arrays["rates"][-1]
    assert torch.isfinite(arrays["losses"][:-1]).all()


def test_rates_rise_by_the_same_factor_and_reach_both_ends() -> None:
    arrays = result(Trainer(mlp(4)), low=1e-6, high=1e-4, steps=50, tries=False)
    ratios = arrays["rates"][1:] / arrays["rates"][:-1]
    torch.testing.assert_close(ratios, torch.full((49,), 100 ** (1 / 49)), rtol=1e-4, atol=0)
    torch.testing.assert_close(arrays["rates"][[0, -1]], torch.tensor([1e-6, 1e-4]))


def test_every_step_uses_the_rate_beside_it() -> None:
    """Oracle: torch's own SGD, with the rate set by hand before each step."""
    trainer = Trainer(mlp(6, optimizer={"kind": "sgd", "learning_rate": 7.0}))
    arrays = result(trainer, low=1e-3, high=1.0, steps=12, start="now", tries=False)
    twin = Trainer(mlp(6, optimizer={"kind": "sgd", "learning_rate": 7.0}), replay=False)
    optimizer = torch.optim.SGD(twin.network.parameters(), lr=1.0)
    compare = torch.nn.CrossEntropyLoss()
    losses = []
    for rate in arrays["rates"]:
        optimizer.param_groups[0]["lr"] = float(rate)
        batch = twin.order.next()
        loss = compare(twin.network(twin.data.train.inputs[batch])["output"], twin.data.train.targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    torch.testing.assert_close(arrays["losses"], torch.tensor(losses), rtol=1e-4, atol=1e-5)


def test_a_test_from_the_beginning_leaves_the_given_trainer_alone() -> None:
    trainer = Trainer(mlp(6))
    for _ in range(5):
        trainer.step()
    before = trainer.state()
    result(trainer, steps=20)
    result(trainer, steps=20, start="now")
    assert same(before, trainer.state())


def test_the_running_mean_starts_at_the_first_loss() -> None:
    assert smooth([2.0, 2.0, 2.0], 0.9) == pytest.approx([2.0, 2.0, 2.0])
    assert smooth([3.0, 1.0], 0.5) == pytest.approx([3.0, 5 / 3])


def test_marks_of_a_curve_that_is_known() -> None:
    """Level until 10⁻², falling in proportion to the exponent until 1, then no number."""
    rates = [10 ** (-4 + number / 10) for number in range(51)]
    curve = [2 - min(max(math.log10(rate) + 2, 0), 2) / 2 if rate < 2 else math.nan for rate in rates[:45]]
    rates = rates[: len(curve)]
    end = curve.index(next(loss for loss in curve if loss != loss))
    seen = marks(rates[: end + 1], curve[: end + 1])
    assert seen.falls == pytest.approx(10**-1.5, rel=0.3)
    assert 1e-2 <= seen.steepest <= 1
    assert seen.least == pytest.approx(1.0, rel=0.01)
    assert seen.diverges == pytest.approx(rates[end])


def test_a_range_that_does_not_rise_is_refused() -> None:
    with pytest.raises(InvalidCommand, match="expected 'low' below 'high'"):
        parse_study({"kind": "lr_range_test", "low": 1.0, "high": 1.0})


# Noise -------------------------------------------------------------------------------------------------


def noisy(
    mean: Callable[[float], float], scatter: float, seed: int, steps: int = 300
) -> tuple[list[float], list[float], list[float]]:
    """Rates from 10⁻⁴ to 10, and the running mean of losses that scatter about a curve, with its error."""
    generator = torch.Generator().manual_seed(seed)
    rates = [10 ** (-4 + 5 * step / (steps - 1)) for step in range(steps)]
    running = RunningMean(0.9)
    for rate in rates:
        running.add(mean(rate) + scatter * float(torch.randn((), generator=generator)))
    return rates, running.means, running.errors


def test_the_error_of_a_running_mean_is_how_far_it_lies_from_the_truth() -> None:
    off, said = [], []
    for seed in range(300):
        _, means, errors = noisy(lambda rate: 1.0, 0.5, seed, steps=60)
        off.append(means[-1] - 1)
        said.append(errors[-1])
    assert math.sqrt(sum(x * x for x in off) / len(off)) == pytest.approx(
        0.5 * math.sqrt(0.1 / 1.9), rel=0.15
    )
    assert sum(said) / len(said) == pytest.approx(0.5 * math.sqrt(0.1 / 1.9), rel=0.15)


def test_of_losses_that_only_scatter_nothing_is_said() -> None:
    for seed in range(20):
        seen = marks(*noisy(lambda rate: 1.0, 0.3, seed), ended=False)
        assert all(math.isnan(mark) for mark in seen)


@pytest.mark.parametrize("scatter", [0.0, 0.02, 0.1, 0.3])
def test_marks_keep_their_order_and_their_place_whatever_the_noise(scatter: float) -> None:
    """A fall between 10⁻² and 10⁻⁰·⁵, from 2 to 0.5."""

    def curve(rate: float) -> float:
        return 2 - min(max((math.log10(rate) + 2) / 1.5, 0), 1) * 1.5

    for seed in range(20):
        seen = marks(*noisy(curve, scatter, seed), ended=False)
        assert seen.falls < seen.steepest <= seen.least
        assert 10**-2.2 < seen.falls < 10**-1
        assert 10**-2 < seen.steepest < 10**-0.2


def test_small_batches_are_averaged_and_do_not_end_the_test() -> None:
    """Batches of one, whose losses are between 10⁻⁶ and 2 from the first on; torch overflows near 0.5."""
    plane = mlp(
        8,
        data={"kind": "regression_plane"},
        task={"kind": "regression", "losses": [{"kind": "mse"}]},
        optimizer={"kind": "sgd"},
        batch_size=1,
    )
    for seed in range(3):
        trainer = Trainer(plane.model_copy(update={"seed": seed}))
        arrays = result(trainer, steps=100, low=1e-3, high=10.0, tries=False)
        seen = Marks(*arrays["marks"].tolist())
        assert int(arrays["sweeps"]) == 12
        assert 0.1 < seen.diverges < 10
        assert math.isnan(seen.falls) or seen.falls < seen.diverges


# Tries -------------------------------------------------------------------------------------------------


def test_a_good_rate_is_better_than_its_half_and_its_double_in_a_training_of_ones_own() -> None:
    """Oracle: torch's own SGD on the same samples, for as many steps."""
    made = mlp(6, data={"kind": "gauss", "noise": 0.3}, optimizer={"kind": "sgd"}, batch_size=25, epochs=20)
    arrays = result(Trainer(made), steps=60)
    good, steps = float(arrays["marks"][1]), int(arrays["tried/steps"])
    assert steps == Trainer(made).steps
    assert int(arrays["tried/agree"][0]) >= 2

    def trained(rate: float) -> float:
        twin = Trainer(made, replay=False)
        optimizer = torch.optim.SGD(twin.network.parameters(), lr=rate)
        for _ in range(steps):
            batch = twin.order.next()
            output = twin.network(twin.data.train.inputs[batch])["output"]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(output, twin.data.train.targets[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return twin.evaluate()["train_loss"]

    own = trained(good)
    assert own <= trained(good / 2) + 1e-3
    assert own <= trained(good * 2) + 1e-3
    place = arrays["tried/rates"].tolist().index(good)
    assert float(arrays["tried/losses"][place]) == pytest.approx(own, rel=1e-3)


def test_half_and_double_of_a_good_rate_are_what_was_tried_to_the_bit() -> None:
    """Near a cliff the last digit of a rate decides; so the rate told is the rate tried."""
    made = mlp(6, data={"kind": "gauss", "noise": 0.3}, optimizer={"kind": "sgd"}, batch_size=25, epochs=20)
    arrays = result(Trainer(made), steps=60)
    good, tried = float(arrays["marks"][1]), arrays["tried/rates"].tolist()
    assert {good / 2, good, good * 2} <= set(tried)
    losses = dict(zip(tried, arrays["tried/losses"].tolist(), strict=True))
    assert losses[good] < losses[good / 2]
    assert losses[good] <= losses[good * 2]


def test_tries_say_what_is_under_way_and_other_seeds_are_asked_until_enough_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glassnet.engine.studies.lr_range_test.LOOK_EVERY", 0.0)
    made = mlp(6, data={"kind": "gauss", "noise": 0.3}, optimizer={"kind": "sgd"}, batch_size=25, epochs=20)
    frames = [frame.arrays for frame in LRRangeTest(steps=60).compute(Trainer(made))]
    trying = [arrays for arrays in frames[:-1] if "tried/now" in arrays]
    for arrays in trying:
        rate, seed = arrays["tried/now"].tolist()
        place = arrays["tried/rates"].tolist().index(rate)
        assert math.isnan(arrays["tried/losses"][place]) == (seed == 0)
        assert math.isnan(arrays["marks"][1])
    assert {int(arrays["tried/now"][1]) for arrays in trying} == {0, 1}
    assert frames[-1]["tried/now"].isnan().all()
    assert frames[-1]["tried/agree"].tolist() == [2, 2]


@pytest.mark.parametrize("share", [0.0, 0.9])
def test_what_is_too_large_to_be_tried_says_so(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of a training is not the whole: another rate may be better in the end."""
    trainer = Trainer(mlp(6, optimizer={"kind": "sgd"}))
    work = trainer.steps * (trainer.plan.macs * trainer.order.batch_size + 1)
    monkeypatch.setattr("glassnet.engine.studies.rate_trials.TRY_WORK", share * work)
    arrays = result(trainer, steps=60)
    assert arrays["tried/steps"] == 0
    assert arrays["marks"][1].isnan()
    assert len(arrays["tried/rates"]) == 0


#: The last losses of tries: by the seed, those of half, the rate, double, and so on; 2 ** -1 is the first.
LOW, MIDDLE, HIGH, RISING, FLAT = (
    [0.5, 0.1, 0.4],
    [0.5, 0.2, 0.6],
    [0.1, 0.5, 0.9],
    [0.5, 0.4, 0.3, math.inf],
    [0.995, 0.99, 1.0],
)


@pytest.mark.parametrize(
    ("losses", "good", "agree"),
    [
        ([LOW, MIDDLE], 0.1, (2, 2)),
        ([LOW, HIGH, MIDDLE], 0.1, (2, 3)),
        ([LOW, HIGH, HIGH], math.nan, (1, 3)),
        ([FLAT], math.nan, (0, 1)),
        ([RISING, [math.nan, 0.6, 0.2, 7.0]], 0.2, (2, 2)),
    ],
)
def test_a_rate_is_good_where_another_seed_agrees_and_something_is_learned(
    losses: list[list[float]], good: float, agree: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries begin in the middle of where it falls fastest and where it is least, at 0.1."""

    def known(self: Tries, seed: int, power: int) -> Iterator[float]:
        self._losses[seed, power] = losses[seed][power + 1]
        yield 0.0

    monkeypatch.setattr(Tries, "_try", known)
    tried = Tries(Starts(Trainer(mlp(4)), now=False), steps=100, level=1.0)
    list(tried.look(Marks(0.01, 0.03, 0.35, math.nan)))
    assert tried.good == pytest.approx(good, nan_ok=True)
    assert tuple(tried.arrays()["tried/agree"].tolist()) == agree


def test_no_rate_is_tried_that_can_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second seed comes so near to 0 at the rate itself that no other is better by much."""
    asked = []

    def known(self: Tries, seed: int, power: int) -> Iterator[float]:
        asked.append((seed, power))
        self._losses[seed, power] = [LOW, [math.nan, 0.01, math.nan]][seed][power + 1]
        yield 0.0

    monkeypatch.setattr(Tries, "_try", known)
    tried = Tries(Starts(Trainer(mlp(4)), now=False), steps=100, level=1.0)
    list(tried.look(Marks(0.01, 0.03, 0.35, math.nan)))
    assert asked == [(0, -1), (0, 0), (0, 1), (1, 0)]
    assert tried.arrays()["tried/agree"].tolist() == [2, 2]


def test_where_nothing_can_be_learned_no_rate_is_told() -> None:
    """Labels by chance, one step an epoch: no rate is better than another."""
    made = mlp(data={"kind": "xor"}, optimizer={"kind": "sgd"}, batch_size=10, epochs=10)
    arrays = result(Trainer(made), steps=100, low=1e-6, high=1e-4)
    assert arrays["marks"].isnan().all()
    assert len(arrays["tried/rates"]) == 0


def test_the_accuracy_peaks_where_it_is_greatest_and_a_quarter_and_a_third_of_it_are_marked() -> None:
    arrays = result(digits(), tries=False)
    rates, values = arrays["accuracy/rates"], arrays["accuracy/values"]
    quarter, third, peak = arrays["accuracy/marks"].tolist()
    assert peak == pytest.approx(float(rates[values.argmax()]))
    assert (3 * third, 4 * quarter) == pytest.approx((peak, peak))
    assert 0.05 < peak < 1
    assert values.max() > 0.5 > values[0]


def test_an_accuracy_that_does_not_rise_has_no_peak_and_values_have_no_accuracy() -> None:
    flat = result(digits(), tries=False, low=1e-9, high=1e-8, steps=40)
    assert flat["accuracy/marks"].isnan().all()
    values = mlp(4, data={"kind": "regression_plane"}, task={"kind": "regression"})
    assert not any(name.startswith("accuracy") for name in result(Trainer(values), tries=False, steps=20))
