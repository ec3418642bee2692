"""CompiledNetwork: a training's network as code that torch.compile has made for it.

What is compiled is a twin of the network that is called with parameters and buffers as arguments: so another
thread can compile it on copies of them while training goes on. What dropout draws is an argument as well,
from its own generator and in the same order as before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from glassnet.engine.errors import NotCompiled
from glassnet.engine.experiment.precision import Precision, computing
from glassnet.engine.items.layers.dropout import SeededDropout
from glassnet.engine.network.module import Network

#: What torch.compile makes code with.
BACKEND = "inductor"

#: How the names of a dropout's draws end in the twin.
DRAW = "draw"


class Draw(NamedTuple):
    """What a dropout draws for a batch."""

    #: The name of the tensor in the twin.
    name: str
    shape: torch.Size
    dtype: torch.dtype

    def drawn(self, device: torch.device, generator: torch.Generator | None) -> Tensor:
        """The next draw of a generator."""
        return torch.rand(self.shape, generator=generator, device=device, dtype=self.dtype)


class CompiledNetwork:
    """A network in training mode, for batches like those that it is compiled for.

    Making one takes seconds of imports; another thread may do so.
    """

    def __init__(
        self, network: Network, wanted: Sequence[str], dropout: torch.Generator, precision: Precision
    ) -> None:
        """`wanted` are the nodes whose outputs it gives; the network's dropout draws from `dropout`."""
        import torch._dynamo
        import torch._inductor.config as inductor

        inductor.compile_threads = 1  # no pool of processes beside this one's

        self._tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
        self._dropout, self._precision = dropout, precision
        self._twin = _twin(network, dropout)
        compute = _forward(self._twin, wanted)
        self._compiling = torch.compile(compute, backend=BACKEND, fullgraph=True, dynamic=False)
        #: The same with what is compiled by then, and nothing else.
        self._compiled: Callable[..., dict[str, Tensor]] = torch._dynamo.run(compute)
        #: By the size of a batch, in the order of drawing.
        self._draws: dict[int, list[Draw]] = {}

    def compile_for(self, inputs: Tensor) -> None:
        """Compile forward and backward for batches like this one. Raises what the compiler raises."""
        tensors = {name: _like(tensor) for name, tensor in self._tensors.items()}
        with torch.enable_grad(), computing(self._precision, str(inputs.device)):
            draws = _draws(self._twin, tensors, inputs)
            drawn = {draw.name: draw.drawn(inputs.device, None) for draw in draws}
            outputs = self._compiling({**tensors, **drawn}, inputs)
            total = torch.stack([output.float().sum() for output in outputs.values()]).sum()
            parameters = [tensor for tensor in tensors.values() if tensor.requires_grad]
            torch.autograd.grad(total, parameters, allow_unused=True)
        self._draws[len(inputs)] = draws

    def __call__(self, inputs: Tensor) -> dict[str, Tensor]:
        """The outputs of the wanted nodes, by name. Raises NotCompiled for inputs of another kind."""
        if len(inputs) not in self._draws:
            raise NotCompiled(f"a batch of {len(inputs)} is none that code was made for")
        drawn = {draw.name: draw.drawn(inputs.device, self._dropout) for draw in self._draws[len(inputs)]}
        return self._compiled({**self._tensors, **drawn}, inputs)


class DrawnDropout(nn.Module):
    """Dropout by numbers that are drawn elsewhere: what SeededDropout computes of them."""

    draw: Tensor

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.register_buffer(DRAW, None)

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.draw >= self.p).to(x.dtype) / (1 - self.p)


def _twin(network: Network, dropout: torch.Generator) -> Network:
    """A copy of the network that shares its tensors, in which dropout draws nothing."""
    shared: list[object] = [*network.parameters(), *network.buffers(), dropout]
    twin = copy.deepcopy(network, {id(thing): thing for thing in shared})
    for name, module in list(twin.named_modules()):
        if isinstance(module, SeededDropout) and module.training:
            twin.put(name, DrawnDropout(module.p))
    return twin


def _forward(twin: Network, wanted: Sequence[str]) -> Callable[..., dict[str, Tensor]]:
    def forward(tensors: Mapping[str, Tensor], inputs: Tensor) -> dict[str, Tensor]:
        if not torch.compiler.is_compiling():
            raise NotCompiled("the code was made for other tensors or settings")
        outputs = functional_call(twin, dict(tensors), (inputs,))
        return {name: outputs[name] for name in wanted}

    # Compiled code is kept with the function's code, up to a limit: each twin has its own.
    code: CodeType = forward.__code__.replace()
    return FunctionType(code, forward.__globals__, code.co_name, None, forward.__closure__)


def _draws(twin: Network, tensors: Mapping[str, Tensor], inputs: Tensor) -> list[Draw]:
    """What the dropouts of a twin draw for a batch, in the order in which they are reached."""
    found: list[Draw] = []

    def drawing(name: str) -> Callable[..., None]:
        def look(module: nn.Module, args: tuple[Any, ...]) -> None:
            x = args[0]
            found.append(Draw(f"{name}.{DRAW}", x.shape, x.dtype))
            module.draw = torch.ones_like(x)

        return look

    dropouts = {name: module for name, module in twin.named_modules() if isinstance(module, DrawnDropout)}
    hooks = [module.register_forward_pre_hook(drawing(name)) for name, module in dropouts.items()]
    try:
        with torch.no_grad():
            functional_call(twin, dict(tensors), (inputs,))
    finally:
        for hook in hooks:
            hook.remove()
        for module in dropouts.values():
            module.draw = torch.zeros((), device=inputs.device)
    return found


def _like(tensor: Tensor) -> Tensor:
    """A copy of a tensor; of a parameter, a parameter."""
    copied = tensor.detach().clone()
    return nn.Parameter(copied, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else copied
