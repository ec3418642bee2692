"""Scripts and style sheets without comments and indentation: a quarter and a fortieth of a page's bytes."""

from __future__ import annotations

import re

#: Comments on lines of their own; tests/js/assets.test.js compares the tokens before and after.
_COMMENTS = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)$", re.MULTILINE | re.DOTALL)


def without_comments(source: bytes) -> bytes:
    """A script or style sheet with an empty line for each line of a comment; comments beside code stay.

    The number of lines is unchanged, so that the position in an error message is the one in the file.
    """
    return _COMMENTS.sub(lambda comment: b"\n" * comment[0].count(b"\n"), source)


#: What lines begin with; the same test fails where it is part of a template literal of several lines.
_INDENTATION = re.compile(rb"^[ \t]+", re.MULTILINE)

#: A comment with types within a line of code, which pages have no use for either.
_TYPES = re.compile(rb"/\*\* [^\n]*?\*/ ?")


def compact(source: bytes) -> bytes:
    """A script or style sheet as pages load it: without comments and indentation, line by line as it was."""
    return _INDENTATION.sub(b"", _TYPES.sub(b"", without_comments(source)))
