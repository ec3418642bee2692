"""A GPU that fails ends what computes with it; one without memory is told from it, and shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
import torch

from glassnet.engine.landscape.evaluate import Evaluator
from glassnet.engine.landscape.methods import SlicedObjective, Stacked
from glassnet.engine.probes.weights import Weights
from glassnet.engine.training import device_memory
from glassnet.engine.training.device_errors import has_lost_device
from glassnet.engine.training.device_memory import bound_studies, memory_bounded
from glassnet.engine.training.out_of_memory import is_out_of_memory
from glassnet.engine.training.together import GPU_SHARE
from tests.engine.experiments import mlp
from tests.engine.session_run import Run
from tests.engine.test_landscape import slices, trained

LOST = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

FULL = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
    torch.AcceleratorError("CUDA error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
]
FAILED = [
    LOST,
    torch.AcceleratorError("CUDA error: unspecified launch failure"),
    RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`"),
]


def test_a_device_without_memory_is_told_from_one_that_failed() -> None:
    assert [(is_out_of_memory(error), has_lost_device(error)) for error in FULL] == [(True, False)] * 4
    assert [(is_out_of_memory(error), has_lost_device(error)) for error in FAILED] == [(False, True)] * 4
    assert not has_lost_device(ValueError("CUDA error"))


def failing(*args: Any, **options: Any) -> Any:
    raise LOST


def test_a_probe_on_a_failed_device_ends_the_session(make: Callable[..., Run]) -> None:
    """Any other error only takes down the picture."""
    run = make(mlp(4))
    run.tell("watch", probes=[{"kind": "weights"}])
    with mock.patch.object(Weights, "prepare", return_value=failing):
        run.session._pictures.switch_trainer(run.session.trainer)
    with pytest.raises(torch.AcceleratorError):
        run.session.advance()
    with mock.patch.object(Weights, "prepare", failing), pytest.raises(torch.AcceleratorError):
        run.session._pictures.switch_trainer(run.session.trainer)


def test_a_landscape_on_a_failed_device_is_not_tried_in_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    objective, through, _ = slices(trained(mlp(4)))
    evaluator = Evaluator(SlicedObjective(objective, through))
    monkeypatch.setattr(Stacked, "losses", failing)
    with pytest.raises(torch.AcceleratorError):
        list(evaluator.losses(torch.zeros(200, 2)))


def test_a_run_may_take_what_it_is_estimated_at_and_some_more(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = []
    card = mock.Mock(total_memory=80 << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    monkeypatch.setattr(
        torch.cuda, "set_per_process_memory_fraction", lambda share, index: shares.append((share, index))
    )
    monkeypatch.setattr(device_memory, "Trainer", mock.Mock())
    memory_bounded(mlp(4), host="cpu")
    assert shares == []
    memory_bounded(mlp(4), host="cuda")
    memory_bounded(mlp(4000, 4000), host="cuda:1")
    memory_bounded(mlp(20000, 20000), host="cuda")
    (small, none), (large, second), (whole, _) = shares
    assert (none, second) == (None, 1)
    assert 1 << 30 < small * card.total_memory < 3 << 30
    assert small * 1.2 < large < 0.1
    assert 0.2 < whole <= 1.0
    card.total_memory = 1 << 30
    memory_bounded(mlp(4), host="cuda")
    assert shares[-1][0] == 1.0


def test_studies_may_take_what_their_subjects_are_estimated_at(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = list[float]()
    card = mock.Mock(total_memory=80 << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    monkeypatch.setattr(
        torch.cuda, "set_per_process_memory_fraction", lambda share, index: shares.append(share)
    )
    large = mlp(4000, 4000)
    bound_studies([large], "cpu")
    bound_studies([], "cuda")
    assert shares == []
    bound_studies([large], "cuda")
    bound_studies([large, large], "cuda")
    one, two = (share - GPU_SHARE - (1 << 30) / card.total_memory for share in shares)
    assert two == pytest.approx(2 * one)
