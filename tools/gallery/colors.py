"""The page's colours: read from its own files, so that pictures and page cannot differ."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import numpy as np

from glassnet.app.core.places import ROOT

Theme = Literal["light", "dark"]
Floats = np.ndarray
THEMES: tuple[Theme, Theme] = ("light", "dark")

#: OKLab (Ottosson 2020), as in static/draw/colors.js: linear RGB to cones, and their cube roots to Lab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


@cache
def _script() -> str:
    return (ROOT / "static" / "draw" / "colors.js").read_text()


@cache
def token(name: str, theme: Theme) -> str:
    """A colour token of `static/styles/tokens.css`, as `#rrggbb`."""
    light, dark = (ROOT / "static" / "styles" / "tokens.css").read_text().split(":root[data-theme", 1)
    found = re.search(rf"--{name}: (#\w{{6}});", dark if theme == "dark" else light)
    if found is None:
        raise ValueError(f"tokens.css has no colour '--{name}' for {theme}")
    return found[1]


@cache
def ends(theme: Theme) -> tuple[Floats, Floats, Floats]:
    """Negative, neutral and positive of the diverging scale."""
    neutral = re.search(rf'NEUTRAL = {{.*?{theme}: "(#\w+)"', _script())
    strong = re.search(rf'{theme}: {{ negative: "(#\w+)", positive: "(#\w+)"', _script())
    if neutral is None or strong is None:
        raise ValueError(f"colors.js has no NEUTRAL or STRONG for {theme}")
    return rgb(strong[1]), rgb(neutral[1]), rgb(strong[2])


def rgb(colour: str) -> Floats:
    """Red, green and blue of `#rrggbb`, from 0 to 255."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=float)


@cache
def categories() -> list[str]:
    """The colours of classes, as the page has them."""
    found = re.search(r"CATEGORIES = \[(.*?)\]", _script(), re.DOTALL)
    if found is None:
        raise ValueError("colors.js has no CATEGORIES")
    return re.findall(r"#\w{6}", found[1])


def category(index: int) -> Floats:
    """The colour of a class."""
    return rgb(categories()[index % len(categories())])


def mix(one: Floats, other: Floats, share: Floats) -> Floats:
    """Colours between two, evenly spaced to the eye, for shares (…) of the other: (…, 3)."""
    start, end = _to_lab(one), _to_lab(other)
    return _from_lab(start + (end - start) * np.asarray(share)[..., None])


def diverging(values: Floats, theme: Theme) -> Floats:
    """Colours (…, 3) of values from −1 to 1."""
    negative, neutral, positive = ends(theme)
    bounded = np.clip(np.nan_to_num(values), -1, 1)
    below, above = mix(neutral, negative, -bounded), mix(neutral, positive, bounded)
    return np.where(bounded[..., None] < 0, below, above)


def _to_lab(colour: Floats) -> Floats:
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(TO_LAB @ np.cbrt(TO_CONES @ linear))


def _from_lab(lab: Floats) -> Floats:
    cones = (lab @ np.linalg.inv(TO_LAB).T) ** 3
    share = np.clip(cones @ np.linalg.inv(TO_CONES).T, 0, 1)
    companded = np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)
    return np.asarray(255 * companded)
