"""Remedies: the change that comes with a refusal or a warning mends what it is offered for."""

from __future__ import annotations

from typing import Any

import jsonpatch
import pytest

from glassnet.engine.errors import InvalidExperiment, Problem
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.network import planner
from glassnet.engine.network.remedies import another_kind, is_own
from glassnet.engine.training.trainer import Trainer
from tests.engine.experiments import resolve

Document = dict[str, Any]

OUTPUT: Document = {"kind": "linear", "name": "output", "units": None}
SPIRAL, IRIS, VALUES = {"kind": "spiral"}, {"kind": "iris"}, {"kind": "regression_plane"}


def whole(
    network: list[Document], loss: str = "cross_entropy", data: Document = SPIRAL, **more: Any
) -> Document:
    task = {"kind": "regression" if data is VALUES else "classification", "losses": [{"kind": loss}]}
    return {"data": data, "task": task, "network": network, **more}


def scheduled(**schedule: Any) -> Document:
    return whole([OUTPUT], training={"updates": [{"schedule": schedule}]})


def optimized(**optimizer: Any) -> Document:
    return whole([OUTPUT], training={"updates": [{"optimizer": optimizer}]})


def stopping(**stop: Any) -> Document:
    return whole([OUTPUT], training={"stops": [stop]})


def with_loss(data: Document, **loss: Any) -> Document:
    return {**whole([OUTPUT], data=data), "task": {"kind": "classification", "losses": [loss]}}


NORMED = [{"kind": "linear"}, {"kind": "batch_norm"}, OUTPUT]

#: What is refused, by what it is: the document, where, and the button.
REFUSED: dict[str, tuple[Document, str, str]] = {
    "cross-entropy of values": (
        whole([OUTPUT], "cross_entropy", VALUES),
        "/task/losses/0/kind",
        "Use MSE",
    ),
    "a divergence of what is no distribution": (
        whole([OUTPUT], "kl_divergence", VALUES),
        "/task/losses/0/kind",
        "Use MSE",
    ),
    "distances of classes": (whole([OUTPUT], "mae"), "/task/losses/0/kind", "Use categorical cross-entropy"),
    "hinge of three classes": (
        whole([OUTPUT], "hinge", IRIS),
        "/task/losses/0/kind",
        "Use multi-class hinge",
    ),
    "a task for other data": (
        {"data": VALUES, "task": {"kind": "classification"}},
        "/task/kind",
        "Make it regression",
    ),
    "batches of one before a batch norm": (
        whole(NORMED, training={"batch_size": 1}),
        "/network/1",
        "Use batches of 10",
    ),
    "a last batch of one before a batch norm": (
        whole(NORMED, training={"batch_size": 249}),
        "/network/1",
        "Leave out the last batch",
    ),
    "a base rate above the peak": (
        scheduled(kind="cyclical", base_rate=0.5, max_rate=0.1),
        "/training/updates/0/schedule/max_rate",
        "Swap the two rates",
    ),
    "a base rate above the peak, after a warm-up": (
        scheduled(kind="warm_up", then={"kind": "cyclical", "base_rate": 0.5, "max_rate": 0.1}),
        "/training/updates/0/schedule/then/max_rate",
        "Swap the two rates",
    ),
    "too few class weights": (
        with_loss(IRIS, kind="cross_entropy", class_weights=[1.0, 2.0]),
        "/task/losses/0/class_weights",
        "Use 3 weights",
    ),
    "an output of another size than the loss needs": (
        whole([{"kind": "linear", "units": 5}], "mse", IRIS),
        "/network/0",
        "Follow the task",
    ),
    "a ramp whose ends are in the wrong order": (
        whole([{"kind": "linear"}, {"kind": "piecewise_linear", "low": 1.0, "high": 0.0}, OUTPUT]),
        "/network/1/high",
        "Swap the two",
    ),
    "early stopping without a validation set": (
        stopping(kind="early_stopping"),
        "/training/stops/0/metric",
        "Keep 20% for validation",
    ),
    "early stopping by the test set": (
        stopping(kind="early_stopping", metric="test_accuracy"),
        "/training/stops/0/metric",
        "Watch validation accuracy",
    ),
    "a rate that follows a validation set that is not kept": (
        scheduled(kind="reduce_on_plateau", metric="validation_loss"),
        "/training/updates/0/schedule/metric",
        "Keep 20% for validation",
    ),
}

SOFTMAX, SIGMOID = {"kind": "softmax"}, {"kind": "sigmoid"}
TANH = [{"kind": "linear"}, {"kind": "tanh"}, OUTPUT]
XOR = {"kind": "logic_gate", "gate": "xor"}

#: What is warned of: the document, where, and the button.
WARNED: dict[str, tuple[Document, str, str]] = {
    "softmax before cross-entropy": (whole([OUTPUT, SOFTMAX]), "/network/1", "Remove the softmax"),
    "softmax before cross-entropy, by name": (
        {
            **whole([OUTPUT, SOFTMAX]),
            "task": {"losses": [{"kind": "cross_entropy", "node": "softmax1"}], "kind": "classification"},
        },
        "/network/1",
        "Remove the softmax",
    ),
    "softmax before cross-entropy, and a dropout between": (
        whole([OUTPUT, SOFTMAX, {"kind": "dropout"}]),
        "/network/1",
        "Remove the softmax",
    ),
    "softmax before a focal loss": (whole([OUTPUT, SOFTMAX], "focal"), "/network/1", "Remove the softmax"),
    "softmax in a block": (
        whole([{"kind": "residual", "body": [SOFTMAX, {"kind": "linear", "units": 2}]}, {"kind": "softmax"}]),
        "/network/1",
        "Remove the softmax",
    ),
    "sigmoid before binary cross-entropy": (
        whole([OUTPUT, SIGMOID], "binary_cross_entropy"),
        "/network/1",
        "Remove the sigmoid",
    ),
    "sigmoid before cross-entropy": (whole([OUTPUT, SIGMOID]), "/network/1", "Remove the sigmoid"),
    "log-likelihood of logits": (whole([OUTPUT], "nll"), "/network/0", "Use categorical cross-entropy"),
    "log-likelihood of shares": (whole([OUTPUT, SOFTMAX], "nll"), "/network/1", "Make it log-softmax"),
    "auxiliary heads that no loss reads": (
        whole(
            [{"kind": "googlenet", "auxiliary": True, "stem": "small", "width": 0.05}],
            data={"kind": "digits"},
        ),
        "/network/0",
        "Add their losses with weight 0.3",
    ),
    "a step before which something learns": (
        whole([{"kind": "linear"}, {"kind": "binary_step"}, OUTPUT]),
        "/network/1",
        "Make it sigmoid",
    ),
    "probit of any number": (
        whole([{"kind": "linear"}, {"kind": "probit"}, OUTPUT]),
        "/network/1",
        "Put a sigmoid before it",
    ),
    "logit of what it names": (
        whole(
            [{"kind": "linear", "name": "a"}, {"kind": "tanh"}, {"kind": "logit", "inputs": ["a"]}, OUTPUT]
        ),
        "/network/2",
        "Put a sigmoid before it",
    ),
    "one line for exclusive or": (whole([OUTPUT], "perceptron", XOR), "/network/0", "Add a hidden layer"),
    "one line, in two layers without a bend": (
        whole([{"kind": "linear"}, OUTPUT, {"kind": "tanh"}], "hinge", {"kind": "xor"}),
        "/network/1",
        "Add a hidden layer",
    ),
    "softmax before cross-entropy, and an identity between": (
        whole([OUTPUT, SOFTMAX, {"kind": "identity"}]),
        "/network/1",
        "Remove the softmax",
    ),
    "softmax at the end of a residual before cross-entropy": (
        whole([OUTPUT, {"kind": "residual", "body": [{"kind": "linear", "units": 2}, SOFTMAX]}]),
        "/network/1/body/1",
        "Remove the softmax",
    ),
    "softmax of a single output": (whole([*TANH, SOFTMAX], "hinge"), "/network/3", "Remove the softmax"),
    "log-softmax of a single output": (
        whole([OUTPUT, {"kind": "log_softmax"}], "binary_cross_entropy"),
        "/network/1",
        "Remove the log-softmax",
    ),
    "rectified answers of yes and no": (
        whole([*TANH, {"kind": "relu"}], "binary_cross_entropy"),
        "/network/3",
        "Remove the ReLU",
    ),
    "rectified logits": (whole([*TANH, {"kind": "relu"}], data=IRIS), "/network/3", "Remove the ReLU"),
    "squashed logits": (whole([*TANH, {"kind": "hard_tanh"}]), "/network/3", "Remove the hard tanh"),
    "targets of ±1 behind a sigmoid": (whole([*TANH, SIGMOID], "mse"), "/network/3", "Make it tanh"),
    "values of both signs behind a softplus": (
        whole([*TANH, {"kind": "softplus"}], "mse", VALUES),
        "/network/3",
        "Remove the softplus",
    ),
    "a lead of two between shares": (
        {
            **whole([*TANH, SOFTMAX], data=IRIS),
            "task": {"kind": "classification", "losses": [{"kind": "margin", "margin": 2.0}]},
        },
        "/network/3",
        "Remove the softmax",
    ),
    "a warm-up as long as the training": (
        scheduled(kind="warm_up", epochs=300),
        "/training/updates/0/schedule/epochs",
        "Use 30 epochs",
    ),
    "a step after the end, behind a warm-up": (
        scheduled(kind="warm_up", then={"kind": "step", "period": 295}),
        "/training/updates/0/schedule/then/period",
        "Use 98 epochs",
    ),
    "a cycle that never comes to its peak": (
        scheduled(kind="cyclical", step_size=10**6),
        "/training/updates/0/schedule/step_size",
        "Use 1,875 steps",
    ),
    "a first cycle longer than the training": (
        scheduled(kind="warm_restarts", first=301),
        "/training/updates/0/schedule/first",
        "Use 100 epochs",
    ),
    "more patience than epochs": (
        scheduled(kind="reduce_on_plateau", patience=298),
        "/training/updates/0/schedule/patience",
        "Use 60 epochs",
    ),
    "a least rate above the rate": (
        scheduled(kind="reduce_on_plateau", min_rate=1.0),
        "/training/updates/0/schedule/min_rate",
        "Use 0",
    ),
    "patience for longer than the training": (
        stopping(kind="early_stopping", metric="train_loss", patience=300),
        "/training/stops/0/patience",
        "Use 60",
    ),
    "a target at a step after the end": (
        stopping(kind="target", at="step 7500"),
        "/training/stops/0/at",
        "Compare the newest row",
    ),
    "betas the wrong way round": (
        optimized(kind="adam", beta1=0.999, beta2=0.9),
        "/training/updates/0/optimizer/beta1",
        "Swap the two",
    ),
    "looking ahead without momentum": (
        optimized(kind="sgd", nesterov=True),
        "/training/updates/0/optimizer/nesterov",
        "Use momentum 0.9",
    ),
    "a decay that takes whole weights": (
        whole(
            [OUTPUT],
            training={
                "updates": [{"optimizer": {"kind": "sgd", "learning_rate": 1.0}}],
                "regularizers": [{"kind": "weight_decay", "strength": 1.0}],
            },
        ),
        "/training/regularizers/0/strength",
        "Use 0.01",
    ),
}


def refusal(document: Document) -> Problem:
    with pytest.raises(InvalidExperiment) as caught:
        planner.plan(Experiment.parse(document))
    [problem] = caught.value.problems
    return problem


def warnings(document: Document) -> list[Problem]:
    return planner.plan(Experiment.parse(document)).warnings


@pytest.mark.parametrize("name", REFUSED)
def test_the_remedy_of_a_refusal_makes_the_document_valid(name: str) -> None:
    document, pointer, label = REFUSED[name]
    problem = refusal(document)
    assert problem.pointer == pointer
    assert problem.remedy is not None
    assert problem.remedy.label == label
    assert warnings(jsonpatch.apply_patch(completed(document), problem.remedy.patch)) == []


def completed(document: Document) -> Document:
    """With every default, where it can be read at all."""
    try:
        return Experiment.parse(document).document()
    except InvalidExperiment:
        return document


@pytest.mark.parametrize("name", WARNED)
def test_the_remedy_of_a_warning_ends_it(name: str) -> None:
    document, pointer, label = WARNED[name]
    full = completed(document)
    [warning] = warnings(document)
    resolve(warning.pointer, full)
    assert (warning.pointer, warning.remedy and warning.remedy.label) == (pointer, label)
    assert warning.remedy is not None
    mended = jsonpatch.apply_patch(full, warning.remedy.patch)
    assert warnings(mended) == []
    Trainer(Experiment.parse(mended)).step()


@pytest.mark.parametrize(
    "document",
    [
        whole(TANH),
        whole([OUTPUT, {"kind": "log_softmax"}], "nll"),
        whole([OUTPUT, {"kind": "log_softmax"}]),
        whole([*TANH, {"kind": "tanh"}], "hinge"),
        whole([*TANH, {"kind": "leaky_relu"}]),
        whole([*TANH, SOFTMAX], "multiclass_hinge", IRIS),
        whole([*TANH, {"kind": "absolute"}]),
        scheduled(kind="warm_up", epochs=299),
        scheduled(kind="step", period=299),
        scheduled(kind="cyclical", step_size=7499),
        scheduled(kind="warm_restarts", first=300),
        scheduled(kind="reduce_on_plateau", patience=297),
        stopping(kind="early_stopping", metric="train_loss", patience=299),
        whole([OUTPUT], "hinge"),
        whole([{"kind": "binary_step"}, OUTPUT]),
        whole([{"kind": "linear"}, SIGMOID, {"kind": "probit"}, OUTPUT]),
        whole(TANH, data={"kind": "xor"}),
        whole([OUTPUT], data={"kind": "xor", "features": ["x1", "x2", "x1_x2"]}),
        whole([OUTPUT], data={"kind": "logic_gate", "gate": "nand"}),
    ],
)
def test_what_works_is_not_warned_of(document: Document) -> None:
    assert warnings(document) == []


def test_what_a_block_adds_by_itself_has_no_place_in_the_document_for_a_remedy() -> None:
    body = [{"kind": "linear", "name": "inner", "units": 2}]
    plan = planner.plan(Experiment.parse(whole([{"kind": "residual", "name": "block", "body": body}])))
    assert {placed.name: is_own(placed) for placed in plan.nodes} == {
        placed.name: placed.name == "block.inner" for placed in plan.nodes
    }
    assert another_kind(plan["block.sum"], "sigmoid") is None


def test_a_problem_is_the_same_after_a_way_through_json() -> None:
    problem = refusal(REFUSED["cross-entropy of values"][0])
    again = Problem.of(problem.document())
    assert (again, again.remedy) == (problem, problem.remedy)
    assert Problem.of(Problem("/a", "b").document()) == Problem("/a", "b")
