"""Features of a picture, counted: the course's numbers, and those of the layers that would be built."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from glassnet.engine.studies.feature_counts import FeatureCounts


def counts(**options: int) -> dict[str, float]:
    [frame] = FeatureCounts.model_validate({"kind": "feature_counts", **options}).compute()
    return {name: float(array) for name, array in frame.arrays.items()}


def test_four_hundred_features_of_eight_by_eight_on_ninety_six_pixels() -> None:
    found = counts()
    assert found["before_pooling"] == 89**2 * 400 == 3_168_400
    assert found["after_pooling"] == 22**2 * 400
    weights = 3 * 8 * 8 + 1
    assert found["shared"] == 400 * weights
    assert found["tiled"] == 4 * 400 * weights
    assert found["unshared"] == 89**2 * 400 * weights
    assert found["dense"] == (3 * 96 * 96 + 1) * 89**2 * 400
    assert found["multiply_adds"] == 89**2 * 400 * 3 * 8 * 8


def test_a_window_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="fits 1 times along a picture of 28"):
        FeatureCounts(size=28, kernel=28, pool=2)
