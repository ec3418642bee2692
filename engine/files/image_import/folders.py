"""Folders of pictures: which of them are classes, and which are the sets of an upload."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names, sets
from glassnet.engine.files.image_import.account import Account
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Form, Role
from glassnet.engine.files.image_import.tree import Folder, pictures_of, tree

#: Pictures by class; a set of them, by role.
Classes = dict[str, list[Member]]
Divided = dict[Role | None, Classes]


@dataclass(frozen=True)
class Labelled:
    """A picture file with its class and its set."""

    member: Member
    name: str
    role: Role


def labelled(members: Members, form: Form, account: Account) -> list[Labelled]:
    """The pictures of a ZIP with their classes and sets, as its folders say.

    Raises DataError, and Ambiguous where several sets would be mixed.
    """
    found = Reading(form, account).read(tree(pictures_of(members, account), form.only, account))
    roles = {role for role in found if role is not None}
    used = sets.arranged(roles, account, pooled=form.sets == "pooled")
    _told_of_tests(found, used, account)
    one = _same_names(found, form, account)
    pictures = [
        Labelled(member, one[name], "train" if role is None else used[role])
        for role, classes in found.items()
        for name, files in classes.items()
        for member in files
    ]
    place = {id(member): index for index, member in enumerate(members.files)}
    return sorted(pictures, key=lambda each: place[id(each.member)])


class Reading:
    """Reads a tree of folders by what their names say."""

    def __init__(self, form: Form, account: Account) -> None:
        self._form, self._account = form, account

    def read(self, folder: Folder) -> Divided:
        """The classes of each set; a single set that calls itself nothing has the role None."""
        split = [each for each in folder.folders.values() if self._is_set(each)]
        others = [each for each in folder.folders.values() if each not in split]
        strangers = [each for each in others if not self._beside_sets(each)]
        if split and (len(split) > 1 or not strangers):
            return self._divided(folder, split, others)
        if not folder.folders:
            if not folder.path:
                raise DataError(
                    f"{folder.files[0].name}: in no folder; expected a folder of pictures for each class"
                )
            return {None: {folder.name: folder.files}}
        if self._by_class(folder):
            return self._transposed(folder)
        self._leave_loose(folder)
        if len(folder.folders) == 1:
            return self.read(next(iter(folder.folders.values())))
        if all(self._beside_sets(each) for each in folder.folders.values()):
            listed = ", ".join(f"'{each.path}'" for each in folder.folders.values())
            raise DataError(f"pictures in {listed}, which are no classes; expected a folder for each below")
        return self._apart(folder)

    # Sets ------------------------------------------------------------------------------------------------

    def _is_set(self, folder: Folder) -> bool:
        """Whether a folder is called as a set, and has folders for classes."""
        return sets.role_of_folder(folder.name) is not None and bool(folder.folders)

    def _beside_sets(self, folder: Folder) -> bool:
        """Whether a folder beside sets is no class and no other set: pictures without labels."""
        return sets.is_unlabelled(folder.name) or sets.role_of_folder(folder.name) is not None

    def _divided(self, folder: Folder, split: list[Folder], others: list[Folder]) -> Divided:
        """Sets that call themselves so, each with its classes."""
        by_role: dict[Role, dict[str, Classes]] = {}
        for each in split:
            role = sets.role_of_folder(each.name)
            assert role is not None
            by_role.setdefault(role, {})[each.path] = self._classes(each)
        found: Divided = {role: _plain(role, self._one(same)) for role, same in by_role.items()}
        self._leave_unlabelled(found)
        candidates = {folder.path or "the folders above": found}
        for each in others:
            if self._beside_sets(each):
                self._leave(each, "without folders for classes, so without labels")
            else:
                candidates[each.path] = self.read(each)
        self._leave_loose(folder)
        return self._one_set(candidates)

    def _leave_unlabelled(self, found: Divided) -> None:
        """Leave out sets whose folders have no class in common with the training set."""
        known = {name.casefold() for name in found.get("train", {})}
        for role in [role for role in found if role != "train" and "train" in found]:
            if not known.intersection(name.casefold() for name in found[role]):
                for name, files in found.pop(role).items():
                    for member in files:
                        why = f"in '{name}' of the {role} set, which is none of the classes"
                        self._account.leave(member.name, why)

    def _by_class(self, folder: Folder) -> bool:
        """Whether each class has the sets below it: cats/train, cats/test, dogs/train, …"""
        return len(folder.folders) > 1 and all(
            not each.files
            and each.folders
            and all(sets.role_of_folder(name) and not inner.folders for name, inner in each.folders.items())
            for each in folder.folders.values()
        )

    def _transposed(self, folder: Folder) -> Divided:
        found: Divided = {}
        for each in folder.folders.values():
            for inner in each.folders.values():
                classes = found.setdefault(sets.role_of_folder(inner.name), {})
                classes.setdefault(each.name, []).extend(inner.files)
        return found

    def _apart(self, folder: Folder) -> Divided:
        """Several folders that are classes, or sets of which one has to be chosen."""
        if any(self._holds_sets(each) for each in folder.folders.values()):
            return self._one_set({each.path: self.read(each) for each in folder.folders.values()})
        return self._by_name(self._classes(folder))

    def _by_name(self, classes: Classes) -> Divided:
        """Sets in the names of classes: cats_train beside cats_test; else one that calls itself nothing."""
        told = {name: (sets.role_in(sets.words_of(name)), sets.plain(name)) for name in classes}
        roles = {role for role, plain in told.values() if plain}
        if None in roles or "train" not in roles or len(roles) == 1 or not all(p for _, p in told.values()):
            return {None: classes}
        self._account.note("the names of the classes say which are for training, and which are held out")
        found: Divided = {}
        for name, files in classes.items():
            role, plain = told[name]
            found.setdefault(role, {}).setdefault(plain, []).extend(files)
        return found

    def _holds_sets(self, folder: Folder) -> bool:
        return any(self._is_set(each) or self._holds_sets(each) for each in folder.folders.values())

    # Classes ---------------------------------------------------------------------------------------------

    def _classes(self, folder: Folder) -> Classes:
        """The classes below a folder: its folders with pictures, or those below, where names differ."""
        while not folder.files and len(folder.folders) == 1 and next(iter(folder.folders.values())).folders:
            folder = next(iter(folder.folders.values()))
        self._leave_loose(folder)
        unlabelled = [each for each in folder.folders.values() if sets.is_unlabelled(each.name)]
        for each in unlabelled if len(folder.folders) - len(unlabelled) > 1 else []:
            self._leave(each, "in a folder that says that it has no labels")
            del folder.folders[each.name]
        groups = {each.path: self._group(each) for each in folder.folders.values()}
        seen = Counter(name.casefold() for group in groups.values() for name in group)
        deep = {path: group for path, group in groups.items() if len(group) > 1}
        if max(seen.values()) > 1 and (deep or self._pooled) and not _differ_by_case(groups):
            return self._one(groups)
        if deep:
            said = "; ".join(f"{path} ({', '.join(group)})" for path, group in deep.items())[:300]
            self._account.note(f"folders of folders are read as their classes, all in one set: {said}")
        return _merged(groups.values())

    def _group(self, folder: Folder) -> Classes:
        """A folder as a class; the folders below it as classes, where it has several and no pictures."""
        leaves = list(folder.leaves())
        if len(leaves) == 1 or folder.files:
            if any(leaf.folders for leaf in leaves):
                self._account.note(f"pictures in folders below '{folder.path}' are read as of that class")
            return {folder.name: list(folder.all())}
        found: Classes = {}
        for leaf in leaves:
            found.setdefault(leaf.name, []).extend(leaf.all())
        return found

    # One of several --------------------------------------------------------------------------------------

    @property
    def _pooled(self) -> bool:
        return self._form.sets == "pooled"

    def _one(self, groups: dict[str, Classes]) -> Classes:
        found = self._one_set({path: {None: classes} for path, classes in groups.items()})
        return found[None]

    def _one_set(self, candidates: dict[str, Divided]) -> Divided:
        """The one set of several; all in one where they are to be pooled. Raises Ambiguous."""
        if self._pooled:
            found: Divided = {}
            for role in [*ROLES, None]:
                merged = _merged(each[role] for each in candidates.values() if role in each)
                if merged:
                    found[role] = merged
            if None in found and len(found) > 1:
                return {None: _merged(found.values())}
            return found
        return sets.chosen(candidates, _signature, _words, self._account, poolable=True)

    def _leave_loose(self, folder: Folder) -> None:
        """Leave out the pictures beside the folders of classes."""
        for member in folder.files:
            self._account.leave(member.name, "in no folder of a class")
        folder.files = []

    def _leave(self, folder: Folder, why: str) -> None:
        for member in folder.all():
            self._account.leave(member.name, why)


def _plain(role: Role, classes: Classes) -> Classes:
    """Classes of a set without what their names say of it, where all do: train/cats_train."""
    if not all(sets.role_in(sets.words_of(name)) == role and sets.plain(name) for name in classes):
        return classes
    return _merged({sets.plain(name): files} for name, files in classes.items())


def _merged(groups: Iterable[Classes]) -> Classes:
    found: Classes = {}
    for group in groups:
        for name, files in group.items():
            found.setdefault(name, []).extend(files)
    return found


def _signature(found: Divided) -> object:
    """What two sets of the same pictures with the same labels have in common."""
    return frozenset(
        Counter(
            (role, name.casefold(), *member.print)
            for role, classes in found.items()
            for name, files in classes.items()
            for member in files
        ).items()
    )


def _words(found: Divided) -> str:
    classes = {name for each in found.values() for name in each}
    count = sum(len(files) for each in found.values() for files in each.values())
    return f"{count:,} pictures of {len(classes):,} {'class' if len(classes) == 1 else 'classes'}"


def _differ_by_case(groups: dict[str, Classes]) -> bool:
    """Whether the names that meet are the folders' own: Cats beside cats."""
    return all(len(group) == 1 and path.endswith(next(iter(group))) for path, group in groups.items())


def _same_names(found: Divided, form: Form, account: Account) -> dict[str, str]:
    """The class of each folder's name; those that differ in case alone are one, unless told apart.

    Single letters stay apart: A and a are two shapes.
    """
    written = sorted(
        {name for classes in found.values() for name in classes}, key=lambda name: (names.natural(name), name)
    )
    one: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name in written:
        key = name.casefold() if form.case == "same" and len(name) > 1 else name
        one[name] = spelled.setdefault(key, name)
        if one[name] != name:
            account.note(f"'{one[name]}' and '{name}' differ in case alone, and are one class, '{one[name]}'")
    made = names.fitting(spelled.values())
    for name, fitted in made.items():
        if fitted != name:
            account.note(
                f"the class '{name[:60]}…' is called '{fitted}', as names have {names.LONGEST} letters"
            )
    return {name: made[first] for name, first in one.items()}


def _told_of_tests(found: Divided, used: dict[Role, Role], account: Account) -> None:
    """Say of pictures to test on which are training pictures, too, and which have a class of their own."""
    trained = [found[role] for role in used if used[role] == "train"]
    prints = {member.print for member in _members(trained)}
    known = {name.casefold() for classes in trained for name in classes}
    for role in [role for role in used if used[role] != "train"]:
        held = _members([found[role]])
        both = sum(member.print in prints for member in held)
        if both:
            account.note(
                f"{both:,} of the {len(held):,} pictures of the {role} set are also in the training set: "
                "it does not tell how the network does on pictures it has not seen"
            )
        alone = [name for name in found[role] if name.casefold() not in known]
        if alone:
            account.note(f"no training picture of {', '.join(alone)[:200]}, which the {role} set has")


def _members(groups: Iterable[Classes]) -> list[Member]:
    return [member for classes in groups for files in classes.values() for member in files]
