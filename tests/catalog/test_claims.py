"""What the guide of a study claims is found by it, with its defaults, on the experiment of its page."""

from __future__ import annotations

import pytest

from glassnet.app.api.item_example import example_of
from glassnet.engine.catalog import catalog, kind_of
from glassnet.engine.experiment.condition import Condition, Verdict, evaluate
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.studies import FreeStudy, NetworkStudy, Study
from glassnet.engine.studies.findings import Findings
from glassnet.engine.training.trainer import Trainer

CLAIMING = [item for item in catalog(Study).values() if item.guide is not None and item.guide.example.claim]


def verdict(item: type[Study]) -> Verdict:
    """Whether what a study claims is found."""
    assert item.guide is not None
    claim = Condition.parse(dict(item.guide.example.claim))
    study = item.model_validate({"kind": kind_of(item)})
    document = example_of("studies", item)
    if isinstance(study, NetworkStudy):
        assert document is not None
        trainer = Trainer(Experiment.parse(document))
        for _ in range(item.guide.example.steps):
            trainer.step()
        *_, last = study.compute(trainer)
        return evaluate(claim, Findings(last.arrays, trainer.plan.parameters))
    assert isinstance(study, FreeStudy)
    *_, last = study.compute()
    return evaluate(claim, Findings(last.arrays))


@pytest.mark.thorough
@pytest.mark.parametrize("item", CLAIMING, ids=kind_of)
def test_a_study_finds_what_its_guide_claims(item: type[Study]) -> None:
    found = verdict(item)
    assert found.held, found.number


@pytest.mark.parametrize("item", CLAIMING, ids=kind_of)
def test_a_claim_is_a_condition_on_what_the_study_returns(item: type[Study]) -> None:
    assert item.guide is not None
    claim = Condition.parse(dict(item.guide.example.claim))
    assert claim.metric is not None
    assert f"`{claim.metric}`" in (item.__doc__ or "")
