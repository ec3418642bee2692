"""Equations as MathML, from LaTeX."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

#: The converter raises a prime, which the fonts' own is already.
PRIMED = re.compile(r"<msup>(<mi>\w+</mi>)<m[io]>(?:&#x02032;|′)</m[io]></msup>")

BEGINNING = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'


@lru_cache(maxsize=1024)
def mathml(tex: str, text: str = "") -> Markup:
    """An equation as MathML, with its LaTeX, and its plain text where there is one, as annotations."""
    # Imported here: its tables take 0.1 s, which a server that starts shall not wait for.
    from latex2mathml.converter import convert

    made = convert(tex, display="block")
    body = made[made.index(">") + 1 : made.rindex("<")]
    body = PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">′</mo></mrow>', body)
    plain = f'<annotation encoding="text/plain">{escape(text)}</annotation>' if text else ""
    source = f'<annotation encoding="application/x-tex">{escape(tex)}</annotation>'
    # Of trusted parts alone: what the library makes of our own LaTeX, and escaped texts.
    return Markup(f"{BEGINNING}<semantics>{body}{source}{plain}</semantics></math>")
