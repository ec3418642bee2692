"""The role of a set (training, validation or test) from its name, in the usual spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.collection import ROLES, Role
from glassnet.engine.files.image_import.report import Ambiguous, ImportReport

T = TypeVar("T")

_SPELLINGS: dict[Role, str] = {
    "train": "train training trn trains trainval learn learning trainings entrenamiento entrainement"
    " apprentissage addestramento treino",
    "validation": "val valid validation validate vali dev devel develop development validierung validacion"
    " validazione validacao",
    "test": "test testing tests tst eval evaluation heldout holdout t10k prueba pruebas teste prova",
}

_ROLE_OF = {word: role for role, words in _SPELLINGS.items() for word in words.split()}

#: Words without meaning beside one of those.
_FILLING = {
    "set",
    "sets",
    "data",
    "dataset",
    "datasets",
    "images",
    "image",
    "imgs",
    "img",
    "pictures",
    "picture",
    "pics",
    "photos",
    "folder",
    "split",
    "samples",
    "seg",
    "subset",
    "daten",
    "bilder",
    "part",
    "the",
    "of",
    "and",
    "for",
}

#: Folders of pictures without labels.
_UNLABELLED = {"unlabeled", "unlabelled", "unsup", "unsupervised", "pred", "predict", "unlabeleddata"}


def words_in(name: str) -> list[str]:
    """The words of a name in lower case without accents: x, train, images and 1 of `xTrain_images1`."""
    plain = unicodedata.normalize("NFKD", name.replace("t10k", "test"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|[0-9]+", plain)
    return [part for word in found for part in _split(word.lower())]


def _split(word: str) -> list[str]:
    """The parts of a compound word: train and set of `trainset`, x and test of `xtest`."""
    for one in _ROLE_OF:
        for filling in ("set", "data", "daten", "images", "imgs", "x", "y"):
            if word == one + filling:
                return [one, filling]
            if word == filling + one:
                return [filling, one]
    return [word]


def role_in(words: Iterable[str]) -> Role | None:
    """The only role among words; None where there is none, or several."""
    roles = {_ROLE_OF[word] for word in words if word in _ROLE_OF}
    return roles.pop() if len(roles) == 1 else None


def without_role(words: Iterable[str]) -> list[str]:
    """The words that do not name a role."""
    return [word for word in words if word not in _ROLE_OF]


def role_of_folder(name: str) -> Role | None:
    """The role of a folder whose name means nothing else; None for `train_station`."""
    words = words_in(name)
    rest = without_role(words)
    return role_in(words) if all(word in _FILLING or word.isdigit() for word in rest) else None


def plain(name: str) -> str:
    """A name without the words that name a role: cats of `cats_train`."""
    return "_".join(part for part in re.split(r"[\W_]+", name) if part.lower() not in _ROLE_OF)


def is_unlabelled(name: str) -> bool:
    """Whether a folder's name tells that its pictures have no labels."""
    return bool(_UNLABELLED.intersection(words_in(name)))


def chosen(
    found: dict[str, T],
    signature: Callable[[T], object],
    words: Callable[[T], str],
    report: ImportReport,
    *,
    only: str = "",
    poolable: bool = False,
) -> T:
    """The only set of several, equal ones counted once, or the one named `only`. Raises Ambiguous."""
    distinct: dict[object, str] = {}
    for name, each in found.items():
        other = distinct.setdefault(signature(each), name)
        if other != name and name != only:
            report.leave_out(name, f"the same as '{other}'")
    if only:
        if only not in found:
            raise DataError(f"no set '{only[:100]}'; expected one of {', '.join(sorted(found))[:300]}")
        for name in distinct.values():
            if name != only:
                report.leave_out(name, f"not in '{only}'")
        return found[only]
    if len(distinct) > 1:
        choices = sorted(distinct.values())
        listed = ", ".join(f"'{name}' ({words(found[name])})" for name in choices[:12])
        pooled = ", or sets=pooled for all in one" if poolable else ""
        raise Ambiguous(
            f"several sets of {report.what} that would be mixed: {listed}; expected one to be chosen "
            f"(only={choices[0]}{pooled})",
            choices,
            poolable=poolable,
        )
    return found[next(iter(distinct.values()))]


def arranged(roles: set[Role], report: ImportReport, *, pooled: bool) -> dict[Role, Role]:
    """The role each set of an upload is used for, by the role in its name.

    Where there is no test set, the validation set is kept for testing; a single set is split later.
    """
    if pooled or "train" not in roles or len(roles) == 1:
        if len(roles) > 1 or (roles and "train" not in roles):
            named = " and ".join(role for role in ROLES if role in roles)
            report.note(f"the sets {named} are read as one, of which a share is drawn for testing")
        return dict.fromkeys(roles, "train")
    if "test" in roles:
        return {role: role for role in roles}
    report.note("there is no test set; the validation set is kept for testing")
    return {"train": "train", "validation": "test"}
