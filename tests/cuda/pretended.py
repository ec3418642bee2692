"""A device for machines without one: it computes on the CPU, and refuses what a GPU would refuse.

Its tensors say that they are on `cuda:0`. An operation of theirs with a tensor of the CPU raises as it does
there, and so does reading them as NumPy arrays, or drawing on one device with a generator of the other. Its
graphs run their computations anew, transfers on streams of their own are late (see pretended_streams.py).
Only what Python sees is pretended: kernels, their order of summation and memory are the CPU's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from tests.cuda.pretended_streams import CURRENT, is_late, pretended_streams

DEVICE = torch.device("cuda", 0)

aten = torch.ops.aten

#: Operators that a GPU lets read the CPU's tensors: copies, and places (not values) to read and write at.
MAY_MIX = {
    aten.copy_.default,
    aten._foreach_copy_.default,
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
}


class There(Tensor):
    """A tensor in the CPU's memory that says it is on the device."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, plain: Tensor) -> There:
        return torch.Tensor._make_subclass(cls, plain, plain.requires_grad)

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return DEVICE

    @property
    def is_cuda(self) -> bool:  # type: ignore[override]
        return True

    def numpy(self, *args: Any, **options: Any) -> Any:
        raise TypeError(f"can't convert {DEVICE} device type tensor to numpy. Use Tensor.cpu()")

    __array__ = numpy

    def record_stream(self, stream: Any) -> None:
        stream.recorded.append(self)

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return f"{here(self)!r} on {DEVICE}"

    def __format__(self, spec: str) -> str:
        return format(here(self), spec)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        _check_together(func, given)
        with torch._C._DisableTorchDispatch():
            found = func(*args, **(kwargs or {}))
        known = {id(tensor): tensor for tensor in given}

        def there(part: Any) -> Any:
            if not isinstance(part, Tensor) or id(part) in known or part.device.type == "meta":
                return part
            return There(part)

        return tree_map(there, found)


def _check_together(func: Any, given: list[Tensor]) -> None:
    """A number on the CPU may stand beside anything; where places are given, they follow what they are of."""
    if func in MAY_MIX and (func is aten.copy_.default or isinstance(given[0], There)):
        return
    plain = [tensor for tensor in given if not isinstance(tensor, There) and tensor.dim()]
    if torch._C._current_graph_task_id() != -1:  # gradients that autograd itself filled with zeros
        plain = [tensor for tensor in plain if tensor.any()]
    if plain:
        shapes = [f"{tensor.device}{list(tensor.shape)}" for tensor in given]
        raise RuntimeError(f"Expected all tensors to be on the same device: {func} got {', '.join(shapes)}")


#: What stands behind the short states of generators that say they are on the device.
STATES: dict[bytes, Tensor] = {}


class Generator(torch.Generator):
    """A generator of the CPU's that says where it was asked to be; there its state has 16 bytes."""

    def __new__(cls, device: Any = "cpu") -> Generator:
        return super().__new__(cls, "cpu")  # type: ignore[call-arg]

    def __init__(self, device: Any = "cpu") -> None:
        self._device = torch.device(device)

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return DEVICE if self._device.type == "cuda" else self._device

    def get_state(self) -> Tensor:
        whole = super().get_state()
        if self._device.type != "cuda":
            return whole
        short = hashlib.sha256(whole.numpy().tobytes()).digest()[:16]
        STATES[short] = whole
        return torch.tensor(list(short), dtype=torch.uint8)

    def set_state(self, state: Tensor) -> Generator:
        if self._device.type == "cuda":
            if state.numel() != 16:
                raise RuntimeError("RNG state is wrong size")
            state = STATES[bytes(state.tolist())]
        super().set_state(state)
        return self


class Pretending(TorchFunctionMode):
    """Makes tensors that are asked for on the device, or are taken there or back."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = dict(kwargs or {})
        if func is Tensor.cpu:
            return here(args[0])
        if func is Tensor.to:
            return self._moved(*args, **options)
        if func is Tensor.tolist:
            return func(here(args[0]))
        if func is torch.nn.functional.one_hot and isinstance(args[0], There):  # counts where its input is
            return there(func(here(args[0]), *args[1:], **options))
        if func is Tensor.pin_memory:
            return args[0]
        if func is Tensor.copy_ and is_late(*args, non_blocking=options.get("non_blocking", False)):
            CURRENT[-1].transfer(func, *args)
            return args[0]
        options.pop("pin_memory", None)
        where = options.get("device")
        asked = where is not None and torch.device(where).type == "cuda"
        generator = options.get("generator")
        if isinstance(generator, Generator) and (generator.device.type == "cuda") != asked:
            raise RuntimeError(f"Expected a '{where or 'cpu'}' device type for generator: {func}")
        if asked:
            del options["device"]
        found = func(*args, **options)
        return (
            tree_map(lambda part: there(part) if isinstance(part, Tensor) else part, found)
            if asked
            else found
        )

    def _moved(self, tensor: Tensor, *args: Any, non_blocking: bool = False, **options: Any) -> Tensor:
        where, rest = options.pop("device", None), list[Any]()
        for given in args:
            if isinstance(given, Tensor):
                where = given.device
                rest.append(given.dtype)
            elif isinstance(given, str | torch.device):
                where = given
            elif given is not None and not isinstance(given, bool):  # whether to wait for it
                rest.append(given)
        kind = None if where is None else torch.device(where).type
        if kind == "meta":
            rest.insert(0, "meta")
            tensor = here(tensor)
        move: Callable[..., Tensor] = Tensor.to
        found = move(tensor, *rest, **options) if rest or options else tensor
        return found if kind in (None, "meta") else there(found) if kind == "cuda" else here(found)


def there(tensor: Tensor) -> Tensor:
    """A tensor on the device: itself where it is there, else a copy."""
    if isinstance(tensor, There):
        return tensor
    return There(tensor.detach().clone().requires_grad_(tensor.requires_grad))


def here(tensor: Tensor) -> Tensor:
    """A tensor on the CPU: itself where it is here, else a copy."""
    if not isinstance(tensor, There):
        return tensor
    with torch._C._DisableTorchDispatch():
        return torch.Tensor._make_subclass(Tensor, tensor.detach().clone())


class Graph:
    """In place of cuda_graph.Graph: the computation anew."""

    def __init__(
        self, compute: Callable[[], Sequence[Tensor]], draws_from: Iterable[torch.Generator] = ()
    ) -> None:
        self._compute = compute

    def __call__(self) -> Sequence[Tensor]:
        return self._compute()


@contextmanager
def pretended() -> Iterator[None]:
    """Let `cuda` be this device, for engine alone."""
    with ExitStack() as stack:
        for name in ("glassnet.engine.training.graphed_steps.Graph", "glassnet.engine.training.replay.Graph"):
            stack.enter_context(mock.patch(name, Graph))
        for name in (
            "glassnet.engine.training.graphed_steps.capture_stream",
            "glassnet.engine.training.replay.capture_stream",
        ):
            stack.enter_context(mock.patch(name, nullcontext))
        stack.enter_context(mock.patch("torch.Generator", Generator))
        stack.enter_context(pretended_streams())
        stack.enter_context(mock.patch("torch.cuda.synchronize"))
        stack.enter_context(mock.patch("torch.cuda.set_per_process_memory_fraction"))
        for name, found in (
            ("mem_get_info", (48 << 30, 64 << 30)),
            ("memory_reserved", 1 << 30),
            ("get_device_name", "pretended"),
        ):
            stack.enter_context(mock.patch(f"torch.cuda.{name}", return_value=found))
        card = mock.Mock(
            total_memory=64 << 30, multi_processor_count=132, max_threads_per_multi_processor=2048
        )
        stack.enter_context(mock.patch("torch.cuda.get_device_properties", return_value=card))
        before = torch.__future__.get_overwrite_module_params_on_conversion()
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        stack.callback(torch.__future__.set_overwrite_module_params_on_conversion, before)
        stack.enter_context(Pretending())
        yield
