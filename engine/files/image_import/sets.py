"""Which set a name speaks of: training, validation or test, in the spellings that people use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.account import Account, Ambiguous
from glassnet.engine.files.image_import.collection import ROLES, Role

T = TypeVar("T")

_SPELLINGS: dict[Role, str] = {
    "train": "train training trn trains trainval learn learning trainings entrenamiento entrainement"
    " apprentissage addestramento treino",
    "validation": "val valid validation validate vali dev devel develop development validierung validacion"
    " validazione validacao",
    "test": "test testing tests tst eval evaluation heldout holdout t10k prueba pruebas teste prova",
}

_ROLE_OF = {word: role for role, words in _SPELLINGS.items() for word in words.split()}

#: Words that say nothing beside one of those.
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


def words_of(name: str) -> list[str]:
    """The words of a name in small letters without accents: of `xTrain_images1`, x, train, images and 1."""
    plain = unicodedata.normalize("NFKD", name.replace("t10k", "test"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|[0-9]+", plain)
    return [part for word in found for part in _split(word.lower())]


def _split(word: str) -> list[str]:
    """`trainset` as train and set, `xtest` as x and test."""
    for one in _ROLE_OF:
        for filling in ("set", "data", "daten", "images", "imgs", "x", "y"):
            if word == one + filling:
                return [one, filling]
            if word == filling + one:
                return [filling, one]
    return [word]


def role_in(words: Iterable[str]) -> Role | None:
    """The one role among words; None where there is none, or several."""
    roles = {_ROLE_OF[word] for word in words if word in _ROLE_OF}
    return roles.pop() if len(roles) == 1 else None


def without_role(words: Iterable[str]) -> list[str]:
    """The words that say no role."""
    return [word for word in words if word not in _ROLE_OF]


def role_of_folder(name: str) -> Role | None:
    """The role that is all a folder's name says; None for `train_station`."""
    words = words_of(name)
    rest = without_role(words)
    return role_in(words) if all(word in _FILLING or word.isdigit() for word in rest) else None


def plain(name: str) -> str:
    """A name without the words that say a role: cats of `cats_train`."""
    return "_".join(part for part in re.split(r"[\W_]+", name) if part.lower() not in _ROLE_OF)


def is_unlabelled(name: str) -> bool:
    """Whether a folder says that its pictures have no labels."""
    return bool(_UNLABELLED.intersection(words_of(name)))


def chosen(
    found: dict[str, T],
    signature: Callable[[T], object],
    words: Callable[[T], str],
    account: Account,
    *,
    only: str = "",
    poolable: bool = False,
) -> T:
    """The one set of several, `only` where one is asked for; equal ones count once. Raises Ambiguous."""
    distinct: dict[object, str] = {}
    for name, each in found.items():
        other = distinct.setdefault(signature(each), name)
        if other != name and name != only:
            account.leave(name, f"the same as '{other}'")
    if only:
        if only not in found:
            raise DataError(f"no set '{only[:100]}'; expected one of {', '.join(sorted(found))[:300]}")
        for name in distinct.values():
            if name != only:
                account.leave(name, f"not in '{only}'")
        return found[only]
    if len(distinct) > 1:
        choices = sorted(distinct.values())
        listed = ", ".join(f"'{name}' ({words(found[name])})" for name in choices[:12])
        pooled = ", or sets=pooled for all in one" if poolable else ""
        raise Ambiguous(
            f"several sets of pictures that would be mixed: {listed}; expected one to be chosen "
            f"(only={choices[0]}{pooled})",
            choices,
            poolable=poolable,
        )
    return found[next(iter(distinct.values()))]


def arranged(roles: set[Role], account: Account, *, pooled: bool) -> dict[Role, Role]:
    """What the sets of an upload are used for: training, validation and test by what they call themselves.

    Where there is no test set, the validation set is kept for testing; a single set is divided later.
    """
    if pooled or "train" not in roles or len(roles) == 1:
        if len(roles) > 1 or (roles and "train" not in roles):
            named = " and ".join(role for role in ROLES if role in roles)
            account.note(f"the sets {named} are read as one, of which a share is drawn for testing")
        return dict.fromkeys(roles, "train")
    if "test" in roles:
        return {role: role for role in roles}
    account.note("there is no test set; the validation set is kept for testing")
    return {"train": "train", "validation": "test"}
