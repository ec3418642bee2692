"""The process that inspects a blob of pictures: its description, a preview PNG, or samples for a script."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.blob import PictureSet, preview, write_samples
from glassnet.engine.files.image_import.isolation import isolate


def main(arguments: list[str] | None = None) -> int:
    """The exit status; prints a line of JSON, a description or an error, and writes the target if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("describe", "preview", "samples"))
    parser.add_argument("source", type=Path)
    parser.add_argument("--target", type=Path)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--memory", type=int, help="bytes")
    parser.add_argument("--seconds", type=int)
    options = parser.parse_args(arguments)
    isolate(options.memory, options.seconds)
    try:
        said = PictureSet.read(options.source, "the blob").as_json()
        if options.what == "preview":
            options.target.write_bytes(preview(options.source, options.each))
        elif options.what == "samples":
            write_samples(options.source, options.target)
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "the blob takes more memory than is allowed to be looked at"}
    except OSError as error:
        said = {"failed": f"what was asked for cannot be written: {error.strerror}"}
    sys.stdout.write(json.dumps(said) + "\n")
    return 2 if "error" in said or "failed" in said else 0


if __name__ == "__main__":
    sys.exit(main())
