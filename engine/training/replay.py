"""Replay: capture of a tensor computation, and its repetition without autograd and Python overhead.

On small networks most of a training step is not arithmetic but overhead: autograd builds a graph and walks
it, modules call modules, every result is allocated anew. A captured computation is the list of kernels that
ran, with their tensors; a replay runs the same kernels on the same storage, so it gives the same bits, about
five times faster on a two-layer network.

The rules are those of CUDA graphs: inputs and parameters are read from the storage they had at the
capture, so new values are copied into it; shapes are fixed (capture once per batch size); Python runs
only once, so control flow must not depend on values, and a computation that reads a value (`.item()`) is not
captured but called as usual. Generators may be used: each replay draws new numbers.

Intermediate results stay in the storage of the capture where the kernel can write there (`_INTO`); views of
such storage need no kernel and are not replayed.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

from glassnet.engine.errors import NotCapturable
from glassnet.engine.network.flops import QuickMode
from glassnet.engine.training.cuda_graph import Graph, capture_stream

aten = torch.ops.aten

log = logging.getLogger(__name__)


#: Operators that can write their result into given storage, with the fastest function to do so.
_INTO: dict[Any, Callable[..., Any]] = {
    aten.mm.default: torch.mm,
    aten.addmm.default: torch.addmm,
    aten.tanh.default: torch.tanh,
    aten.sigmoid.default: torch.sigmoid,
    aten.relu.default: lambda x, out: torch.clamp_min(x, 0, out=out),
    aten.sum.dim_IntList: torch.sum,
    aten.neg.default: torch.neg,
    aten.exp.default: torch.exp,
    aten.add.Tensor: torch.add,
    aten.sub.Tensor: torch.sub,
    aten.mul.Tensor: torch.mul,
    aten.div.Tensor: torch.div,
    aten.tanh_backward.default: aten.tanh_backward.grad_input,
    aten.sigmoid_backward.default: aten.sigmoid_backward.grad_input,
    aten.threshold_backward.default: aten.threshold_backward.grad_input,
    aten.mse_loss_backward.default: aten.mse_loss_backward.grad_input,
}

#: Operators that may overwrite their input, where nothing else reads it.
_ELEMENTWISE = {aten.tanh.default, aten.sigmoid.default, aten.relu.default}

#: Operators with a binding that is faster to call than the operator object.
_BOUND: dict[Any, Callable[..., Any]] = {
    aten.mse_loss.default: lambda x, y, reduction=1: torch._C._nn.mse_loss(x, y, reduction),
    aten.silu.default: torch._C._nn.silu,
    aten._foreach_copy_.default: torch._foreach_copy_,
    aten.clamp_min.default: torch.clamp_min,
    aten._log_softmax.default: torch._log_softmax,
    aten.cat.default: torch.cat,
    aten.rand.generator: torch.rand,
}

#: torch's tags of operators whose result is a Python value, or whose output size depends on values: a
#: capture would freeze them.
_READS_A_VALUE = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


@dataclass(frozen=True)
class _Slot:
    """The place of a result that each replay allocates anew."""

    index: int


@dataclass(frozen=True, slots=True)
class _Instruction:
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    #: Whether any argument is, or contains, a slot.
    reads: bool
    #: The slots of the results; None for a result that is not kept.
    writes: tuple[int | None, ...]
    several: bool
    #: The complete call, where its arguments are the same in every replay.
    ready: Callable[[], object] | None


class _Recorder(QuickMode):  # type: ignore[no-untyped-call]
    """A recorder of kernel calls with their tensors (whose ids stay unique while they are kept)."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []
        self.value_read: object = None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not _READS_A_VALUE.isdisjoint(func.tags):
            self.value_read = func
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result


def capture(
    compute: Callable[[], Sequence[Tensor]], *, drawn: bool = False
) -> tuple[Sequence[Tensor], Callable[[], Sequence[Tensor]]]:
    """Run a computation; returns its results, and a function that runs it again.

    That function is a Replay (on a GPU a Graph), or `compute` itself where a replay would not be the same
    computation. The tensors it returns may be overwritten by its next call. `drawn` is for results that are
    only displayed: two-dimensional ones are column-major (unit by unit), as frames of heatmaps need them, and
    tanh is computed faster, with differences in the last bits.
    """
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        with capture_stream():
            results, recorder = _recorded(compute)
    else:
        results, recorder = _recorded(compute)
    again: Callable[[], Sequence[Tensor]]
    try:
        again = _captured(compute, results, recorder, drawn)
    except NotCapturable as error:
        log.info("a pass is not captured: %s", error)
        again = compute
    return [result.clone() for result in results], again


def _recorded(compute: Callable[[], Sequence[Tensor]]) -> tuple[Sequence[Tensor], _Recorder]:
    with _Recorder() as recorder:
        return compute(), recorder


def _captured(
    compute: Callable[[], Sequence[Tensor]], results: Sequence[Tensor], recorder: _Recorder, drawn: bool
) -> Callable[[], Sequence[Tensor]]:
    """The replay or graph of a recorded computation. Raises NotCapturable."""
    if recorder.value_read is not None:
        raise NotCapturable(f"{recorder.value_read} reads a value, which a replay would not see change")
    return Graph(compute) if results[0].is_cuda else Replay(recorder, results, drawn)


def reads_a_value(compute: Callable[[], object]) -> bool:
    """Run a computation; returns whether it read the value of a tensor, which a capture would freeze."""
    with _Recorder() as recorder:
        compute()
    return recorder.value_read is not None


class Replay:
    """A captured computation; calling it runs it again and returns what the function returned."""

    def __init__(self, recorder: _Recorder, results: Sequence[Tensor], drawn: bool) -> None:
        self._drawn = drawn
        self._known: dict[int, Tensor | _Slot] = {}
        self._uses = Counter(
            id(tensor)
            for part in (*(call[1:3] for call in recorder.calls), results)
            for tensor in _tensors(part)
        )
        self._fresh: set[int] = set()
        self._instructions: list[_Instruction] = []
        self._slots = 0
        with torch.no_grad():
            for func, args, kwargs, result in recorder.calls:
                self._plan(func, args, kwargs, result)
            self._results = [self._planned(result) for result in results]

    def __len__(self) -> int:
        """The number of kernels that a replay runs."""
        return len(self._instructions)

    def __call__(self) -> tuple[Tensor, ...]:
        if torch.is_grad_enabled():
            with torch.no_grad():
                return self._run()
        return self._run()

    def _run(self) -> tuple[Tensor, ...]:
        slots: list[Any] = [None] * self._slots
        for step in self._instructions:
            if step.ready is not None:
                step.ready()
                continue
            if step.reads:
                result = step.function(*_filled(step.args, slots), **_filled(step.kwargs, slots))
            else:
                result = step.function(*step.args, **step.kwargs)
            if step.writes:
                if step.several:
                    for index, part in zip(step.writes, result, strict=True):
                        if index is not None:
                            slots[index] = part
                elif step.writes[0] is not None:
                    slots[step.writes[0]] = result
        return tuple(slots[value.index] if isinstance(value, _Slot) else value for value in self._results)

    def _plan(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Plan the replay of a recorded call: skipped, into fixed storage, or newly allocated."""
        planned_args, planned_kwargs = self._mapped(args), self._mapped(kwargs)
        reads = _reads(planned_args) or _reads(planned_kwargs)
        if func is aten.detach.default:
            self._remember(result, planned_args[0])
        elif func.is_view and not reads:
            self._remember(result, func(*planned_args, **planned_kwargs))
        elif func._schema.is_mutable:
            self._emit(_BOUND.get(func, func), planned_args, planned_kwargs, reads)
            if isinstance(result, Tensor):
                self._remember(result, self._planned(result))
        elif func in _INTO and isinstance(result, Tensor):
            self._made(result)
            storage = self._storage(result)
            if self._drawn and func in _ELEMENTWISE and self._last_use(args[0]):
                storage = planned_args[0]
            if self._drawn and func is aten.tanh.default:
                self._emit(_tanh, planned_args, {"out": storage}, reads)
            else:
                into = _INTO[func]
                word = "grad_input" if isinstance(into, OpOverload) else "out"
                self._emit(into, planned_args, {**planned_kwargs, word: storage}, reads)
            self._remember(result, storage)
        else:
            results = result if isinstance(result, tuple | list) else (result,)
            writes = tuple(self._slot(part) for part in results)
            several = isinstance(result, tuple | list)
            self._emit(_BOUND.get(func, func), planned_args, planned_kwargs, reads, writes, several)

    def _emit(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        reads: bool,
        writes: tuple[int | None, ...] = (),
        several: bool = False,
    ) -> None:
        ready = None if reads or writes else partial(function, *args, **kwargs)
        self._instructions.append(_Instruction(function, args, kwargs, reads, writes, several, ready))

    def _storage(self, result: Tensor) -> Tensor:
        if self._drawn and result.ndim == 2:
            return torch.empty_like(result.t(), memory_format=torch.contiguous_format).t()
        return result.detach()

    def _last_use(self, tensor: Tensor) -> bool:
        """Whether a result may be overwritten: it was computed in the capture, and this is its last use."""
        made = tensor.untyped_storage().data_ptr() in self._fresh
        return made and self._uses[id(tensor)] == 1 and isinstance(self._known.get(id(tensor)), Tensor)

    def _slot(self, result: Any) -> int | None:
        if not isinstance(result, Tensor):
            return None
        self._slots += 1
        self._made(result)
        self._remember(result, _Slot(self._slots - 1))
        return self._slots - 1

    def _made(self, result: Tensor) -> None:
        """Record storage allocated in the capture, to distinguish aliases of it from inputs."""
        self._fresh.add(result.untyped_storage().data_ptr())

    def _remember(self, captured: Any, planned: Tensor | _Slot | Sequence[Tensor]) -> None:
        if isinstance(captured, tuple | list):
            for part, value in zip(captured, planned, strict=True):  # type: ignore[arg-type]
                self._remember(part, value)
            return
        self._known[id(captured)] = planned  # type: ignore[assignment]

    def _planned(self, tensor: Tensor) -> Tensor | _Slot:
        """The planned tensor or slot for a tensor of the capture; an unknown tensor is an input."""
        known = self._known.get(id(tensor))
        if known is not None:
            return known
        if tensor.numel() and tensor.untyped_storage().data_ptr() in self._fresh:
            raise NotCapturable("a result is used through an alias that the capture did not see made")
        return tensor.detach()

    def _mapped(self, value: Any) -> Any:
        match value:
            case Tensor():
                return self._planned(value)
            case tuple() | list():
                return type(value)(self._mapped(part) for part in value)
            case dict():
                return {key: self._mapped(part) for key, part in value.items()}
            case _:
                return value


def _tensors(value: Any) -> Iterator[Tensor]:
    match value:
        case Tensor():
            yield value
        case tuple() | list():
            for part in value:
                yield from _tensors(part)
        case dict():
            yield from _tensors(list(value.values()))


def _reads(value: Any) -> bool:
    match value:
        case _Slot():
            return True
        case tuple() | list():
            return any(_reads(part) for part in value)
        case dict():
            return any(_reads(part) for part in value.values())
        case _:
            return False


def _filled(value: Any, slots: list[Any]) -> Any:
    match value:
        case _Slot():
            return slots[value.index]
        case tuple() | list():
            return type(value)(_filled(part, slots) for part in value)
        case dict():
            return {key: _filled(part, slots) for key, part in value.items()}
        case _:
            return value


@cache
def _minus_one() -> Tensor:
    # Created on first use: a tensor created on import would make the module unfit for a forkserver.
    return torch.tensor(-1.0)


def _tanh(x: Tensor, *, out: Tensor) -> None:
    """tanh x = 2σ(2x) − 1: torch's vectorised sigmoid takes a sixth of its tanh's time, for 1e-7 of error."""
    torch.mul(x, 2, out=out).sigmoid_()
    torch.add(_minus_one(), out, alpha=2, out=out)
