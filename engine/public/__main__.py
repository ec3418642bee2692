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
        return _refuse(f"needs Python {oldest} or newer, not {this}; start it with another")
    if sys.platform == "win32":  # it lacks O_NOFOLLOW, dir_fd, poll and the fork server
        return _refuse("does not run on Windows itself; start it in WSL, where it is a Linux program")
    # By its name: the engine, in whose folder this file stands, imports nothing of the service.
    code: int = import_module("glassnet.app.cli").main()
    return code


def _refuse(reason: str) -> int:
    sys.stderr.write(f"glassnet: {reason}\n")
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
