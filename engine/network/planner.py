"""The planner: from an experiment to a plan.

Planning runs on torch's meta device: every node is built and run with shapes only, so a mistake costs
a millisecond and no memory, and an error names the node, what arrived and what was expected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from glassnet.engine.errors import InvalidExperiment, Remedy
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.items.blocks import Expansion, inside_name
from glassnet.engine.items.layers import fits, shape_text
from glassnet.engine.items.node import INPUT, Context, Node, Operation, OptionError, Shape, split_reference
from glassnet.engine.network.checks import check_training, listed
from glassnet.engine.network.combination_warnings import warnings
from glassnet.engine.network.flops import MultiplyAdds
from glassnet.engine.network.graph import references, top_level_node, topological_order
from glassnet.engine.network.operation_costs import OperationCost, measured_cost
from glassnet.engine.network.plan import Plan, PlannedNode, Source, numbers
from glassnet.engine.network.planning_budget import current_budget
from glassnet.engine.network.receptive_field import Field, ReceptiveField, after
from glassnet.engine.network.remedies import another_loss, another_task, as_many_weights, as_wide

#: The deepest nesting of blocks.
MAX_DEPTH = 16

#: The most numbers of one node's output for one sample; beyond it sizes overflow, even without memory.
MAX_NUMBERS = 10**15


def plan(experiment: Experiment) -> Plan:
    """The plan of an experiment: its nodes checked, ordered and measured.

        network = glassnet.plan(experiment)
        network["linear1"].shape, network.parameters, network.macs

    Raises InvalidExperiment, with a pointer, where the network cannot be built.
    """
    return _Planner(experiment).plan()


@dataclass
class _Scope:
    """The scope of a list of nodes: the network itself, or the inside of a block."""

    prefix: str
    #: The sources that the names of this scope refer to.
    known: dict[str, Source] = field(default_factory=dict)
    #: The block whose nodes' parameters the nodes of the same names here use; None: they have their own.
    shared: str | None = None


class _Planner:
    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.shape = experiment.data.shape
        #: The pointers of the document's nodes by their ids; what a block adds has its block's.
        self.written: dict[int, str] = {}
        self.insides: dict[str, tuple[Node, Sequence[Node]]] = {}
        self.placed: dict[str, PlannedNode] = {}
        self.blocks: dict[str, str] = {}
        self.remembered: dict[tuple[int, Shape], tuple[Sequence[Node], Shape]] = {}
        self.fields: dict[str, ReceptiveField] = {
            INPUT: tuple(Field(1, 1) for _ in self.shape[1:]),
        }
        self.counter = MultiplyAdds()
        self.budget = current_budget()

    def plan(self) -> Plan:
        experiment = self.experiment
        self._check_task()
        self._check_size()
        judged = [loss.node or experiment.network[-1].name or "" for loss in experiment.task.losses]
        widths = self._widths(judged)
        scope = _Scope("", {INPUT: Source(INPUT)})
        with torch.device("meta"), self.counter:
            pointers = [f"/network/{index}" for index in range(len(experiment.network))]
            self._remember_written(experiment.network, pointers)
            self._place(experiment.network, pointers, scope, widths, 0)
        names = []
        for index, reference in enumerate(judged):
            names.append(self._judged(reference, index, scope))
        plan = Plan(list(self.placed.values()), names, self.shape, blocks=self.blocks, insides=self.insides)
        check_training(plan, experiment)
        plan.warnings = warnings(plan, experiment)
        return plan

    def _remember_written(self, nodes: Sequence[Node], pointers: Sequence[str]) -> None:
        """Note where the document has each node, those in the bodies of blocks included."""
        for node, pointer in zip(nodes, pointers, strict=True):
            self.written[id(node)] = pointer
            body = getattr(node, "body", [])
            self._remember_written(body, [f"{pointer}/body/{index}" for index in range(len(body))])

    def _check_task(self) -> None:
        task, data = self.experiment.task, self.experiment.data
        problem = task.check(data)
        if problem is not None:
            pointer, reason = problem
            raise InvalidExperiment.at(f"/task{pointer}", reason, self._task_remedy(pointer))

    def _task_remedy(self, pointer: str) -> Remedy | None:
        """What mends a task that does not suit the data, or a loss that does not suit the task."""
        if pointer == "/kind":
            return another_task(self.experiment)
        _, part, place, *rest = [*pointer.split("/"), "", ""]
        if part == "losses" and rest[0] == "class_weights":
            return as_many_weights(self.experiment, int(place))
        if part != "losses" or rest[0] != "kind":
            return None
        data, loss = self.experiment.data, self.experiment.task.losses[int(place)]
        several = data.classes is not None and len(data.classes) > 2
        return another_loss(self.experiment, int(place), (loss.among_many or "") if several else "")

    def _check_size(self) -> None:
        """Check the number of nodes before anything is built: nested blocks multiply."""
        counts = [node.count() for node in self.experiment.network]
        if sum(counts) > self.budget.nodes:
            largest = max(range(len(counts)), key=counts.__getitem__)
            here = f", {counts[largest]:,} of them here" if counts[largest] > 1 else ""
            raise InvalidExperiment.at(
                f"/network/{largest}" if here else "/network",
                f"{sum(counts):,} nodes once all blocks are unfolded{here}; "
                f"expected at most {self.budget.nodes:,}",
            )

    def _judged(self, reference: str, index: int, scope: _Scope) -> str:
        """The full name of the node that a loss reads. Raises InvalidExperiment where its width differs."""
        task, data = self.experiment.task, self.experiment.data
        loss = task.losses[index]
        source = self._source(reference, f"/task/losses/{index}/node", scope)
        placed, wanted = self.placed[source.name], task.shape(loss, data)
        given = placed.shapes[source.port]
        if not fits(given, wanted):
            follows = "units" if len(wanted) == 1 else "filters"
            narrower = len(given) == len(wanted) and fits(given[1:], wanted[1:])
            raise InvalidExperiment.at(
                placed.pointer,
                f"node '{placed.name}' gives {shape_text(given)}; loss '{loss.kind}' on '{data.kind}' "
                f"expected {shape_text(wanted)} (empty {follows} follow the task)",
                as_wide(placed, task.width(loss, data)) if narrower else None,
            )
        misread = loss.misreads(placed.item)
        if misread is not None:
            raise InvalidExperiment.at(
                f"/task/losses/{index}/kind", f"'{loss.kind}' reads node '{placed.name}', which has {misread}"
            )
        return placed.name

    def _widths(self, judged: Sequence[str]) -> dict[str, int]:
        """For every top-level node, the width that the first loss after it needs."""
        nodes = {node.name or "": node for node in self.experiment.network}
        before = {
            name: list(map(top_level_node, reads))
            for name, reads in zip(nodes, references(list(nodes.values())), strict=True)
        }
        widths: dict[str, int] = {}
        for index, (reference, loss) in enumerate(zip(judged, self.experiment.task.losses, strict=True)):
            if top_level_node(reference) not in nodes:
                raise InvalidExperiment.at(
                    f"/task/losses/{index}/node",
                    f"'{reference}' names no node of the network; expected one of {listed(list(nodes))}",
                )
            width = self.experiment.task.width(loss, self.experiment.data)
            waiting = [top_level_node(reference)]
            while waiting:
                name = waiting.pop()
                if name in nodes and name not in widths:
                    widths[name] = width
                    waiting.extend(before[name])
        return widths

    def _place(
        self,
        nodes: Sequence[Node],
        pointers: Sequence[str],
        scope: _Scope,
        widths: Mapping[str, int],
        depth: int,
    ) -> None:
        """Sort nodes topologically, and place them one by one."""
        if depth > MAX_DEPTH:
            raise InvalidExperiment.at(pointers[0], f"blocks {depth} deep; expected at most {MAX_DEPTH}")
        reads = references(nodes)
        for index in topological_order(nodes, reads, pointers):
            node, pointer = nodes[index], pointers[index]
            sources = tuple(
                self._source(reference, _input_pointer(node, pointer, position), scope)
                for position, reference in enumerate(reads[index])
            )
            last = self._place_node(node, pointer, sources, scope, widths.get(node.name or ""), depth)
            scope.known[node.name or ""] = last

    def _source(self, reference: str, pointer: str, scope: _Scope) -> Source:
        name, port = split_reference(reference)
        source = scope.known.get(name)
        if source is None and scope.prefix + name in self.placed:
            source = Source(scope.prefix + name)
        if source is None:
            raise InvalidExperiment.at(
                pointer, f"'{reference}' names no node; expected one of {listed(list(scope.known))}"
            )
        if port is None:
            return source
        ports = self.placed[source.name].item.ports if source.name in self.placed else ("output",)
        if port not in ports:
            raise InvalidExperiment.at(
                pointer, f"node '{name}' has no output '{port}'; expected one of {listed(list(ports))}"
            )
        return Source(source.name, ports.index(port))

    def _place_node(
        self,
        node: Node,
        pointer: str,
        sources: tuple[Source, ...],
        scope: _Scope,
        width: int | None,
        depth: int,
    ) -> Source:
        """Place one node, or its expansion; returns the source that other nodes read."""
        least, most = node.arity
        if len(sources) < least or (most is not None and len(sources) > most):
            expected = f"{least}" if least == most else f"at least {least}"
            raise InvalidExperiment.at(
                pointer, f"node '{node.name}' has {len(sources)} inputs; expected {expected}"
            )
        name = scope.prefix + (node.name or "")

        def shape_after(nodes: Sequence[Node]) -> Shape:
            return self._shape_after(nodes, sources[0], width, name, pointer, depth)

        context = Context(tuple(map(self._shape, sources)), width, shape_after)
        if isinstance(node, Expansion):
            shared = self._shared(node, pointer, scope)
            try:
                inside = node.expand(context)
            except ValueError as error:
                place = self._place_of(error, node, pointer)
                raise InvalidExperiment.at(place, f"node '{name}': {error}") from None
            if id(node) in self.written:
                self.insides[pointer] = node, inside
            self.blocks[name] = node.kind
            return self._unfold(inside, name, pointer, sources, width, depth, shared)
        assert isinstance(node, Operation)
        return self._place_operation(node, name, pointer, sources, context, scope)

    def _unfold(
        self,
        inside: Sequence[Node],
        name: str,
        pointer: str,
        sources: Sequence[Source],
        width: int | None,
        depth: int,
        shared: str | None = None,
    ) -> Source:
        names = [node.name or "" for node in inside]
        for twice in (name for name, times in Counter(names).items() if times > 1):
            raise InvalidExperiment.at(
                pointer, f"'{twice}' is the name of a node that the block adds; expected another in its body"
            )
        arriving = {inside_name(place): source for place, source in enumerate(sources)}
        scope = _Scope(f"{name}.", arriving, shared)
        widths = dict.fromkeys(names, width) if width is not None else {}
        pointers = [self.written.get(id(node), pointer) for node in inside]
        self._place(inside, pointers, scope, widths, depth + 1)
        return scope.known[names[-1]]

    def _shape_after(
        self,
        nodes: Sequence[Node],
        source: Source,
        width: int | None,
        name: str,
        pointer: str,
        depth: int,
    ) -> Shape:
        key = (id(nodes), self._shape(source))
        if key not in self.remembered:
            # Placed temporarily, then removed: the expansion of a block may depend on shapes inside it.
            # Cached, or nested blocks would be placed twice as often at each level.
            before = len(self.placed)
            result = self._unfold(nodes, name, pointer, [source], width, depth)
            self.remembered[key] = nodes, self._shape(result)  # the list, too, or its id might be another's
            while len(self.placed) > before:
                del self.fields[self.placed.popitem()[0]]
        return self.remembered[key][1]

    def _place_operation(
        self,
        node: Operation,
        name: str,
        pointer: str,
        sources: tuple[Source, ...],
        context: Context,
        scope: _Scope,
    ) -> Source:
        self.budget.check(len(self.placed), pointer)
        try:
            found = measured_cost(node, context, self.counter)
            receptive = after([self.fields[source.name] for source in sources], node.windows(context))
        except ValueError as error:
            place = self._place_of(error, node, pointer)
            raise InvalidExperiment.at(place, f"node '{name}': {error}") from None
        except RuntimeError as error:
            arrives = " and ".join(map(shape_text, context.shapes))
            said = str(error).split("\n", 1)[0]
            raise InvalidExperiment.at(
                pointer, f"node '{name}': {arrives} arrives, which torch refuses: {said}"
            ) from None
        if max(map(numbers, found.shapes)) > MAX_NUMBERS:
            raise InvalidExperiment.at(
                pointer, f"node '{name}' gives {shape_text(found.shapes[0])}; expected at most 10¹⁵ numbers"
            )
        ties = self._ties(node, found, pointer, scope)
        self.fields[name] = receptive
        self.placed[name] = PlannedNode(
            name=name,
            item=node,
            pointer=pointer,
            sources=sources,
            ties=ties,
            shapes=found.shapes,
            context=context,
            own={} if ties else dict(found.own),
            macs=found.macs,
            receptive_field=receptive,
            written=id(node) in self.written,
        )
        return Source(name)

    def _place_of(self, error: ValueError, node: Node, pointer: str) -> str:
        """The pointer to what does not fit: the option, where the document has the node."""
        if isinstance(error, OptionError) and id(node) in self.written:
            return f"{pointer}/{error.field}"
        return pointer

    def _shared(self, node: Expansion, pointer: str, scope: _Scope) -> str | None:
        """The block whose parameters a block uses: the one it names, or the one at its place in such a block.

        Raises InvalidExperiment where no block of that name is placed before.
        """
        if node.weights is None:
            return f"{scope.shared}.{node.name}" if scope.shared else None
        other = scope.prefix + node.weights
        if other not in self.blocks:
            raise InvalidExperiment.at(
                f"{pointer}/weights",
                f"'{node.weights}' names no block; expected one, as '{node.name}' is one",
            )
        return other

    def _ties(self, node: Operation, found: OperationCost, pointer: str, scope: _Scope) -> str | None:
        """The node whose parameters this one uses; None where it has its own, or needs none."""
        if node.weights:
            source = self._source(node.weights, f"{pointer}/weights", scope)
            return self._tied(node, source.name, found, pointer)
        if scope.shared and found.own:
            return self._tied(node, f"{scope.shared}.{node.name}", found, pointer)
        return None

    def _tied(self, node: Operation, name: str, found: OperationCost, pointer: str) -> str:
        """The node whose parameters this one uses. Raises InvalidExperiment where names or shapes differ."""
        other = self.placed.get(name)
        if other is None or not found.own:
            what = "has no parameters of its own" if not found.own else "cannot use the data as parameters"
            raise InvalidExperiment.at(f"{pointer}/weights", f"node '{node.name}' {what}; expected none here")
        if found.own != measured_cost(other.item, other.context, self.counter).own:
            raise InvalidExperiment.at(
                f"{pointer}/weights",
                f"the parameters of '{other.name}' have other shapes than {found.own}; expected the same",
            )
        return other.ties or other.name

    def _shape(self, source: Source) -> Shape:
        return self.shape if source.name == INPUT else self.placed[source.name].shapes[source.port]


def _input_pointer(node: Node, pointer: str, position: int) -> str:
    return pointer if node.inputs is None else f"{pointer}/inputs/{position}"
