"""The command `glassnet`, also as `python -m glassnet`, where this Python can run it."""

import sys
from importlib import import_module

#: The oldest Python that Glassnet runs on, as in pyproject.toml.
OLDEST = (3, 11)

BAD_INPUT = 2


def main() -> int:
    """Run the command line; its exit code."""
    if sys.version_info < OLDEST:
        oldest, this = ".".join(map(str, OLDEST)), sys.version.split()[0]
        sys.stderr.write(f"glassnet: needs Python {oldest} or newer, not {this}; start it with another\n")
        return BAD_INPUT
    # By its name: the engine, in whose folder this file stands, imports nothing of the service.
    code: int = import_module("glassnet.app.cli").main()
    return code


if __name__ == "__main__":
    sys.exit(main())
