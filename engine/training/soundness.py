"""Validation of a loaded state: names, types and shapes, and values that training can have produced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from glassnet.engine.errors import CheckpointError

#: The prefixes of the parts of a state that are finite unless training has diverged.
FINITE = ("parameters/", "optimizer/", "loss/sum")

#: How the names of steps and times end that stops have counted.
PLACES = ("/seconds", "/ended_at", "/restored", "/best_step")

#: The bytes of a generator's state: on the CPU (Mersenne twister), and on a GPU (Philox: seed and offset).
GENERATOR_BYTES = {5056, 16}


def check_fits(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError where names, shapes or types of a state differ from the trainer's."""
    for name in own.keys() | state.keys():
        if name not in own or name not in state:
            where = "trainer" if name not in own else "state"
            raise CheckpointError(f"'{name}' is missing in the {where}; expected the same names in both")
        if own[name].shape != state[name].shape or own[name].dtype != state[name].dtype:
            raise CheckpointError(
                f"'{name}' is {_kind(state[name])} in the state; expected {_kind(own[name])}"
            )


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"


def check_sound(
    state: Mapping[str, Tensor],
    steps_per_epoch: int,
    generators: Mapping[str, Sequence[torch.Generator]],
    *,
    replicas: bool = False,
) -> None:
    """Raise CheckpointError where numbers are not finite, or counts and orders are impossible.

    Of several `replicas`, the first must be finite: a training goes on where another has diverged.
    """
    for name, tensor in state.items():
        first = tensor[0] if replicas else tensor
        if name.startswith(FINITE) and not bool(torch.isfinite(first).all()):
            raise CheckpointError(f"'{name}' has numbers that are not finite")
        if name.startswith("stop/") and name.endswith(PLACES) and not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(f"'{name}' is no step or time")
    for name, most in {"step": None, "loss/count": None, "order/batch": steps_per_epoch}.items():
        counts = set(state[name].flatten().tolist())
        for count in counts:
            if count < 0 or (most is not None and count > most):
                raise CheckpointError(f"'{name}' is {count}; no training comes there")
        if len(counts) > 1:
            raise CheckpointError(f"'{name}' differs between replicas, which take every step together")
    for name, numbers in state.items():
        if name.startswith("schedule/") and not _counts(numbers[..., 1:]):
            raise CheckpointError(f"'{name}' has counts that no training comes to")
    positions = state["order/permutation"].cpu()
    if not bool((positions.sort().values == torch.arange(positions.shape[-1])).all()):
        raise CheckpointError("'order/permutation' has positions twice or beyond the samples")
    for name, several in generators.items():
        states = state[f"generator/{name}"]
        for generator, own in zip(several, states if replicas else [states], strict=True):
            _check_generator(f"generator/{name}", own, generator)


def _counts(numbers: Tensor) -> bool:
    """Whether all are finite, whole and not below zero."""
    return bool((numbers.isfinite() & (numbers >= 0) & (numbers == numbers.round())).all())


def _check_generator(name: str, state: Tensor, generator: torch.Generator) -> None:
    try:
        torch.Generator(generator.device).set_state(generator_state(state))
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"'{name}' is no generator's: {str(error).splitlines()[0]}") from None


def generator_state(state: Tensor) -> Tensor:
    """The state of a generator for `set_state`, which reads beside the row of a larger tensor."""
    return state.to("cpu", copy=True)


def on_this_device(
    state: Mapping[str, Tensor], own: Mapping[str, Tensor], anew: Callable[[str], Tensor]
) -> dict[str, Tensor]:
    """A state, with the generators of another kind of device replaced by what `anew` gives for their names.

    Their sequences cannot be continued here: dropout and augmentations draw other numbers from now on.
    """
    return {
        name: anew(name) if _is_foreign(tensor, own.get(name)) else tensor for name, tensor in state.items()
    }


def _is_foreign(tensor: Tensor, own: Tensor | None) -> bool:
    if own is None or not own.dtype is tensor.dtype is torch.uint8:
        return False
    return {tensor.shape[-1], own.shape[-1]} == GENERATOR_BYTES
