"""Experiments that are worth exporting beside each item by itself: combinations, and the odd ends."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

OUTPUT: Document = {"kind": "linear", "name": "output", "units": None}


def made(
    *nodes: Document, data: Document | None = None, task: Document | None = None, **training: Any
) -> Document:
    return {
        "data": data or {"kind": "circle", "samples": 90, "noise": 0.1},
        "task": task or {"kind": "classification"},
        "network": list(nodes) or [dense("a"), {"kind": "tanh", "name": "t"}, OUTPUT],
        "training": {"batch_size": 8, "epochs": 3, **training},
    }


def dense(name: str, **options: Any) -> Document:
    return {"kind": "linear", "name": name, "units": 5, **options}


def updated(optimizer: Document, schedule: Document | None = None, **options: Any) -> Document:
    return {"optimizer": optimizer, "schedule": schedule or {"kind": "constant"}, **options}


CONV_BODY: list[Document] = [
    {"kind": "conv2d", "name": "conv1", "filters": 4, "stride": 2, "padding": 1, "bias": False},
    {"kind": "batch_norm", "name": "norm1", "momentum": 0.3},
    {"kind": "relu", "name": "relu1"},
    {"kind": "conv2d", "name": "conv2", "filters": 4, "padding": "same"},
]

FURTHER: dict[str, Document] = {
    "sgd with nesterov and steps": made(
        updates=[
            updated(
                {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
                {"kind": "step", "period": 1, "gamma": 0.5},
            )
        ]
    ),
    "nesterov without momentum": made(updates=[updated({"kind": "sgd", "nesterov": True})]),
    "rmsprop with momentum and cosine": made(
        updates=[
            updated(
                {"kind": "rmsprop", "alpha": 0.9, "momentum": 0.5, "epsilon": 1e-3},
                {"kind": "cosine", "end": 0.1},
            )
        ]
    ),
    "adam with other betas beyond its last epoch": made(
        updates=[updated({"kind": "adam", "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-4}, {"kind": "cosine"})],
        epochs=1,
    ),
    "every regularizer at once": made(
        regularizers=[
            {"kind": "l2", "strength": 0.01},
            {"kind": "l1", "strength": 0.01},
            {"kind": "l1", "strength": 0.05, "form": "kill", "nodes": "a"},
            {"kind": "clip_norm", "limit": 0.5},
            {"kind": "clip_norm", "limit": 0.1, "nodes": "output"},
        ]
    ),
    "updates that stand for several batches": made(
        dense("a"),
        {"kind": "tanh", "name": "t"},
        dense("b"),
        OUTPUT,
        updates=[
            {
                **updated({"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}, {"kind": "cosine"}),
                "nodes": "a",
                "every": 3,
            },
            {"nodes": "b", "optimizer": {"kind": "adam"}, "every": 2},
            {"nodes": "output", "optimizer": {"kind": "sgd"}},
        ],
        regularizers=[
            {"kind": "clip_norm", "limit": 0.05},
            {"kind": "clip_norm", "limit": 0.01, "nodes": "b"},
            {"kind": "l1", "strength": 0.05, "form": "kill"},
            {"kind": "renormalize", "nodes": "a"},
        ],
    ),
    "noise, decay and clipping by value in several updates": made(
        dense("a"),
        {"kind": "tanh", "name": "t"},
        OUTPUT,
        updates=[
            updated({"kind": "sgd", "learning_rate": 0.1}, {"kind": "polynomial"}, nodes="a", every=2),
            updated({"kind": "adam"}, nodes="output"),
        ],
        regularizers=[
            {"kind": "gradient_noise", "variance": 0.1},
            {"kind": "weight_decay", "strength": 0.1, "biases": True},
            {"kind": "gradient_noise", "nodes": "a"},
            {"kind": "clip_value", "limit": 0.01},
            {"kind": "l1", "form": "kill", "biases": True},
            {"kind": "l2", "biases": True, "nodes": "output"},
        ],
    ),
    "several losses on several heads": made(
        dense("a"),
        {"kind": "linear", "name": "side", "units": None, "inputs": ["a"]},
        {"kind": "linear", "name": "classes", "units": None, "inputs": ["a"]},
        task={
            "kind": "classification",
            "losses": [
                {"kind": "mse", "node": "side", "weight": 0.5},
                {"kind": "cross_entropy", "node": "classes"},
                {"kind": "hinge", "node": "side", "weight": 2.0},
            ],
        },
    ),
    "several inputs": made(
        {"kind": "input", "name": "left", "columns": [0, 2]},
        dense("a"),
        {"kind": "input", "name": "right", "columns": [1]},
        dense("b"),
        {"kind": "concatenate", "name": "both", "inputs": ["a", "b", "right"]},
        OUTPUT,
        data={"kind": "xor", "features": ["x1", "x2", "sin_x1"], "normalize": {"kind": "standardize"}},
    ),
    "tied weights": made(
        dense("a", units=2),
        {"kind": "tanh", "name": "t"},
        dense("b", units=2, weights="a"),
        dense("c", units=2, weights="b", inputs=["t"]),
        {"kind": "add", "name": "s", "inputs": ["b", "c"]},
        OUTPUT,
        regularizers=[{"kind": "l2", "strength": 0.1}],
    ),
    "residual with projection": made(
        {"kind": "residual", "name": "r1", "body": [dense("a"), {"kind": "relu", "name": "n"}]},
        {
            "kind": "residual",
            "name": "r2",
            "body": [{"kind": "residual", "name": "r3", "body": [dense("a")]}, dense("b", units=3)],
        },
        OUTPUT,
    ),
    "convolutions with batch norm": made(
        {"kind": "residual", "name": "block", "body": CONV_BODY},
        {"kind": "max_pool2d", "kernel": 2, "stride": 1},
        {"kind": "flatten"},
        OUTPUT,
        data={"kind": "digits"},
        batch_size=32,
    ),
    "dropout twice": made(
        dense("a", units=20),
        {"kind": "dropout", "p": 0.2},
        dense("b", units=20),
        {"kind": "dropout", "p": 0.5},
        OUTPUT,
    ),
    "float64": made(precision="float64", regularizers=[{"kind": "l1", "form": "kill"}]),
    "float64 with dropout, values and standardised targets": made(
        dense("a"),
        {"kind": "dropout"},
        OUTPUT,
        data={"kind": "diabetes"},
        task={"kind": "regression", "losses": [{"kind": "mse"}]},
        precision="float64",
    ),
    "float64 with several encodings": made(
        task={"kind": "classification", "losses": [{"kind": "hinge"}, {"kind": "binary_cross_entropy"}]},
        precision="float64",
    ),
    "weighted classes in float64": made(
        data={"kind": "iris"},
        task={
            "kind": "classification",
            "losses": [
                {"kind": kind, "class_weights": [0.5, 1.0, 3.0]}
                for kind in ("cross_entropy", "multiclass_hinge", "margin", "kl_divergence", "focal")
            ],
        },
        precision="float64",
    ),
    "weighted and smoothed in bfloat16": made(
        task={
            "kind": "classification",
            "losses": [
                {"kind": "binary_cross_entropy", "positive_weight": 2.0, "label_smoothing": 0.1},
                {"kind": "soft_margin"},
            ],
        },
        precision="bfloat16",
    ),
    "likelihood of a log-softmax": made(
        dense("a"),
        OUTPUT,
        {"kind": "log_softmax", "name": "shares"},
        task={"kind": "classification", "losses": [{"kind": "nll", "class_weights": [1.0, 2.0]}]},
    ),
    "bfloat16": made(dense("a", units=20), {"kind": "batch_norm"}, OUTPUT, precision="bfloat16"),
    "pictures in bfloat16": made(
        {"kind": "conv2d", "name": "a", "filters": 4},
        {"kind": "relu"},
        {"kind": "flatten"},
        OUTPUT,
        data={"kind": "digits"},
        task={
            "kind": "classification",
            "losses": [{"kind": "cross_entropy"}, {"kind": "mse", "weight": 0.5}],
        },
        batch_size=32,
        precision="bfloat16",
    ),
    "several updates at their own pace": made(
        updates=[
            updated({"kind": "sgd", "learning_rate": 0.1}, {"kind": "cosine"}, nodes="a", every=2),
            updated({"kind": "adam"}, {"kind": "step", "period": 1, "gamma": 0.3}, nodes="output", every=3),
        ]
    ),
    "killing while the rate falls, every third step": made(
        updates=[updated({"kind": "sgd", "learning_rate": 0.3}, {"kind": "cosine"}, every=3)],
        regularizers=[{"kind": "l1", "form": "kill", "strength": 0.1}],
    ),
    "regularizers where only some nodes are trained": made(
        dense("a"),
        {"kind": "tanh"},
        dense("b"),
        OUTPUT,
        updates=[updated({"kind": "sgd", "learning_rate": 0.3}, nodes="output")],
        regularizers=[
            {"kind": "clip_norm", "limit": 0.05},
            {"kind": "l1", "form": "kill", "strength": 0.5},
            {"kind": "l2", "strength": 0.1},
        ],
    ),
    "killing with two rates": made(
        updates=[
            updated({"kind": "sgd", "learning_rate": 0.01}, nodes="a"),
            updated({"kind": "sgd", "learning_rate": 0.5}, nodes="output"),
        ],
        regularizers=[{"kind": "l1", "form": "kill", "strength": 0.1}],
    ),
    "a branch that reaches no loss": made(
        dense("a"),
        {**OUTPUT, "inputs": ["a"]},
        dense("loose", inputs=["a"]),
        task={"kind": "classification", "losses": [{"kind": "cross_entropy", "node": "output"}]},
        regularizers=[{"kind": "clip_norm", "limit": 0.1}, {"kind": "l2", "strength": 0.1}],
        updates=[updated({"kind": "sgd", "momentum": 0.5})],
    ),
    "names that look like others": made(
        dense("data"),
        dense("trains", units=4),
        dense("math", units=4),
        dense("order", units=4),
        dense("r__a", units=4),
        {"kind": "residual", "name": "r", "body": [dense("a", units=4), dense("network", units=4)]},
        {"kind": "add", "name": "print", "inputs": ["r", "r__a"]},
        OUTPUT,
    ),
    "a title of every sort": {
        **made(epochs=2),
        "title": 'Über """quotes""" \\ and {braces}\nand \\N{lines} \\',
    },
    "never shuffled, last batch dropped": made(shuffle="never", last_batch="drop"),
    "shuffled once, one large batch": made(shuffle="once", batch_size=1000),
    "another seed": {**made(), "seed": 2**53 - 1},
    "features and scaled inputs": made(
        data={
            "kind": "gauss",
            "features": ["x1_squared", "x2_squared", "x1_x2", "sin_x2", "x2"],
            "normalize": {"kind": "min_max"},
            "test_share": 0.3,
            "samples": 101,
        },
    ),
    "pictures changed in every way, with validation": made(
        {"kind": "conv2d", "filters": 3, "padding": "same"},
        {"kind": "flatten"},
        OUTPUT,
        data={
            "kind": "shapes",
            "samples": 80,
            "size": 28,
            "validation_share": 0.25,
            "augmentations": [
                {"kind": "flip", "direction": "both"},
                {"kind": "rotate", "outside": "mirror"},
                {"kind": "colour_jitter"},
                {"kind": "cutout"},
            ],
        },
        batch_size=16,
    ),
    "wrong labels, with validation": made(
        data={"kind": "spiral", "samples": 100, "validation_share": 0.2, "label_noise": 0.3},
        evaluate_every=5,
    ),
    "wrong labels of stored data": made(data={"kind": "iris", "label_noise": 0.5}),
    "changed digits, as they come": made(
        {"kind": "flatten"},
        OUTPUT,
        data={"kind": "digits", "normalize": {"kind": "none"}, "augmentations": [{"kind": "shift"}]},
        batch_size=64,
    ),
    "pictures in float64": made(
        {"kind": "flatten"},
        OUTPUT,
        data={"kind": "gratings", "samples": 60, "size": 28},
        precision="float64",
    ),
    "biases of every start": made(
        *(
            dense(f"d{place}", bias_initializer=initializer)
            for place, initializer in enumerate(
                [
                    {"kind": "he"},
                    {"kind": "xavier", "distribution": "uniform"},
                    {"kind": "lecun"},
                    {"kind": "orthogonal", "gain": 2.0},
                    {"kind": "normal", "std": 0.5},
                ]
            )
        ),
        OUTPUT,
    ),
    "frozen batch norm and dropout": made(
        *CONV_BODY,
        {"kind": "dropout", "name": "dropout1"},
        {"kind": "flatten"},
        OUTPUT,
        data={"kind": "gratings", "samples": 60, "size": 28},
        frozen=["conv1", "norm1", "dropout*"],
    ),
    "nothing but biases and zeros": made(
        dense("a", initializer={"kind": "zeros"}, bias_initializer={"kind": "uniform", "range": 2.0}),
        {**OUTPUT, "bias": False},
    ),
}
