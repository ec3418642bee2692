"""Check the engine on a GPU: device tests, tests of the engine there, then `bench/gpu`, as JSON and a table.

It uses the Python it is given, builds no environment and needs no server: torch, numpy, pydantic,
safetensors, pillow, jsonpatch and pytest. Where torch sees no card it says so, and runs what can run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: What cannot be done without, as it is imported.
NEEDED = ("torch", "numpy", "pydantic", "safetensors", "PIL", "jsonpatch", "jsonpointer", "pytest")

#: The tests of devices; every item is trained there.
DEVICE_TESTS = ("tests/cuda",)

#: The engine's own tests that can have their trainers anywhere (GLASSNET_ENGINE_DEVICE), networks that
#: segment and that detect among them. They need no more than NEEDED.
ENGINE_TESTS = tuple(
    f"tests/engine/test_{name}.py" for name in ("replay", "resume", "segmenters", "training_state", "yolo")
)

#: Seconds from the start after which tests and measurements on a card are given up: 8 minutes with the last.
MOST_SECONDS = {"tests": 270, "all": 420}


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 where all tests passed that could run."""
    parser = argparse.ArgumentParser(prog="gpu_check", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / ".build" / "gpu", help="where figures are written")
    parser.add_argument("--tests", nargs="*", default=None, help="what pytest is to run instead")
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
    failed = _tested(given.tests or DEVICE_TESTS, began, on_card=on_card)
    if not given.tests:
        failed |= _tested(ENGINE_TESTS, began, on_card=on_card)
    if on_card and not given.skip_bench:
        _measured(given.out, began)
    print(
        f"gpu-check: {time.monotonic() - began:.0f} s, {'tests failed' if failed else 'all that ran passed'}"
    )
    return failed


def _tested(tests: Sequence[str], began: float, *, on_card: bool) -> int:
    """Run tests with what is installed here: 0 where they passed, 1 where some failed or time was up."""
    spread = ["-n", "8"] if importlib.util.find_spec("xdist") and on_card else []
    # Without --strict-config, which refuses the settings of plugins that are not installed.
    options = ["-q", "-W", "default", "-o", "addopts=-ra --import-mode=importlib -m 'not thorough'"]
    environment = {**os.environ, "GLASSNET_ENGINE_DEVICE": "cuda" if on_card else "pretended"}
    command = [sys.executable, "-m", "pytest", *options, *spread, *tests]
    # Without a card nobody pays for one, and the pretended one is slow.
    left = began + MOST_SECONDS["tests"] - time.monotonic() if on_card else None
    try:
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=left).returncode
    except subprocess.TimeoutExpired:
        print(f"gpu-check: tests were given up after {MOST_SECONDS['tests']} s", file=sys.stderr)
        return 1
    return 0 if status in (0, 5) else 1  # 5: everything was deselected


def _measured(out: Path, began: float) -> None:
    import torch

    from bench import gpu

    torch.set_num_threads(1)
    found = []
    print(gpu.card())
    for measurement in gpu.measurements():
        print(measurement, flush=True)
        found.append(measurement)
        if time.monotonic() - began > MOST_SECONDS["all"]:
            print("gpu-check: the other figures are not measured, time is up", flush=True)
            break
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
