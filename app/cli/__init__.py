"""`glassnet serve | train | study | describe | export | fetch | check | schema`.

Exit codes: 0 done; 2 bad input, with one line on stderr; 1 anything else, with one line.
The imports of a command are inside its function: torch takes seconds to import, and `--help` must not.
"""

from __future__ import annotations

import argparse
import json
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import __version__
from glassnet.app.cli.torch_import import CannotImport, import_torch
from glassnet.app.core.places import DATA_DIR

if TYPE_CHECKING:
    from glassnet.engine.errors import InvalidDocument
    from glassnet.engine.experiment.experiment import Experiment
    from glassnet.engine.files.blobs import Blobs
    from glassnet.engine.run.snapshot import Snapshot
    from glassnet.engine.studies import Study

DONE, FAILED, BAD_INPUT = 0, 1, 2


class BadInput(Exception):
    """Invalid input; the message is one line."""


class Failure(Exception):
    """A command that failed; the message is one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, or `serve` where none is given; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given or ["serve"])
    try:
        import_torch()
        options.run(options)
    except (BadInput, CannotImport) as error:
        print(f"glassnet: {error}", file=sys.stderr)
        return BAD_INPUT
    except Failure as error:
        print(f"glassnet: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output is gone, and Python would print an error at exit
        return FAILED
    except KeyboardInterrupt:
        print("glassnet: interrupted", file=sys.stderr)
        return FAILED
    return DONE


DESCRIPTION = "A neural network you can see through while it trains. Without a command: serve."


class _Parser(argparse.ArgumentParser):
    """argparse's parser, with errors of one line."""

    def error(self, message: str) -> Any:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (try {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="glassnet", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"glassnet {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the service and open it in the browser")
    serve.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=_port, help="the port; 0 takes any that is free (default: 8265)")
    serve.add_argument(
        "--data-dir",
        type=Path,
        help=f"where runs are kept (default: {DATA_DIR})",
    )
    serve.add_argument("--no-open", action="store_true", help="do not open the browser")
    serve.add_argument("--end-with-input", action="store_true", help="end when standard input does")
    serve.set_defaults(run=_serve)

    train = commands.add_parser("train", help="train an experiment here, leaving a run directory")
    train.add_argument("experiment", type=Path, metavar="EXPERIMENT.json")
    train.add_argument("--weights", type=Path, metavar="FILE", help="a state dict to start from (see docs)")
    train.add_argument("--steps", type=_positive, help="stop after so many steps")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    train.add_argument(
        "--out", type=Path, help=f"the run directory (default: {DATA_DIR / 'runs'}/TITLE-TIME)"
    )
    train.set_defaults(run=_train)

    study = commands.add_parser("study", help="look at an experiment, or at a trained run, by a study")
    study.add_argument("subject", type=Path, metavar="EXPERIMENT.json|RUN_DIR")
    study.add_argument("study", type=Path, metavar="STUDY.json", help="the study's kind and options")
    study.add_argument("--checkpoint", help="of a run directory: which to look at (default: the furthest)")
    study.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    study.add_argument("--out", type=Path, metavar="FILE.safetensors", help="where the result is written")
    study.set_defaults(run=_study)

    describe = commands.add_parser("describe", help="show a network's shapes, parameters and costs")
    describe.add_argument("experiment", type=Path, metavar="EXPERIMENT.json")
    describe.add_argument("--json", action="store_true", help="as JSON")
    describe.set_defaults(run=_describe)

    _add_export(commands)
    fetch = commands.add_parser("fetch", help="download a published data set: mnist, cifar10, …")
    fetch.add_argument("dataset", metavar="DATASET")
    fetch.set_defaults(run=_fetch)

    for command in (train, study, describe, fetch):
        _add_blobs(command)

    _add_commands_of_the_catalogue(commands)
    return parser


def _add_export(commands: Any) -> None:
    """`export`, as a program, or as a network with its weights."""
    export = commands.add_parser("export", help="write an experiment or a run as something else can use it")
    export.add_argument("experiment", type=Path, metavar="EXPERIMENT.json|RUN_DIR")
    export.add_argument("--format", choices=("python", "onnx", "safetensors"), default="python")
    export.add_argument("--checkpoint", help="of a run directory: whose weights (default: the furthest)")
    export.add_argument("--out", type=Path, help="the file; data go beside it (default: print the program)")
    export.set_defaults(run=_export)
    _add_blobs(export)


def _add_blobs(command: argparse.ArgumentParser) -> None:
    text = f"where own data lie, and downloads beside it (default: {DATA_DIR / 'blobs'})"
    command.add_argument("--blobs", type=Path, help=text)


def _add_commands_of_the_catalogue(commands: Any) -> None:
    """`check` and `schema`, which are about no experiment."""
    check = commands.add_parser("check", help="check the items of plug-ins against what every item promises")
    check.add_argument("plugin", nargs="?", help="the plug-in, or a package of it (default: all)")
    check.set_defaults(run=_check)

    schema = commands.add_parser("schema", help="print the JSON Schema of an experiment")
    schema.set_defaults(run=_schema)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 0 to 65535")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number above 0")
    return int(text)


# Commands ----------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace) -> None:
    from glassnet.app.core import log
    from glassnet.app.core.settings import InvalidSetting, Settings
    from glassnet.app.server import serve
    from glassnet.app.store.data_directory import Unusable
    from glassnet.app.store.lock import Occupied

    try:
        settings = Settings.from_environment(host=options.host, port=options.port, data_dir=options.data_dir)
    except InvalidSetting as error:
        raise BadInput(str(error)) from None
    log.configure(settings.log_format, settings.log_level)
    try:
        serve.serve(
            settings,
            open_browser=not options.no_open,
            say=_say,
            ends_with_input=options.end_with_input,
        )
    except (Unusable, InvalidSetting) as error:
        raise BadInput(str(error)) from None
    except (serve.CannotListen, Occupied, OSError) as error:
        raise Failure(str(error)) from None


def _say(line: str) -> None:
    """Print a line and flush it, so that a program on a pipe reads it at once."""
    print(line, flush=True)


def _blobs(options: argparse.Namespace) -> Blobs:
    """The blobs of a command's options."""
    from glassnet.engine.files.blobs import Blobs

    return Blobs(options.blobs or DATA_DIR / "blobs")


def _train(options: argparse.Namespace) -> None:
    from glassnet.app.cli import train as training
    from glassnet.app.cli import weights
    from glassnet.engine.errors import InvalidExperiment

    experiment = _read(options.experiment)
    try:
        if options.weights is not None:
            experiment = weights.starting_from(experiment, options.weights, _blobs(options))
        summary = training.train(
            experiment,
            steps=options.steps,
            device=options.device,
            out=options.out,
            blobs=_blobs(options),
        )
    except training.TrainingFailed as error:
        raise Failure(str(error)) from None
    except (training.CannotTrain, weights.CannotImport) as error:
        raise BadInput(str(error)) from None
    except InvalidExperiment as error:
        raise _bad(options.experiment, error) from None
    _say(summary)


def _study(options: argparse.Namespace) -> None:
    from glassnet.app.cli import study as studying
    from glassnet.app.cli import train as training
    from glassnet.engine.errors import GlassnetError, InvalidCommand, InvalidDocument

    study = _read_study(options.study)
    at = _subject(options.subject, options.checkpoint)
    try:
        said = studying.study(study, at, device=options.device, blobs=_blobs(options), out=options.out)
    except InvalidCommand as error:
        raise _study_refused(options.study, error) from None
    except (studying.CannotStudy, training.CannotTrain, InvalidDocument) as error:
        raise BadInput(f"{options.subject}: {error}") from None
    except (studying.StudyFailed, GlassnetError) as error:
        raise Failure(str(error)) from None
    _say(said)


def _subject(path: Path, checkpoint: str | None) -> Snapshot:
    """The subject of a study: an experiment before its first step, or a run. Raises BadInput."""
    from glassnet.app.cli import study as studying
    from glassnet.engine.errors import GlassnetError
    from glassnet.engine.run.snapshot import Snapshot

    if not path.is_dir():
        if checkpoint is not None:
            raise BadInput(f"--checkpoint: {path} is no run directory; expected one with checkpoints")
        return Snapshot(_read(path))
    try:
        return studying.subject(path, checkpoint)
    except GlassnetError as error:
        raise BadInput(f"{path}: {error}") from None


def _read_study(path: Path) -> Study:
    """The study in a file. Raises BadInput with one line."""
    from glassnet.engine.errors import InvalidDocument
    from glassnet.engine.experiment.experiment import read_json
    from glassnet.engine.studies import parse_study

    try:
        return parse_study(read_json(_text(path)))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except InvalidDocument as error:
        raise _study_refused(path, error) from None


def _study_refused(path: Path, error: InvalidDocument) -> BadInput:
    """The error of an invalid study, with pointers that resolve in the file."""
    from glassnet.engine.errors import InvalidDocument
    from glassnet.engine.experiment.experiment import read_json

    with suppress(InvalidDocument, OSError, BadInput):  # not JSON at all, as the problem states
        error = error.within({"study": read_json(_text(path))})
    # The file is the study itself: pointers below /study do not resolve in it.
    first, *more = [str(problem).removeprefix("/study") for problem in error.problems]
    said = first if first.startswith("/") else f"document: {first.removeprefix('document').lstrip(': ')}"
    return BadInput(f"{path}: {said}" + (f" (and {len(more)} more)" if more else ""))


def _describe(options: argparse.Namespace) -> None:
    from glassnet.app.cli import describe
    from glassnet.engine.errors import InvalidExperiment

    experiment = _read(options.experiment)
    try:
        description = describe.described(experiment, _blobs(options))
    except InvalidExperiment as error:
        raise _bad(options.experiment, error) from None
    if options.json:
        print(json.dumps(description, indent=1))
    else:
        describe.show(experiment.title, description)


def _export(options: argparse.Namespace) -> None:
    from glassnet.app.cli import export
    from glassnet.engine.errors import GlassnetError, InvalidExperiment

    at = _subject(options.experiment, options.checkpoint)
    if options.format != "python" and options.out is None:
        raise BadInput(f"--out: nothing; expected a file for --format {options.format}")
    try:
        if options.format == "python":
            export.write_program(at.experiment, options.out, _blobs(options))
        else:
            _say(export.write_weights(at, options.format, options.out, _blobs(options)))
    except InvalidExperiment as error:
        raise _bad(options.experiment, error) from None
    except GlassnetError as error:
        raise BadInput(f"{options.experiment}: {error}") from None
    except OSError as error:
        raise Failure(str(error)) from None


def _fetch(options: argparse.Namespace) -> None:
    from glassnet.app.cli import fetch as fetching

    downloads = _blobs(options).downloads
    assert downloads is not None
    try:
        said = fetching.get(options.dataset, downloads)
    except fetching.UnknownSet as error:
        raise BadInput(str(error)) from None
    except fetching.CannotFetch as error:
        raise Failure(str(error)) from None
    _say(said)


def _check(options: argparse.Namespace) -> None:
    from glassnet.app.cli import check as checking

    try:
        plugins = checking.chosen(options.plugin)
    except checking.UnknownPlugin as error:
        raise BadInput(str(error)) from None
    wrong = left_out = 0
    for plugin in plugins:
        if plugin.problem:
            left_out += 1
            _say(f"{plugin} is left out: {plugin.problem}")
        for item in checking.check(plugin):
            wrong += bool(item.faults)
            _say("\n".join(item.lines()))
    counts = (wrong, "item", "with faults"), (left_out, "plug-in", "left out")
    if found := [f"{n} {what}{'s' if n > 1 else ''} {how}" for n, what, how in counts if n]:
        raise Failure(", ".join(found))


def _schema(options: argparse.Namespace) -> None:
    from glassnet.engine.experiment.experiment import Experiment

    print(json.dumps(Experiment.model_json_schema(), indent=1))


# Input -------------------------------------------------------------------------------------------------


def _read(path: Path) -> Experiment:
    """The experiment in a file. Raises BadInput with one line."""
    from glassnet.engine.errors import InvalidExperiment
    from glassnet.engine.experiment.experiment import Experiment

    try:
        return Experiment.parse(_text(path))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except InvalidExperiment as error:
        raise _bad(path, error) from None


def _text(path: Path) -> bytes:
    """The content of a file, cut after the most bytes of an experiment. Raises OSError, BadInput."""
    from glassnet.engine.experiment.experiment import MAX_BYTES

    # A pipe would wait for its writer, and a device may be endless.
    if not stat.S_ISREG(path.stat().st_mode):
        raise BadInput(f"{path}: no regular file; expected one with an experiment in it")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _bad(path: Path, error: Any) -> BadInput:
    """The error of an invalid experiment: the first problem, and the number of further ones."""
    from glassnet.engine.errors import InvalidExperiment
    from glassnet.engine.experiment.experiment import read_json

    with suppress(InvalidExperiment, OSError, BadInput):  # not JSON at all: the problem says so
        error = error.within(read_json(_text(path)))
    first, *more = error.problems
    return BadInput(f"{path}: {first}" + (f" (and {len(more)} more)" if more else ""))
