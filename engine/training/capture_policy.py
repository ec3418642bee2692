"""CapturePolicy: the passes of a training that are captured and replayed, rather than run through autograd.

On a small network autograd and Python take longer than the arithmetic: a pass over tensors with fixed storage
is recorded and replayed (replay.py). On a GPU whole steps become CUDA graphs (graphed_steps.py).
"""

from __future__ import annotations

from typing import NamedTuple

from glassnet.engine.network.plan import Plan

#: Multiply-adds of a batch above which overhead no longer matters and a pass is not captured.
CAPTURE_UP_TO = 200_000_000


class CapturePolicy(NamedTuple):
    """The captured parts of a training."""

    #: Whether whole training steps become CUDA graphs.
    graphs: bool
    #: Samples, of each replica, up to which a pass over fixed tensors is captured.
    samples: int
    #: Whether training passes are captured.
    training: bool

    @classmethod
    def choose(
        cls,
        plan: Plan,
        *,
        device: str,
        batch_size: int,
        evaluation_batch: int,
        wanted: bool = True,
        replicas: int = 1,
    ) -> CapturePolicy:
        """The policy for a network, or its replicas, on a device; nothing is captured unless `wanted`."""
        if not wanted:
            return cls(graphs=False, samples=0, training=False)
        if device != "cpu":
            return cls(graphs=True, samples=evaluation_batch, training=True)
        samples = CAPTURE_UP_TO // max(1, plan.macs * replicas)
        return cls(graphs=False, samples=samples, training=batch_size <= samples)
