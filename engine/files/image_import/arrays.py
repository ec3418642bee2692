"""NPZ files: arrays, recognised by their names."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import sets
from glassnet.engine.files.image_import.archive import MOST_IN_ALL, Member, Members
from glassnet.engine.files.image_import.collection import Collection, Form, Progress, Role
from glassnet.engine.files.image_import.parts import Part, as_labels, as_pictures, collected, label_text
from glassnet.engine.files.image_import.report import ImportReport

DESCRIPTION = "the arrays of an NPZ file"

_PICTURES = {
    "x",
    "image",
    "images",
    "img",
    "imgs",
    "picture",
    "pictures",
    "data",
    "pixels",
    "input",
    "inputs",
    "features",
    "samples",
}
_LABELS = {"y", "label", "labels", "target", "targets", "lab", "labs", "classid"}
_NAMES = {"names", "classes", "categories"}


def accepts(name: str) -> bool:
    """Whether files of this name are read by this module."""
    return name.endswith(".npy")


def describes(name: str) -> bool:
    """Whether files of this name describe those that are read."""
    return False


@dataclass
class Pair:
    """The names of one set's arrays: candidates for pictures and for labels."""

    pictures: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


#: Pairs of an upload's training, validation and test sets.
Pairs = dict[Role | None, Pair]


def gathered(
    members: Members, files: Sequence[Member], form: Form, report: ImportReport, progress: Progress
) -> Collection:
    """The collection of an archive's arrays. Raises DataError, Ambiguous."""
    arrays = {member.name.removesuffix(".npy"): member for member in files}
    named = [name for name in arrays if _is_names(name)]
    pairs, read = _pairs(arrays, named, form, report), set(named[:1])
    parts = []
    for role, pair in pairs.items():
        shaped = [name for name in pair.pictures if _sides(members, arrays[name]) in (3, 4)]
        pictures = _one(shaped or pair.pictures, arrays)
        labels = _one(pair.labels, arrays)
        read |= {pictures, labels}
        shown = as_pictures(pictures, _array(members, arrays[pictures]))
        parts.append(Part(pictures, role, shown, as_labels(labels, _array(members, arrays[labels]), report)))
    for name in arrays:
        if name not in read:
            report.leave_out(name, "an array beside those of pictures and labels")
    names = [label_text(name) for name in _array(members, arrays[named[0]]).ravel()] if named else []
    return collected(parts, names, form, report, progress)


def _is_names(name: str) -> bool:
    words = sets.words_in(name)
    return bool(_NAMES.intersection(words)) and not _PICTURES.intersection(words) and "file" not in words


def _pairs(arrays: dict[str, Member], named: Sequence[str], form: Form, report: ImportReport) -> Pairs:
    """The arrays of pictures and labels of one data set, by role. Raises DataError, Ambiguous."""
    groups: dict[str, Pairs] = {}
    for name in arrays:
        words = sets.words_in(name)
        role, rest = sets.role_in(words), sets.without_role(words)
        kinds = [bool(kind.intersection(rest)) for kind in (_PICTURES, _LABELS)]
        if name in named or kinds[0] == kinds[1] or sets.is_unlabelled(name):
            continue
        key = " ".join(w for w in rest if w not in _PICTURES | _LABELS)
        pair = groups.setdefault(key, {}).setdefault(role, Pair())
        (pair.pictures if kinds[0] else pair.labels).append(name)
    whole: dict[str, Pairs] = {}
    for found in groups.values():
        if "train" not in found and None in found and len(found) > 1:
            found["train"] = found.pop(None)  # X and y beside X_test and y_test
        for pairs in ({None: found.get(None, Pair())}, {r: p for r, p in found.items() if r is not None}):
            kept: Pairs = {role: pair for role, pair in pairs.items() if pair.pictures and pair.labels}
            if kept:
                whole[next(iter(kept.values())).pictures[0]] = kept
    if not whole:
        raise DataError(f"arrays {', '.join(sorted(arrays))[:200]}; expected images and labels among them")
    return _chosen(whole, arrays, form, report)


def _chosen(whole: dict[str, Pairs], arrays: dict[str, Member], form: Form, report: ImportReport) -> Pairs:
    def signature(pairs: Pairs) -> object:
        return frozenset(
            (role, *(arrays[name].fingerprint for name in (*pair.pictures, *pair.labels)))
            for role, pair in pairs.items()
        )

    def words(pairs: Pairs) -> str:
        return "with " + ", ".join(name for pair in pairs.values() for name in pair.labels)

    return sets.chosen(whole, signature, words, report, only=form.only)


def _sides(members: Members, member: Member) -> int:
    """The number of dimensions in an array's header: scikit-learn has its digits also as flat rows."""
    found = re.search(rb"'shape': \(([^)]*)\)", members.head(member))
    return 0 if found is None else len([side for side in found[1].split(b",") if side.strip()])


def _one(names: Sequence[str], arrays: dict[str, Member]) -> str:
    """The only array of the candidates, equal ones counted once. Raises DataError where several differ."""
    for other in names[1:]:
        if arrays[other].fingerprint != arrays[names[0]].fingerprint:
            raise DataError(f"{names[0]} and {other} may both be meant; expected one of them in the file")
    return names[0]


def _array(members: Members, member: Member) -> np.ndarray:
    """An array of an NPZ file; its header is checked first, and nothing is unpickled."""
    file = io.BytesIO(members.read(member, MOST_IN_ALL))
    try:
        found: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, EOFError, OverflowError, MemoryError, SyntaxError, RecursionError) as error:
        said = str(error).splitlines()[0] if str(error) else "damaged"
        raise DataError(f"{member.name}: {said}") from None
    return found
