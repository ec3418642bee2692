"""Folders of pictures: which of them are classes, and which are training, validation and test sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names, sets
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Role
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.tree import Folder, pictures_of, tree

#: Pictures by class, and classes by the role of their set.
Classes = dict[str, list[Member]]
ClassesByRole = dict[Role | None, Classes]


@dataclass(frozen=True)
class Labelled:
    """A picture file with its class and the role of its set."""

    member: Member
    name: str
    role: Role


class Choices(Protocol):
    """The user's choices where folders are ambiguous, as in Form."""

    @property
    def sets(self) -> Literal["own", "pooled"]:
        """Whether separate sets of the upload are kept."""

    @property
    def case(self) -> Literal["same", "apart"]:
        """Whether class names that differ in case alone are one class."""

    @property
    def only(self) -> str:
        """The set to read, of several."""


def labelled(
    members: Members, form: Choices, report: ImportReport, files: Sequence[Member] | None = None
) -> list[Labelled]:
    """The pictures of a ZIP, or other `files`, with their classes and sets, derived from its folders.

    Raises DataError, and Ambiguous where several sets would be mixed.
    """
    chosen = pictures_of(members, report) if files is None else files
    found = FolderReader(form, report).read(tree(chosen, form.only, report))
    roles = {role for role in found if role is not None}
    used = sets.arranged(roles, report, pooled=form.sets == "pooled")
    _told_of_tests(found, used, report)
    one = _same_names(found, form, report)
    pictures = [
        Labelled(member, one[name], "train" if role is None else used[role])
        for role, classes in found.items()
        for name, files in classes.items()
        for member in files
    ]
    place = {id(member): index for index, member in enumerate(chosen)}
    return sorted(pictures, key=lambda each: place[id(each.member)])


class FolderReader:
    """The interpretation of a folder tree by the names of its folders."""

    def __init__(self, form: Choices, report: ImportReport) -> None:
        self._form, self._report = form, report

    def read(self, folder: Folder) -> ClassesByRole:
        """The classes of each set; a single set without a role in its name has the role None."""
        split = [each for each in folder.folders.values() if self._is_set(each)]
        others = [each for each in folder.folders.values() if each not in split]
        strangers = [each for each in others if not self._beside_sets(each)]
        if split and (len(split) > 1 or not strangers):
            return self._named_sets(folder, split, others)
        if not folder.folders:
            if not folder.path:
                raise DataError(
                    f"{folder.files[0].name}: in no folder; expected a folder of {self._report.what} for "
                    "each class"
                )
            return {None: {folder.name: folder.files}}
        if self._by_class(folder):
            return self._transposed(folder)
        self._leave_loose(folder)
        if len(folder.folders) == 1:
            return self.read(next(iter(folder.folders.values())))
        if all(self._beside_sets(each) for each in folder.folders.values()):
            listed = ", ".join(f"'{each.path}'" for each in folder.folders.values())
            raise DataError(
                f"{self._report.what} in {listed}, which are no classes; expected a folder for each below"
            )
        return self._apart(folder)

    # Sets ------------------------------------------------------------------------------------------------

    def _is_set(self, folder: Folder) -> bool:
        """Whether a folder is named as a set, and contains folders for classes."""
        return sets.role_of_folder(folder.name) is not None and bool(folder.folders)

    def _beside_sets(self, folder: Folder) -> bool:
        """Whether a folder beside sets is neither a class nor a set: pictures without labels."""
        return sets.is_unlabelled(folder.name) or sets.role_of_folder(folder.name) is not None

    def _named_sets(self, folder: Folder, split: list[Folder], others: list[Folder]) -> ClassesByRole:
        """The sets named by folders, each with its classes."""
        by_role: dict[Role, dict[str, Classes]] = {}
        for each in split:
            role = sets.role_of_folder(each.name)
            assert role is not None
            by_role.setdefault(role, {})[each.path] = self._classes(each)
        found: ClassesByRole = {role: _plain(role, self._one(same)) for role, same in by_role.items()}
        self._leave_unlabelled(found)
        candidates = {folder.path or "the folders above": found}
        for each in others:
            if self._beside_sets(each):
                self._leave(each, "without folders for classes, so without labels")
            else:
                candidates[each.path] = self.read(each)
        self._leave_loose(folder)
        return self._one_set(candidates)

    def _leave_unlabelled(self, found: ClassesByRole) -> None:
        """Leave out sets whose folders have no class in common with the training set."""
        known = {name.casefold() for name in found.get("train", {})}
        for role in [role for role in found if role != "train" and "train" in found]:
            if not known.intersection(name.casefold() for name in found[role]):
                for name, files in found.pop(role).items():
                    for member in files:
                        why = f"in '{name}' of the {role} set, which is none of the classes"
                        self._report.leave_out(member.name, why)

    def _by_class(self, folder: Folder) -> bool:
        """Whether each class contains the sets: cats/train, cats/test, dogs/train, …"""
        return len(folder.folders) > 1 and all(
            not each.files
            and each.folders
            and all(sets.role_of_folder(name) and not inner.folders for name, inner in each.folders.items())
            for each in folder.folders.values()
        )

    def _transposed(self, folder: Folder) -> ClassesByRole:
        found: ClassesByRole = {}
        for each in folder.folders.values():
            for inner in each.folders.values():
                classes = found.setdefault(sets.role_of_folder(inner.name), {})
                classes.setdefault(each.name, []).extend(inner.files)
        return found

    def _apart(self, folder: Folder) -> ClassesByRole:
        """The interpretation of several folders: as classes, or as sets of which one has to be chosen."""
        if any(self._holds_sets(each) for each in folder.folders.values()):
            return self._one_set({each.path: self.read(each) for each in folder.folders.values()})
        return self._by_name(self._classes(folder))

    def _by_name(self, classes: Classes) -> ClassesByRole:
        """The sets named in class names (cats_train beside cats_test); else one set without a role."""
        told = {name: (sets.role_in(sets.words_in(name)), sets.plain(name)) for name in classes}
        roles = {role for role, plain in told.values() if plain}
        if None in roles or "train" not in roles or len(roles) == 1 or not all(p for _, p in told.values()):
            return {None: classes}
        self._report.note("the names of the classes say which are for training, and which are held out")
        found: ClassesByRole = {}
        for name, files in classes.items():
            role, plain = told[name]
            found.setdefault(role, {}).setdefault(plain, []).extend(files)
        return found

    def _holds_sets(self, folder: Folder) -> bool:
        return any(self._is_set(each) or self._holds_sets(each) for each in folder.folders.values())

    # Classes ---------------------------------------------------------------------------------------------

    def _classes(self, folder: Folder) -> Classes:
        """The classes below a folder: its subfolders with pictures, or theirs, where names differ."""
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
            self._report.note(f"folders of folders are read as their classes, all in one set: {said}")
        return _merged(groups.values())

    def _group(self, folder: Folder) -> Classes:
        """The classes of a folder: itself, or its subfolders, where it has several and no pictures."""
        leaves = list(folder.leaves())
        if len(leaves) == 1 or folder.files:
            if any(leaf.folders for leaf in leaves):
                self._report.note(
                    f"{self._report.what} in folders below '{folder.path}' are read as of that class"
                )
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

    def _one_set(self, candidates: dict[str, ClassesByRole]) -> ClassesByRole:
        """The chosen set of several; all in one where they are pooled. Raises Ambiguous."""
        if self._pooled:
            found: ClassesByRole = {}
            for role in [*ROLES, None]:
                merged = _merged(each[role] for each in candidates.values() if role in each)
                if merged:
                    found[role] = merged
            if None in found and len(found) > 1:
                return {None: _merged(found.values())}
            return found
        return sets.chosen(
            candidates,
            _signature,
            lambda found: _words(found, self._report.what),
            self._report,
            poolable=True,
        )

    def _leave_loose(self, folder: Folder) -> None:
        """Leave out pictures that are in no folder of a class."""
        for member in folder.files:
            self._report.leave_out(member.name, "in no folder of a class")
        folder.files = []

    def _leave(self, folder: Folder, why: str) -> None:
        for member in folder.all():
            self._report.leave_out(member.name, why)


def _plain(role: Role, classes: Classes) -> Classes:
    """The classes with the set's role removed from their names, where all have it: train/cats_train."""
    if not all(sets.role_in(sets.words_in(name)) == role and sets.plain(name) for name in classes):
        return classes
    return _merged({sets.plain(name): files} for name, files in classes.items())


def _merged(groups: Iterable[Classes]) -> Classes:
    found: Classes = {}
    for group in groups:
        for name, files in group.items():
            found.setdefault(name, []).extend(files)
    return found


def _signature(found: ClassesByRole) -> object:
    """A key that is equal for sets of the same pictures with the same labels."""
    return frozenset(
        Counter(
            (role, name.casefold(), *member.fingerprint)
            for role, classes in found.items()
            for name, files in classes.items()
            for member in files
        ).items()
    )


def _words(found: ClassesByRole, what: str) -> str:
    classes = {name for each in found.values() for name in each}
    count = sum(len(files) for each in found.values() for files in each.values())
    return f"{count:,} {what} of {len(classes):,} {'class' if len(classes) == 1 else 'classes'}"


def _differ_by_case(groups: dict[str, Classes]) -> bool:
    """Whether class names coincide because folders differ in case alone: Cats beside cats."""
    return all(len(group) == 1 and path.endswith(next(iter(group))) for path, group in groups.items())


def _same_names(found: ClassesByRole, form: Choices, report: ImportReport) -> dict[str, str]:
    """The class of each folder's name; names that differ in case alone are one class by default.

    Single letters are always separate: A and a are two shapes.
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
            report.note(f"'{one[name]}' and '{name}' differ in case alone, and are one class, '{one[name]}'")
    made = names.fitting(spelled.values())
    for name, fitted in made.items():
        if fitted != name:
            report.note(
                f"the class '{name[:60]}…' is called '{fitted}', as names have {names.LONGEST} letters"
            )
    return {name: made[first] for name, first in one.items()}


def _told_of_tests(found: ClassesByRole, used: dict[Role, Role], report: ImportReport) -> None:
    """Report test pictures that are also training pictures, and classes without training pictures."""
    trained = [found[role] for role in used if used[role] == "train"]
    prints = {member.fingerprint for member in _members(trained)}
    known = {name.casefold() for classes in trained for name in classes}
    for role in [role for role in used if used[role] != "train"]:
        held = _members([found[role]])
        both = sum(member.fingerprint in prints for member in held)
        if both:
            report.note(
                f"{both:,} of the {len(held):,} {report.what} of the {role} set are also in the training "
                f"set: it does not tell how the network does on {report.what} it has not seen"
            )
        alone = [name for name in found[role] if name.casefold() not in known]
        if alone:
            report.note(f"no {report.what} to train on of {', '.join(alone)[:200]}, which the {role} set has")


def _members(groups: Iterable[Classes]) -> list[Member]:
    return [member for classes in groups for files in classes.values() for member in files]
