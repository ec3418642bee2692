"""Export of an experiment as a PyTorch script.

The script is printed from the same Calls that are built here, and contains the source of our own functions,
so it has the same parameters, the same data and the same order of samples, and its losses agree.
"""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path

import torch

from glassnet.engine.catalog.call import Call, Name, NotCopyable, sources
from glassnet.engine.data.load import LABELS
from glassnet.engine.data.splitting import interleaved, stratified
from glassnet.engine.errors import BlobMissing, DataError, InvalidExperiment
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.export.measuring import exact
from glassnet.engine.export.training_loop import TrainingPrinter
from glassnet.engine.files import tensor_file
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.items.modules import call_of, module_of
from glassnet.engine.items.node import INPUT
from glassnet.engine.items.normalizations import Normalization
from glassnet.engine.items.targets import MOVED
from glassnet.engine.network import planner
from glassnet.engine.network.checks import check_data
from glassnet.engine.network.memory_layout import memory_format
from glassnet.engine.network.plan import Plan
from glassnet.engine.network.starting_weights import check_start, starting_tensors

#: The file with the weights of a start, beside the script.
WEIGHTS = "weights.safetensors"

HEAD = '''"""{title}: an experiment exported from Glassnet.

Needs nothing but PyTorch{beside}. Run it to train; import `Network`, `data` and `train` to build on it.
{replicas}"""'''

#: What is said of an experiment with several replicas, of which a script has the first.
REPLICAS = """\
Of the experiment's {count} replicas it trains replica 0; set SEED to {first} … {last} for the others.
"""


class NotExportable(InvalidExperiment, TypeError):
    """An experiment with an item whose Call names what no script can contain."""


def script(experiment: Experiment, blobs: Blobs | None = None) -> tuple[str, dict[str, bytes]]:
    """The text of the script, and the files that it reads, by name. Raises InvalidExperiment."""
    return source(experiment, blobs), files(experiment, blobs)


def files(experiment: Experiment, blobs: Blobs | None = None) -> dict[str, bytes]:
    """The files that the script reads, by name: data that cannot be generated, the weights of its start."""
    blobs, beside = blobs or Blobs(), {}
    if experiment.data.generate() is None:
        beside[_data_file(experiment)] = _stored(experiment, blobs)
    if experiment.training.start_from is not None:
        tensors = starting_tensors(planner.plan(experiment), experiment, blobs)
        beside[WEIGHTS] = b"".join(tensor_file.pieces(tensors))
    return beside


def source(experiment: Experiment, blobs: Blobs | None = None) -> str:
    """The text of the script, which generates its data or reads them from a file beside it.

    Raises InvalidExperiment, also where the code of an item cannot be copied.
    """
    check_data(experiment, blobs or Blobs())
    plan = planner.plan(experiment)
    check_start(plan, experiment, blobs or Blobs())
    printer = _Printer(experiment, plan)
    stored = experiment.data.generate() is None or experiment.training.start_from is not None
    try:
        parts = [printer.network(), printer.initialise()]
        parts += [printer.data(), *printer.pictures(), *printer.measure(), printer.train(), printer.main()]
        copied = sources([*printer.calls, *([Call(read_tensors)] if stored else [])])
    except NotCopyable as error:
        pointer = _pointer(error.target, experiment, plan)
        raise NotExportable.at(pointer, f"it cannot be exported: {error}") from None
    printable = "".join(letter if letter.isprintable() else " " for letter in experiment.title)
    title = " ".join(printable.replace("\\", "/").replace('"', "'").split())
    modules = [*(["json"] if stored else []), "math", *(["time"] if experiment.training.stops else [])]
    head = [
        HEAD.format(title=title, beside=_named_beside(experiment), replicas=_said_of_replicas(experiment)),
        "from __future__ import annotations",
        "\n".join(f"import {module}" for module in modules)
        + ("\nfrom pathlib import Path" if stored else "")
        + "\n\nimport torch",
        f"SEED = {experiment.seed}",
    ]
    parts = [part.strip("\n") for part in [*copied, *parts]]
    return _with_names_of_their_own("\n\n".join(head) + "\n\n\n" + "\n\n\n".join(parts) + "\n")


def _pointer(target: object, experiment: Experiment, plan: Plan) -> str:
    """The node, or the data, whose call names something; the experiment where neither does."""
    for placed in plan.nodes:
        if any(call.target is target for call in call_of(placed.item, placed.context).calls()):
            return placed.pointer
    drawn = experiment.data.generate()
    return "/data" if drawn and any(call.target is target for call in drawn.calls()) else ""


def _with_names_of_their_own(script: str) -> str:
    """The script, in which no definition takes another's name. Raises InvalidExperiment."""
    defined = (node for node in ast.parse(script).body if isinstance(node, ast.ClassDef | ast.FunctionDef))
    names = [node.name for node in defined]
    for name in names:
        if names.count(name) > 1:
            raise NotExportable.at(
                "", f"it cannot be exported: two definitions of the script are called '{name}'; expected one"
            )
    return script


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file: a length, a JSON header, and the numbers."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    kinds = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            count, offset = math.prod(entry["shape"]), start + entry["data_offsets"][0]
            flat = torch.frombuffer(content, dtype=kinds[entry["dtype"]], count=count, offset=offset)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def _named_beside(experiment: Experiment) -> str:
    """The clause of the script's docstring on the weights that it starts from."""
    return f", and {WEIGHTS} beside it to start from" if experiment.training.start_from else ""


def _said_of_replicas(experiment: Experiment) -> str:
    """The sentence of the script's docstring on replicas, where there are several."""
    count, seed = experiment.training.replicas, experiment.seed
    return REPLICAS.format(count=count, first=seed + 1, last=seed + count - 1) if count > 1 else ""


def _data_file(experiment: Experiment) -> str:
    return f"{experiment.data.kind}.safetensors"


def _stored(experiment: Experiment, blobs: Blobs) -> bytes:
    try:
        return experiment.data.stored(blobs)
    except (BlobMissing, DataError) as error:
        raise InvalidExperiment.at("/data", str(error)) from None


class _Printer(TrainingPrinter):
    """The printer of the whole script."""

    def network(self) -> str:
        """The source of the class `Network`."""
        scopes: list[str] = []
        lines = [
            "class Network(torch.nn.Module):",
            "    def __init__(self, dropout: torch.Generator) -> None:",
        ]
        lines.append("        super().__init__()")
        for placed in self.plan.nodes:
            parts = placed.name.split(".")
            for depth in range(1, len(parts)):
                scope = ".".join(parts[:depth])
                if scope not in scopes:
                    scopes.append(scope)
                    lines.append(f"        self.{scope} = torch.nn.Module()")
            lines.append(f"        self.{placed.name} = {self._print(call_of(placed.item, placed.context))}")
            if placed.ties:
                shared = module_of(placed.item, placed.context, None).named_parameters()
                lines += [f"        self.{placed.name}.{p} = self.{placed.ties}.{p}" for p, _ in shared]
        lines += self._frozen()
        lines += ["", "    def forward(self, input: torch.Tensor) -> tuple[torch.Tensor, ...]:"]
        training = self.experiment.training
        if memory_format(self.plan, "cpu", training.precision) is torch.channels_last:
            lines.append("        input = input.clone(memory_format=torch.channels_last)  # quicker on a CPU")
        for placed in self.plan.nodes:
            arguments = ", ".join(_variable(source.name, source.port, self.plan) for source in placed.sources)
            lines.append(f"        {_variable(placed.name)} = self.{placed.name}({arguments})")
        results = ", ".join(_variable(name, 0, self.plan) for name in self.plan.loss_nodes)
        lines.append(f"        return ({results},)")
        return "\n".join(lines)

    def _frozen(self) -> list[str]:
        """The lines that have frozen nodes compute as in evaluation, whatever the others do."""
        if not self.frozen:
            return []
        return [
            "        self.train()",
            "",
            '    def train(self, mode: bool = True) -> "Network":',
            "        super().train(mode)",
            f"        for name in {self.frozen!r}:",
            "            self.get_submodule(name).eval()",
            "        return self",
        ]

    def initialise(self) -> str:
        """The source of the function that initialises the weights."""
        lines = ["@torch.no_grad()", "def initialise(network: Network) -> None:"]
        for placed in self.plan.nodes:
            initial = {} if placed.ties else placed.item.initial()
            if initial:
                lines.append(f'    generator = stream(SEED, "initialisation/{placed.name}")')
            for parameter, initializer in initial.items():
                call = initializer.call_for(parameter, placed.own)
                filled = self._print(call, tensor=f"network.{placed.name}.{parameter}")
                lines.append(f"    {filled}")
        if self.experiment.training.start_from is not None:
            lines += [
                f'    stored = read_tensors(Path(__file__).with_name("{WEIGHTS}"))',
                "    network.load_state_dict(stored, strict=False)  # others keep their initial values",
            ]
        return "\n".join(lines if len(lines) > 2 else [*lines, "    pass"])

    def data(self) -> str:
        """The source of the function that returns the training and the test set."""
        experiment = self.experiment
        dataset = experiment.data
        drawn = dataset.generate()
        lines = ["def data() -> tuple[torch.Tensor, ...]:", '    generator = stream(SEED, "data")']
        if drawn is not None:
            lines.append(f"    inputs, targets = {self._print(drawn)}")
        else:
            lines += [
                f'    stored = read_tensors(Path(__file__).with_name("{_data_file(experiment)}"))',
                '    inputs, targets = stored["inputs"], stored["targets"]',
            ]
        lines += [*self._split(), *self._relabelled()]
        selected = dataset.select()
        if selected is not None:
            lines.append(f"    inputs = {self._print(selected)}")
        sets = "inputs[train], targets[train], inputs[test], targets[test]"
        if self.late:
            fitted = dataset.normalize.fit()
            none = "torch.tensor(0.0), torch.tensor(1.0)"
            scaling = none if fitted is None else self._print(fitted, train="inputs[train]")
            lines.append(f"    shift, scale = {scaling}")
            return "\n".join(
                [
                    *lines,
                    f"    return {sets}, shift, scale{self._validation()}",
                ]
            )
        lines += self._scaled("inputs", dataset.normalize)
        lines += self._scaled("targets", dataset.normalize_values)
        if experiment.training.precision == "float64":
            lines.append("    inputs = inputs.double()")
            lines.append("    targets = targets.double() if targets.is_floating_point() else targets")
        lines.append(f"    return {sets}{self._validation()}")
        return "\n".join(lines)

    def _validation(self) -> str:
        return ", inputs[validation], targets[validation]" if self.keeps_validation() else ""

    def _split(self) -> list[str]:
        """The lines that split training and test samples, as `data.load.split` does."""
        dataset = self.experiment.data
        kept = dataset.count - dataset.held_out
        validation = kept - dataset.trained - dataset.held_for_validation
        held_out = Call(stratified, Name("classes"), dataset.held_out)
        if dataset.divided:
            drawn = kept - dataset.held_for_validation
            lines = [
                f"    train = torch.randperm({drawn}, generator=generator)",
                f"    test = torch.arange({kept}, {dataset.count})",
            ]
            if dataset.held_for_validation and self.keeps_validation():
                lines.append(f"    validation = torch.arange({drawn}, {kept})")
        elif dataset.stratifies:
            lines = [
                "    order = torch.randperm(len(inputs), generator=generator)",
                f"    chosen = {self._of_classes(held_out, 'order')}",
                "    train, test = order[~chosen], order[chosen]",
            ]
        else:
            lines = [
                "    order = torch.randperm(len(inputs), generator=generator)",
                f"    train, test = order[{dataset.held_out}:], order[:{dataset.held_out}]",
            ]
        if dataset.stratifies and not dataset.held_for_validation:
            lines.append(
                f"    train = train[{self._of_classes(Call(interleaved, Name('classes')), 'train')}]"
            )
        if validation and self.keeps_validation():
            lines.append(f"    train, validation = train[{validation}:], train[:{validation}]")
        elif validation:
            lines.append(f"    train = train[{validation}:]  # the others are for validation")
        return lines

    def _relabelled(self) -> list[str]:
        """The lines that make labels of the training set wrong, as `data.load` does."""
        call = self.experiment.data.relabel()
        if call is None:
            return []
        drawn = self._print(call, targets="targets[train]", generator=f'stream(SEED, "{LABELS}")')
        return [f"    targets[train] = {drawn}"]

    def _of_classes(self, call: Call, order: str) -> str:
        return self._print(call, classes=f"targets[{order}]")

    def pictures(self) -> list[str]:
        """The source of the functions that augment and normalise pictures."""
        if not self.late:
            return []
        double = ".double()" if self.experiment.training.precision == "float64" else ""
        prepared = [
            "def prepared(pictures: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:",
            f"    return ((pictures.float() - shift) / scale){double}",
        ]
        changes, span = self.experiment.data.changes(), self.experiment.data.span
        if not changes:
            return ["\n".join(prepared)]
        if self.experiment.data.moves() is not None:
            return ["\n".join(prepared), self._moved()]
        unit = 1.0 if span is None else max(map(abs, span))
        clamped = "" if span is None else f".clamp({span[0] / unit:g}, {span[1] / unit:g})"
        augmented = [
            "def augmented(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:",
            f"    pictures = pictures.float() / {unit}",
            *(f"    pictures = {self._print(change)}" for change in changes),
            f"    return pictures{clamped} * {unit}",
        ]
        return ["\n".join(prepared), "\n".join(augmented)]

    def _moved(self) -> str:
        """The source of the function that augments pictures and takes their targets along."""
        data, lines = self.experiment.data, []
        for move in data.moves() or []:
            if move.drawn is not None:
                lines.append(f"    place = {self._print(move.drawn)}")
                lines.append(f"    targets = {self._print(MOVED[data.family])}")
            lines.append(f"    pictures = {self._print(move.pictures)}")
        head = "def moved(pictures: torch.Tensor, targets: torch.Tensor, generator: torch.Generator)"
        return "\n".join(
            [
                f"{head} -> tuple[torch.Tensor, ...]:",
                f"    pictures = pictures.float() / {data.brightest}",
                *lines,
                f"    return pictures.clamp(0, 1) * {data.brightest}, targets",
            ]
        )

    def _scaled(self, variable: str, normalization: Normalization) -> list[str]:
        call = normalization.fit()
        if call is None:
            return []
        fitted = self._print(call, train=f"{variable}[train]")
        return [f"    shift, scale = {fitted}", f"    {variable} = ({variable} - shift) / scale"]

    def main(self) -> str:
        """The source of the script's main part."""
        task, data = self.experiment.task, self.experiment.data
        lines = ['if __name__ == "__main__":', "    network, _ = train()", "    network.eval()"]
        others = ", *_" if self.keeps_validation() else ""
        lines.append(f"    _, _, inputs, targets{', shift, scale' if self.late else ''}{others} = data()")
        lines.append("    with torch.no_grad():")
        given = "prepared(inputs, shift, scale)" if self.late else "inputs"
        lines.append(f"        outputs = network({given})")
        terms = []
        for index, loss in enumerate(task.losses):
            compare = exact(self._print(task.compare(loss)), self.experiment)
            term = f"{compare}(outputs[{index}], {self._print(task.targets(loss, data))})"
            terms.append(term if loss.weight == 1 else f"{loss.weight} * {term}")
        lines.append(f"        loss = {' + '.join(terms)}")
        lines.append('    print(f"test loss {loss.item():.4f}")')
        if data.classes is not None:
            name = task.metric
            parts = ", ".join(f'"{each}": [{value}]' for each, value in self.measures("targets").items())
            lines.append(f"    metrics = {self.concluded(f'{{{parts}}}')}")
            lines.append(f"    print(f\"test {name.replace('_', ' ')} {{metrics['{name}']:.3f}}\")")
        return "\n".join(lines)


def _variable(name: str, port: int = 0, plan: Plan | None = None) -> str:
    """The local variable of a node's output: `block1_Conv1` for `block1.conv1`, unique among nodes."""
    variable = "_".join(
        part if index == 0 else part.capitalize() for index, part in enumerate(name.split("."))
    )
    if plan is not None and name != INPUT and len(plan[name].item.ports) > 1:
        return f"{variable}[{port}]"
    return variable
