"""The import process: writes the blob of an upload, and prints progress and the result as lines of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.collection import Form, Progress
from glassnet.engine.files.image_import.isolation import isolate
from glassnet.engine.files.image_import.names import CHOICES
from glassnet.engine.files.image_import.report import Ambiguous
from glassnet.engine.files.image_import.targets import STORED
from glassnet.engine.files.image_import.upload import gathered
from glassnet.engine.files.pixel_scale import AUTO


def _say(text: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _hundredths() -> Progress:
    """A progress callback that prints at most a hundred times."""
    last = -1

    def progress(done: int, total: int) -> None:
        nonlocal last
        if done * 100 // total > last:
            last = done * 100 // total
            _say({"done": done, "total": total})

    return progress


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--channels", type=int, required=True)
    parser.add_argument("--fit", choices=("crop", "pad", "stretch"), default="crop")
    parser.add_argument("--scale", default=AUTO)
    parser.add_argument("--encoding", choices=CHOICES, default=AUTO)
    parser.add_argument("--sets", choices=("own", "pooled"), default="own")
    parser.add_argument("--case", choices=("same", "apart"), default="same")
    parser.add_argument("--only", default="")
    parser.add_argument("--targets", choices=tuple(STORED), default="class")
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 where the target is written, else 2, with the error on the last line."""
    options = vars(_parser().parse_args(arguments))
    source, target = options.pop("source"), options.pop("target")
    isolate(options.pop("memory"), options.pop("seconds"))
    try:
        found = gathered(source, Form(**options), _hundredths())
        target.write_bytes(found.packed())
    except Ambiguous as error:
        _say({"error": str(error), "choices": error.choices[:100], "poolable": error.poolable})
    except DataError as error:
        _say({"error": str(error)})
    except MemoryError:
        _say({"error": "more memory than allowed would be needed; expected fewer or smaller pictures"})
    except OSError as error:
        _say({"failed": f"the pictures cannot be written: {error.strerror}"})
    else:
        _say(found.as_json())
        return 0
    return 2


if __name__ == "__main__":
    sys.exit(main())
