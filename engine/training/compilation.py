"""Compilation: the compiling of a training's network in the background, and what became of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from glassnet.engine.errors import NotCompiled
from glassnet.engine.experiment.precision import Precision
from glassnet.engine.network.module import Network
from glassnet.engine.training.compiled_network import CompiledNetwork
from glassnet.engine.training.compiler import why_not_compiled
from glassnet.engine.training.cuda_graph import no_captures

log = logging.getLogger(__name__)

Stage = Literal["waiting", "compiling", "compiled", "impossible"]


class Compilation:
    """The network of a training, compiled in the background; called, it computes with whatever is there."""

    def __init__(
        self,
        network: Network,
        wanted: Sequence[str],
        drawing: Sequence[str],
        generator: torch.Generator,
        precision: Precision,
        examples: Callable[[], Sequence[Tensor]],
    ) -> None:
        """`wanted` are the nodes whose outputs are used; `examples` gives a batch of each size.

        The nodes that are `drawing` draw from `generator`. Where it cannot be compiled here it says so, and
        goes on without.
        """
        self._network, self._examples = network, examples
        self._compile_network = partial(CompiledNetwork, network, wanted, drawing, generator, precision)
        #: What the thread has made, and what steps compute with since they took it over.
        self._made: CompiledNetwork | None = None
        self._compiled: CompiledNetwork | None = None
        self.stage: Stage = "waiting"
        #: Why there is no compiled code, for users.
        self.reason = ""
        self.thread: threading.Thread | None = None
        self._abandoned = False
        impossible = why_not_compiled(generator.device.type, precision)
        if impossible is not None:
            self.give_up(impossible)

    @property
    def is_compiled(self) -> bool:
        """Whether steps compute with compiled code."""
        return self._compiled is not None

    @property
    def is_over(self) -> bool:
        """Whether compiling has come to an end, with or without code."""
        return self.stage in ("compiled", "impossible")

    @property
    def detail(self) -> str | None:
        """How it stands where no compiled code is there yet, for users."""
        if self.stage == "impossible":
            return f"not compiled: {self.reason}"
        return None if self.stage == "compiled" else "compiling in the background"

    def __call__(self, inputs: Tensor) -> dict[str, Tensor]:
        """The outputs of the wanted nodes, of all nodes where they are not computed by compiled code."""
        if self._compiled is not None:
            try:
                return self._compiled(inputs)
            except (NotCompiled, AssertionError) as error:
                self.give_up(error)
        outputs: dict[str, Tensor] = self._network(inputs)
        return outputs

    def take_over(self) -> Stage:
        """Compute with the code that is there by now; returns the stage by which that was decided.

        To be called between two steps: code may arrive at any moment, and a step that has begun without it is
        to end without it.
        """
        stage = self.stage  # read once, because the thread changes it meanwhile
        if stage == "compiled":
            self._compiled = self._made
        return stage

    def begin_once(self) -> None:
        """Begin to compile, in a thread that ends with its work or with the process."""
        if self.stage == "waiting":
            self.stage = "compiling"
            batches = self._examples()
            self.thread = threading.Thread(
                target=self._compile, args=(batches,), name="compilation", daemon=True
            )
            self.thread.start()

    def abandon(self) -> None:
        """The network is another now: what waits to be compiled is not begun."""
        self._abandoned = True

    def give_up(self, error: Exception | str) -> None:
        """Go on without compiled code."""
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        self.reason, self._made, self._compiled, self.stage = said, None, None, "impossible"
        log.info("training goes on without compiled code: %s", said)

    def _compile(self, batches: Sequence[Tensor]) -> None:
        try:
            with no_captures(), torch.cuda.device_of(batches[0]):  # type: ignore[no-untyped-call]
                if self._abandoned:
                    return
                made = self._compile_network()
                for batch in batches:
                    made.compile_for(batch)
        except Exception as error:  # whatever is wrong with a compiler, training goes on without it
            log.warning("the network could not be compiled", exc_info=True)
            self.give_up(getattr(error, "inner_exception", error))  # what dynamo's own was raised from
        else:
            self._made, self.stage = made, "compiled"
