"""Check the engine on a GPU: its device tests, then `bench/gpu`; figures as JSON and as a table.

It uses the Python it is given, builds no environment and needs no server: torch, numpy, pydantic,
safetensors, pillow and pytest. Where torch sees no card it says so, and runs what can run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: What cannot be done without, as it is imported.
NEEDED = ("torch", "numpy", "pydantic", "safetensors", "PIL", "pytest")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 where all tests passed that could run."""
    parser = argparse.ArgumentParser(prog="gpu_check", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / ".build" / "gpu", help="where figures are written")
    parser.add_argument("--tests", nargs="*", default=["tests/cuda"], help="what pytest is to run")
    parser.add_argument("--skip-bench", action="store_true", help="only the tests")
    given = parser.parse_args(arguments)
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        print(
            f"gpu-check: {sys.executable} has no {', '.join(missing)}; name a Python that has:",
            file=sys.stderr,
        )
        print("    make gpu-check PYTHON=path/to/python", file=sys.stderr)
        return 2
    import torch

    began = time.monotonic()
    on_card = torch.cuda.is_available()
    if not on_card:
        print("no card: torch sees no CUDA device here; device tests run on a pretended one; no figures")
    failed = _tested(given.tests, on_card=on_card)
    if on_card and not given.skip_bench:
        _measured(given.out)
    print(
        f"gpu-check: {time.monotonic() - began:.0f} s, {'tests failed' if failed else 'all that ran passed'}"
    )
    return failed


def _tested(tests: list[str], *, on_card: bool) -> int:
    spread = ["-n", "8"] if importlib.util.find_spec("xdist") and on_card else []
    command = [sys.executable, "-m", "pytest", "-q", "-W", "default", *spread, *tests]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    return 0 if status in (0, 5) else 1  # 5: everything was deselected


def _measured(out: Path) -> None:
    import torch

    from bench import gpu

    torch.set_num_threads(1)
    found = []
    print(gpu.card())
    for measurement in gpu.measurements():
        print(measurement, flush=True)
        found.append(measurement)
    out.mkdir(parents=True, exist_ok=True)
    whole = {"card": gpu.card(), "measured": [asdict(each) for each in found]}
    (out / "gpu.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False))
    rows = [
        f"| {m.name.strip()} | {m.value} | {'' if m.ratio is None else f'{m.ratio:.2f}'} | {m.wanted} |"
        for m in found
    ]
    table = [f"{gpu.card()}:", "", "| what | figure | ratio | wanted |", "|---|---|---|---|", *rows, ""]
    (out / "gpu.md").write_text("\n".join(table))


if __name__ == "__main__":
    sys.exit(main())
