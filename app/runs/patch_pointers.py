"""Where in a patch a problem of the patched experiment comes from."""

from __future__ import annotations

from typing import Any


def place_in_patch(pointer: str, patch: list[Any]) -> str:
    """A pointer below `/patch` for a pointer into the experiment that the patch made.

    It names the last operation at, above or below that place, and inside its value as far as the value
    goes; where none has to do with it, the whole patch.
    """
    for index in range(len(patch) - 1, -1, -1):
        operation = patch[index]
        if not isinstance(operation, dict) or not isinstance(path := operation.get("path"), str):
            continue
        if _within(pointer, path) and "value" in operation:
            return f"/patch/{index}/value" + _resolved(
                operation["value"], pointer.split("/")[path.count("/") + 1 :]
            )
        if _within(pointer, path) or _within(path, pointer):
            return f"/patch/{index}/path"
    return "/patch"


def _within(pointer: str, above: str) -> bool:
    """Whether a pointer is another one, or below it; `-` is any position of its list."""
    parts, roots = pointer.split("/"), above.split("/")
    return len(parts) >= len(roots) and all(
        root in (part, "-") for part, root in zip(parts, roots, strict=False)
    )


def _resolved(value: Any, parts: list[str]) -> str:
    """As much of a pointer as resolves in a value."""
    found = ""
    for part in parts:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            break
        found += f"/{part}"
    return found
