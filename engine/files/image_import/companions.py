"""Files that belong to a picture by their name: `masks/a.png` and `labels/a.txt` to `images/a.jpg`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names, sets
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Form, Role
from glassnet.engine.files.image_import.report import ImportReport

#: Words of folders of pictures, and of folders of what is known of them.
_PICTURES = {"images", "image", "imgs", "img", "pictures", "picture", "photos", "photo"}
KNOWN = {
    "masks",
    "mask",
    "labels",
    "label",
    "annotations",
    "annotation",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "gt",
    "groundtruth",
    "truth",
    "targets",
    "target",
    "boxes",
    "bboxes",
}

#: What may follow a picture's name in that of its mask.
_SUFFIX = re.compile(r"[_\-. ](masks?|labels?|gt|seg|segmentation|target|label_?ids)$", re.IGNORECASE)

#: The most bytes of a file of names, and the most files that a message lists.
MOST_NAMES, LISTED = 1 << 20, 5

#: Files with the names of the classes, one a line, and those of YOLO with a list of them.
_LINES = {"classes.txt", "names.txt", "labels.txt", "obj.names", "classes.names", "_darknet.labels"}
_YAML = re.compile(r"\.ya?ml$", re.IGNORECASE)

#: A name in a list of YAML: quoted, or not.
_ENTRY = re.compile(r"""\s*(?:'((?:[^']|'')*)'|"([^"]*)"|([^,\]}#'"][^,\]}#]*))""")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A picture, the file that belongs to it, if any, and the role of its set."""

    picture: Member
    other: Member | None
    role: Role | None


def is_known(member: Member) -> bool:
    """Whether a file is in a folder that is named as one of masks or labels."""
    return any(KNOWN.intersection(sets.words_in(part)) for part in member.parts)


def role_of(member: Member) -> Role | None:
    """The role of the set that a file's folders name."""
    told = [sets.role_in(sets.words_in(part)) for part in member.parts]
    return next((role for role in told if role is not None), None)


def key_of(member: Member) -> Key:
    """What is common to the names of a picture and of what belongs to it."""
    parts = []
    for part in member.parts:
        words = sets.words_in(part)
        if (_PICTURES | KNOWN).intersection(words):
            part = sets.role_in(words) or ""
        parts += [part] * bool(part)
    return (*parts, member.stem.rpartition(".")[0] or member.stem)


def shortened(key: Key) -> Key:
    """The key without a suffix such as `_mask`."""
    return (*key[:-1], _SUFFIX.sub("", key[-1]))


def paired(pictures: Sequence[Member], others: Sequence[Member], what: str) -> list[Pair]:
    """Each picture with what belongs to it. Raises DataError for names that two files have.

    `what` the others are, in words.
    """
    keys = _once(pictures, "pictures")
    found: dict[Key, Member] = {}
    for other in others:
        key = key_of(other) if key_of(other) in keys else shortened(key_of(other))
        if key in found:
            raise DataError(f"{found[key].name} and {other.name}: two {what} of one name; expected one")
        found[key] = other
    alone = [other.name for key, other in found.items() if key not in keys]
    if alone:
        raise DataError(f"{listed(alone)}: no picture of this name; expected one beside it, or in 'images'")
    return [Pair(picture, found.get(key), role_of(picture)) for key, picture in keys.items()]


def _once(members: Sequence[Member], what: str) -> Mapping[Key, Member]:
    found: dict[Key, Member] = {}
    for member in members:
        other = found.setdefault(key_of(member), member)
        if other is not member:
            raise DataError(f"{other.name} and {member.name}: two {what} of one name; expected one")
    return found


def listed(files: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = len(files) - LISTED
    return ", ".join(files[:LISTED]) + (f" and {more:,} more" if more > 0 else "")


def settled(roles: Iterable[Role | None], form: Form, report: ImportReport) -> dict[Role | None, Role]:
    """The role that each set is used for, by its role in the upload; what has none is trained on."""
    told: set[Role] = {"train" if role is None else role for role in roles}
    used = sets.arranged(told, report, pooled=form.sets == "pooled")
    return {None: used.get("train", "train"), **{role: used[role] for role in used}}


def counts(roles: Sequence[Role]) -> dict[Role, int]:
    """The number of pictures of each role."""
    return {role: sum(each == role for each in roles) for role in ROLES}


# Names of classes -------------------------------------------------------------------------------------------


def is_names(member: Member) -> bool:
    """Whether a file has the names of the classes."""
    return member.stem.lower() in _LINES or bool(_YAML.search(member.stem))


def class_names(members: Members, files: Sequence[Member], report: ImportReport) -> list[str]:
    """The names of the classes; none where no file has them. Raises DataError where files differ."""
    found: dict[str, list[str]] = {}
    for member in files:
        text = members.read(member, MOST_NAMES).decode("utf-8-sig", "replace")
        told = _of_yaml(member.name, text) if _YAML.search(member.stem) else _of_lines(text)
        if told:
            found[member.name] = told
    if not found:
        return []
    first, *more = found
    for name in more:
        if found[name] != found[first]:
            raise DataError(f"{first} and {name}: other names of classes; expected the same, or one file")
    twice = (
        [name for name in found[first] if found[first].count(name) > 1] if len(found[first]) < 1000 else []
    )
    if twice:
        raise DataError(f"{first}: the class {twice[0][:100]!r} is named twice; expected every name once")
    made = names.fitting(found[first])
    for name, fitted in made.items():
        if fitted != name:
            report.note(f"the class '{names.shown(name)[:60]}' is called '{fitted}'")
    return list(made.values())


def _of_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _of_yaml(file: str, text: str) -> list[str]:
    """The `names` of a data set of YOLO: a list, or a mapping from numbers. Raises DataError.

    Of YAML no more is read than such files have; nothing is constructed.
    """
    found = re.search(r"^names[ \t]*:[ \t]*(.*)$", text, re.MULTILINE)
    if found is None:
        return []
    inline = found[1].split(" #")[0].strip()
    if inline[:1] in ("[", "{"):
        rest = text[found.start(1) :]
        end = rest.find("]" if inline[0] == "[" else "}")
        if end < 0:
            raise DataError(
                f"{file}: names without an end; expected a list of classes, [a, b], or one a line"
            )
        entries = [match for match in _ENTRY.finditer(rest[1:end]) if match[0].strip()]
        told = ["".join(part or "" for part in match.groups()).strip() for match in entries]
    else:
        told = []
        for line in text[found.end() :].splitlines()[1:]:
            if line.strip() and not re.match(r"[ \t]+\S|-", line):
                break
            entry = re.sub(r"^\s*-\s*", "", line)
            match = _ENTRY.match(entry)
            told += (
                ["".join(part or "" for part in match.groups()).strip()] if match and match[0].strip() else []
            )
    numbered = [re.match(r"(\d{1,4})\s*:\s*['\"]?(.*?)['\"]?$", name) for name in told]
    if not told or not all(numbered):
        return told
    pairs = [(int(match[1]), match[2]) for match in numbered if match]
    if [number for number, _ in pairs] != list(range(len(pairs))):
        raise DataError(f"{file}: names with the numbers {[n for n, _ in pairs][:8]}; expected 0, 1, 2, …")
    return [name for _, name in pairs]
