"""What a notebook shows of an object: painted by the room `notebook`, which stands above all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_painters: dict[type, Callable[[Any], str]] = {}


class Shown:
    """An object that a notebook shows as a picture, once the room `notebook` is imported."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Safe HTML for IPython; None, which leaves it at text, where nothing paints this class."""
        found = (_painters[kind] for kind in type(self).__mro__ if kind in _painters)
        painter = next(found, None)
        return None if painter is None else painter(self)


def paints(kind: type[T]) -> Callable[[Callable[[T], str]], Callable[[T], str]]:
    """Decorator of the function that paints a class: from an object to safe HTML."""

    def keep(painter: Callable[[T], str]) -> Callable[[T], str]:
        _painters[kind] = painter
        return painter

    return keep
