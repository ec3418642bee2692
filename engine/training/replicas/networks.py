"""The networks of replicas: their parameters and buffers with the replicas as the first axis."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.module import Network
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.starting_weights import starting_tensors


class Networks:
    """The tensors of several replicas of a network, by name, each with a leading axis of replicas."""

    def __init__(self, parameters: dict[str, nn.Parameter], buffers: dict[str, Tensor]) -> None:
        self.parameters, self.buffers = parameters, buffers

    @classmethod
    def started(cls, first: Network, plan: Plan, experiment: Experiment, blobs: Blobs) -> Networks:
        """The networks before the first step: that of replica i as a training with seed + i begins.

        `first` is that of replica 0 as it was started, and says on which device and of which type all are.
        """
        replicas = experiment.training.replicas
        given = starting_tensors(plan, experiment, blobs)
        # Values are drawn as those of the first were: on the CPU, as float32.
        network = Network(plan, experiment.seed, torch.Generator())
        rows = []
        for index in range(replicas):
            network.start(plan.nodes, experiment.seed + index)
            state = network.state_dict()
            rows.append({name: given.get(name, tensor).clone() for name, tensor in state.items()})

        def stacked(name: str, like: Tensor) -> Tensor:
            if name not in rows[0]:  # a buffer that is not kept, and the same for all
                return torch.stack([like] * replicas)
            return torch.stack([row[name] for row in rows]).to(like)

        parameters = {name: nn.Parameter(stacked(name, own)) for name, own in first.named_parameters()}
        return cls(parameters, {name: stacked(name, own) for name, own in first.named_buffers()})

    def bind(self, network: Network, index: int) -> Network:
        """Have a network compute with the tensors of one replica; returns the network."""
        for name, parameter in network.named_parameters():
            parameter.data = self.parameters[name].data[index]
        for name in [name for name, _ in network.named_buffers()]:
            owner, _, last = name.rpartition(".")
            setattr(network.get_submodule(owner), last, self.buffers[name][index])
        return network
