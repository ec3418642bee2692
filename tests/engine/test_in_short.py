"""Experiments in a few words."""

import json
from pathlib import Path

import pytest

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.in_short import MOST_WORDS, network_in_short, title_of

PRESETS = Path(__file__).parents[2] / "app" / "presets"


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("02-circle", "Circle, 2-4-2-1 tanh"),
        ("04-gauss", "Two Gaussians, 2-1"),
        ("07-digits", "Digits, 8×8, 64-32-10 relu"),
        ("08-digits-convolution", "Digits, 8×8, conv 8-16, 10 relu"),
        ("09-digits-residual", "Digits, 8×8, conv 12, 2 residual, 10 relu"),
        ("21-alexnet-shapes", "Shapes, 64×64, AlexNet"),
    ],
)
def test_a_network_is_its_sizes_and_activations(preset: str, words: str) -> None:
    document = json.loads((PRESETS / f"{preset}.json").read_text())
    assert title_of(Experiment.parse(document)) == words


def test_a_deep_network_is_cut() -> None:
    layers = [{"kind": "linear", "units": 5}, {"kind": "relu"}] * 30
    experiment = Experiment.parse({"data": {"kind": "spiral"}, "network": layers})
    assert network_in_short(experiment) == "2-5-5-5-5-5-5-…-5 relu"
    blocks = [{"kind": "residual"}, {"kind": "linear", "units": 1000}] * 30
    experiment = Experiment.parse({"data": {"kind": "spiral"}, "network": blocks})
    assert len(network_in_short(experiment)) == MOST_WORDS
