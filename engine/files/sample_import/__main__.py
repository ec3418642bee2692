"""The import process: writes the blob of an upload, and prints progress and the result as lines of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields as fields_of
from pathlib import Path

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.isolation import isolate
from glassnet.engine.files.image_import.names import CHOICES
from glassnet.engine.files.image_import.report import Ambiguous
from glassnet.engine.files.pixel_scale import AUTO
from glassnet.engine.files.sample_import.sounds import SoundForm
from glassnet.engine.files.sample_import.upload import gathered
from glassnet.engine.files.sample_import.volumes import VolumeForm


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--kind", choices=("sounds", "volumes"), required=True)
    parser.add_argument("--rate", type=int, help="of sounds")
    parser.add_argument("--length", type=int, help="of sounds")
    parser.add_argument("--loudness", choices=("kept", "even"), help="of sounds")
    parser.add_argument("--encoding", choices=CHOICES, default=AUTO)
    parser.add_argument("--sets", choices=("own", "pooled"), default="own")
    parser.add_argument("--case", choices=("same", "apart"), default="same")
    parser.add_argument("--only", default="")
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 where the target is written, else 2, with the error on the last line."""
    options = vars(_parser().parse_args(arguments))
    source, target = options.pop("source"), options.pop("target")
    isolate(options.pop("memory"), options.pop("seconds"))
    form = SoundForm if options.pop("kind") == "sounds" else VolumeForm
    fields = {
        name: value for name, value in options.items() if name in {each.name for each in fields_of(form)}
    }
    said: dict[str, object]
    try:
        found = gathered(source, form(**fields))
        found.write(target)
        described = found.described()
        said = {**described.as_json(), "shape": described.shape, **found.report.as_json()}
    except Ambiguous as error:
        said = {"error": str(error), "choices": error.choices[:100], "poolable": error.poolable}
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "more memory than allowed would be needed; expected fewer or shorter files"}
    except OSError as error:
        said = {"failed": f"the samples cannot be written: {error.strerror}"}
    sys.stdout.write(json.dumps(said) + "\n")
    return 2 if "error" in said or "failed" in said else 0


if __name__ == "__main__":
    sys.exit(main())
