"""CompiledNetwork: a training's network as code that torch.compile has made for it.

What is compiled is a twin of the network that is called with parameters and buffers as arguments: so another
thread can compile it on copies of them while training goes on. What nodes draw is an argument as well, from
the training's own generator and in the same order as before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType

import torch
from torch import Tensor, nn
from torch.func import functional_call

from glassnet.engine.errors import NotCompiled
from glassnet.engine.experiment.precision import Precision, computing
from glassnet.engine.network.module import Network, Substitute
from glassnet.engine.training.replicas.draws import needed_draws, substitutes

#: What torch.compile makes code with.
BACKEND = "inductor"

#: The outputs of the wanted nodes for parameters and buffers, draws, and inputs.
Compute = Callable[[Mapping[str, Tensor], Mapping[str, Tensor], Tensor], dict[str, Tensor]]


class CompiledNetwork:
    """A network in training mode, for batches like those that it is compiled for.

    Making one takes seconds of imports; another thread may do so.
    """

    def __init__(
        self,
        network: Network,
        wanted: Sequence[str],
        drawing: Sequence[str],
        generator: torch.Generator,
        precision: Precision,
    ) -> None:
        """`wanted` are the nodes whose outputs it gives; those that are `drawing` draw from `generator`."""
        import torch._dynamo
        import torch._inductor.config as inductor

        inductor.compile_threads = 1  # no pool of processes beside this one's
        self._tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
        self._drawing, self._generator, self._precision = drawing, generator, precision
        self._twin = _twin(network, generator)
        compute = _forward(self._twin, wanted)
        self._compiling: Compute = torch.compile(compute, backend=BACKEND, fullgraph=True, dynamic=False)
        #: The same with what is compiled by then, and nothing else.
        self._compiled: Compute = torch._dynamo.run(compute)
        #: By the size of a batch: a tensor like what each node draws, in the order of drawing.
        self._draws: dict[int, dict[str, Tensor]] = {}

    def compile_for(self, inputs: Tensor) -> None:
        """Compile forward and backward for batches like this one. Raises what the compiler raises."""
        tensors = {name: _like(tensor) for name, tensor in self._tensors.items()}

        def run(instead: dict[str, Substitute]) -> object:
            return functional_call(self._twin, tensors, (inputs,), {"substitutes": instead})

        with computing(self._precision, str(inputs.device)):
            with torch.no_grad():
                needed = needed_draws(self._twin, self._drawing, run)
            with torch.enable_grad():
                outputs = self._compiling(tensors, _drawn(needed, None), inputs)
                total = torch.stack([output.float().sum() for output in outputs.values()]).sum()
                parameters = [tensor for tensor in tensors.values() if tensor.requires_grad]
                torch.autograd.grad(total, parameters, allow_unused=True)
        self._draws[len(inputs)] = {name: like.new_empty(()).expand_as(like) for name, like in needed.items()}

    def __call__(self, inputs: Tensor) -> dict[str, Tensor]:
        """The outputs of the wanted nodes, by name. Raises NotCompiled for inputs of another kind."""
        if len(inputs) not in self._draws:
            raise NotCompiled(f"a batch of {len(inputs)} is none that code was made for")
        return self._compiled(self._tensors, _drawn(self._draws[len(inputs)], self._generator), inputs)


def _drawn(needed: Mapping[str, Tensor], generator: torch.Generator | None) -> dict[str, Tensor]:
    """What nodes draw next from a generator."""
    return {
        name: torch.rand(like.shape, generator=generator, device=like.device, dtype=like.dtype)
        for name, like in needed.items()
    }


def _twin(network: Network, generator: torch.Generator) -> Network:
    """A copy of the network that shares its tensors."""
    shared: list[object] = [*network.parameters(), *network.buffers(), generator]
    return copy.deepcopy(network, {id(thing): thing for thing in shared})


def _forward(twin: Network, wanted: Sequence[str]) -> Compute:
    def forward(
        tensors: Mapping[str, Tensor], drawn: Mapping[str, Tensor], inputs: Tensor
    ) -> dict[str, Tensor]:
        if not torch.compiler.is_compiling():
            raise NotCompiled("the code was made for other tensors or settings")
        instead = substitutes(dict(drawn))
        outputs = functional_call(twin, dict(tensors), (inputs,), {"substitutes": instead})
        return {name: outputs[name] for name in wanted}

    # Compiled code is kept with the function's code, up to a limit: each twin has its own.
    code: CodeType = forward.__code__.replace()
    return FunctionType(code, forward.__globals__, code.co_name, None, forward.__closure__)


def _like(tensor: Tensor) -> Tensor:
    """A copy of a tensor; of a parameter, a parameter."""
    copied = tensor.detach().clone()
    return nn.Parameter(copied, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else copied
