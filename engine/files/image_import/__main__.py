"""The process that makes a blob of an upload: lines of JSON on how far it is, and at last what there is."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.account import Ambiguous
from glassnet.engine.files.image_import.collection import Form, Report
from glassnet.engine.files.image_import.isolation import isolate
from glassnet.engine.files.image_import.names import CHOICES
from glassnet.engine.files.image_import.upload import gathered
from glassnet.engine.files.pixel_scale import AUTO


def _say(text: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _hundredths() -> Report:
    """Says how far it has come, a hundred times at most."""
    last = -1

    def report(done: int, total: int) -> None:
        nonlocal last
        if done * 100 // total > last:
            last = done * 100 // total
            _say({"done": done, "total": total})

    return report


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
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """0 where the target is written, 2 where something is wrong, which the last line says."""
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
        _say(found.words())
        return 0
    return 2


if __name__ == "__main__":
    sys.exit(main())
