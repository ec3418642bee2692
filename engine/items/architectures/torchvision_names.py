"""How torchvision calls the nodes of its networks, so that weights from there can be used here."""

from __future__ import annotations

import re


class TorchvisionNames:
    """The names of torchvision's modules by the names of our nodes inside an architecture.

    Each pair is a pattern of our names and torchvision's, in which `{0}` is the first group of the pattern
    and `{0-}` the number before it, because torchvision counts from 0.
    """

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = [(re.compile(ours), theirs) for ours, theirs in pairs]

    def of(self, node: str) -> str | None:
        """torchvision's name of the module that is this node; None where it has none."""
        for pattern, theirs in self._pairs:
            found = pattern.fullmatch(node)
            if found:
                return _filled(theirs, found.groups())
        return None


def _filled(template: str, groups: tuple[str | None, ...]) -> str:
    """The template with the groups of a match in it."""

    def group(found: re.Match[str]) -> str:
        value = groups[int(found[1])] or ""
        return str(int(value) - 1) if found[2] else value

    return re.sub(r"\{(\d)(-?)\}", group, template)


def normalized_names(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """The pairs of convolutions whose batch norm is beside them: `X` and `X_norm` are `x.conv` and `x.bn`."""
    found = []
    for ours, theirs in pairs:
        found += [(ours, f"{theirs}.conv"), (f"{ours}_norm", f"{theirs}.bn")]
    return found
