"""Run the measurements: `python -m bench [NAME …]`; without a name, all that take no more than minutes."""

from __future__ import annotations

import importlib
import pkgutil
import platform
import sys
from pathlib import Path

import torch

#: Modules of this folder that measure nothing themselves.
TOOLS = {"__main__", "compare"}

#: Those that take long, and are run only by name.
BY_NAME = {"abuse", "crowd", "faults", "first_layers", "journal", "rates"}


def main(names: list[str]) -> int:
    """Each measurement is a module with a `main()` that yields lines."""
    found = [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.name not in TOOLS]
    unknown = [name for name in names if name not in found]
    if unknown:
        print(f"bench: no measurement '{unknown[0]}'; expected one of {', '.join(found)}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    print(f"{platform.machine()}, torch {torch.__version__}, one thread")
    for name in names or [name for name in found if name not in BY_NAME]:
        for line in importlib.import_module(f"bench.{name}").main():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
