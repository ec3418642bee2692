"""IDX files (MNIST's format) and CIFAR's records in a ZIP."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.formats import read_cifar, read_idx, unpacked
from glassnet.engine.files.image_import import sets
from glassnet.engine.files.image_import.archive import MOST_OF_ONE, Member, Members
from glassnet.engine.files.image_import.collection import Collection, Form, Progress, Role
from glassnet.engine.files.image_import.parts import Part, collected
from glassnet.engine.files.image_import.report import ImportReport

T = TypeVar("T")

DESCRIPTION = "IDX or CIFAR files"

_IDX, _CIFAR, _CIFAR_NAMES = re.compile(r"idx[13]"), re.compile(r"\.bin$"), re.compile(r"\.meta\.txt$")

#: Words in the names of IDX files that do not identify a data set.
_FORMAL = {"images", "image", "labels", "label", "idx", "idx1", "idx3", "ubyte", "1", "3", "gz", "train"}


def accepts(name: str) -> bool:
    """Whether files of this name are read by this module."""
    return bool(_IDX.search(name) or _CIFAR.search(name))


def describes(name: str) -> bool:
    """Whether files of this name describe those that are read: the names of CIFAR's classes."""
    return bool(_CIFAR_NAMES.search(name))


@dataclass
class Files:
    """The files of one part of a data set: pictures and labels, or records of both."""

    pictures: list[Member] = field(default_factory=list)
    labels: list[Member] = field(default_factory=list)


#: Files of an upload's training, validation and test sets.
Parts = dict[Role | None, Files]


def gathered(
    members: Members, files: Sequence[Member], form: Form, report: ImportReport, progress: Progress
) -> Collection:
    """The collection of an archive's IDX files, or else of its CIFAR files. Raises DataError, Ambiguous."""
    idx = [member for member in files if _IDX.search(member.stem)]
    for member in files:
        if idx and member not in idx:
            report.leave_out(member.name, "beside IDX files")
    if idx:
        parts = [_idx_part(members, role, found, report) for role, found in _set(idx, form, report).items()]
        return collected(parts, [], form, report, progress)
    told = [member for member in members.files if _CIFAR_NAMES.search(member.stem)]
    names = members.read(told[0], 1 << 16).decode("utf-8", "replace").split() if told else []
    parts = [
        Part(member.name, role, *_named(member, partial(read_cifar, members.read(member))))
        for role, found in _set(files, form, report).items()
        for member in sorted(found.pictures, key=lambda member: member.name)
    ]
    return collected(parts, names, form, report, progress)


def _set(files: Sequence[Member], form: Form, report: ImportReport) -> Parts:
    """The files of the only data set, or of the chosen one. Raises DataError, Ambiguous."""
    found: dict[str, Parts] = {}
    for member in files:
        words = sets.words_in(re.sub(r"\.(gz|bin)$", "", member.stem))
        role = sets.role_in(words)
        part = found.setdefault(_key(member, words), {}).setdefault(role, Files())
        of_labels = bool(re.search(r"idx1", member.stem))
        (part.labels if of_labels else part.pictures).append(member)
    return sets.chosen(found, _signature, _words, report, only=form.only)


def _key(member: Member, words: Sequence[str]) -> str:
    """The name of a file's data set: its folders, and the words of its name that do not tell its content."""
    folders = [part for part in member.parts if not accepts(part) and sets.role_of_folder(part) is None]
    if _CIFAR.search(member.stem):
        rest = [
            word for word in sets.without_role(words) if word not in ("data", "batch") and not word.isdigit()
        ]
    else:
        rest = [word for word in sets.without_role(words) if word not in _FORMAL]
    return "/".join([*folders, *(["-".join(rest)] if rest else [])]) or "unnamed"


def _signature(parts: Parts) -> object:
    return frozenset(
        (role, frozenset(member.fingerprint for member in (*files.pictures, *files.labels)))
        for role, files in parts.items()
    )


def _words(parts: Parts) -> str:
    members = [member for files in parts.values() for member in (*files.pictures, *files.labels)]
    return f"{len(members)} files, {members[0].name} among them"


# IDX --------------------------------------------------------------------------------------------------------


def _idx_part(members: Members, role: Role | None, files: Files, report: ImportReport) -> Part:
    """The part read from IDX files of pictures and labels. Raises DataError."""
    if not files.pictures:
        raise DataError(
            f"{files.labels[0].name}: its pictures are missing; expected a file with idx3 in its name"
        )
    name = files.pictures[0].name
    if not files.labels:
        partner = name.replace("images", "labels").replace("idx3", "idx1")
        raise DataError(f"{name}: its labels are missing; expected {partner} beside it")
    pictures = _one(members, files.pictures, 3, report)
    labels = _one(members, files.labels, 1, report)
    if len(labels) != len(pictures):
        raise DataError(f"{files.labels[0].name}: {len(labels):,} labels; expected {len(pictures):,}")
    return Part(name, role, pictures[:, None], labels)


def _one(members: Members, files: Sequence[Member], dimensions: int, report: ImportReport) -> np.ndarray:
    """The array of files that must be equal: archives of MNIST exist with two spellings of each file."""
    found = _idx(members, files[0], dimensions)
    for other in files[1:]:
        if other.fingerprint != files[0].fingerprint and not np.array_equal(
            _idx(members, other, dimensions), found
        ):
            raise DataError(f"{files[0].name} and {other.name} differ; expected one of them in the ZIP")
        report.leave_out(other.name, f"the same as {files[0].name}")
    return found


def _idx(members: Members, member: Member, dimensions: int) -> np.ndarray:
    content = members.read(member)
    return _named(member, lambda: read_idx(unpacked(content, MOST_OF_ONE), dimensions))


def _named(member: Member, read: Callable[[], T]) -> T:
    try:
        return read()
    except DataError as error:
        raise DataError(f"{member.name}: {error}") from None
