"""Conversion of an upload of any supported format to a collection of pictures of one form."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glassnet.engine.errors import DataError
from glassnet.engine.files.formats import CIFAR_RECORD, read_cifar
from glassnet.engine.files.image_import import arrays, boxes, coco, companions, masks, names, records, yolo
from glassnet.engine.files.image_import.archive import DAMAGED, Member, Members
from glassnet.engine.files.image_import.collection import ROLES, Collection, Form, Progress, Role
from glassnet.engine.files.image_import.decoder import Decoder
from glassnet.engine.files.image_import.folders import Labelled, labelled
from glassnet.engine.files.image_import.parts import Part, collected
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.targets import STORED
from glassnet.engine.files.image_import.tree import pictures_of

FEWEST, MOST_CLASSES = 10, 1000


def gathered(path: Path, form: Form, progress: Progress = lambda done, total: None) -> Collection:
    """The pictures of a ZIP with a folder for each class, or of NPZ, IDX or CIFAR files.

    Where masks or boxes are to be read, a ZIP has them with the pictures. Raises DataError, which names the
    file, where a file is invalid; Ambiguous where several sets would be mixed.
    """
    report = ImportReport()
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                found = _from_zip(Members(archive, report, form.encoding), form, report, progress)
        except DAMAGED as error:
            raise DataError(f"a damaged ZIP file: {error}") from None
    elif form.targets != "class":
        raise DataError(f"no ZIP file; expected one of pictures and {form.targets}")
    elif path.stat().st_size % CIFAR_RECORD == 0 and path.stat().st_size:
        part = Part("the file", "train", *read_cifar(path.read_bytes()))
        found = collected([part], [], form, report, progress)
    else:
        raise DataError(
            "neither a ZIP file nor CIFAR's records; expected a ZIP with a folder for each class, an NPZ, "
            "or IDX or CIFAR files (pictures and labels together in one ZIP)"
        )
    return _checked(found)


def _checked(found: Collection) -> Collection:
    """The collection. Raises DataError where it has too few pictures or classes to train on."""
    if len(found.images) < FEWEST:
        raise DataError(f"{len(found.images)} pictures; expected at least {FEWEST}")
    if len(found.names) < STORED[found.targets].classes[0]:
        raise DataError(f"one class, {found.names[0]!r}; expected at least two: a folder for each")
    if len(found.names) > MOST_CLASSES:
        raise DataError(f"{len(found.names):,} classes; expected at most {MOST_CLASSES:,}")
    return found


def _from_zip(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    if not members.files:
        raise DataError("no files in the ZIP; expected a folder of pictures for each class")
    if form.targets == "masks":
        return masks.gathered(members, form, report, progress)
    if form.targets == "boxes":
        return _from_boxes(members, form, report, progress)
    for kind in (arrays, records):
        files = [member for member in members.files if kind.accepts(member.stem)]
        if files:
            for member in members.files:
                if member not in files and not kind.describes(member.stem):
                    report.leave_out(member.name, f"beside {kind.DESCRIPTION}")
            found: Collection = kind.gathered(members, files, form, report, progress)
            return found
    return _from_folders(members, form, report, progress)


# A folder for each class ------------------------------------------------------------------------------------


def _from_folders(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    pictures = _by_role(labelled(members, form, report))
    known = sorted({each.name for each in pictures}, key=lambda name: (names.natural(name), name))
    if len(known) > MOST_CLASSES:
        raise DataError(f"{len(known):,} classes; expected at most {MOST_CLASSES:,}")
    images = Decoder(members, form, report, progress).images([each.member for each in pictures])
    numbers = {name: number for number, name in enumerate(known)}
    labels = np.array([numbers[each.name] for each in pictures], np.int32)
    count = {role: sum(each.role == role for each in pictures) for role in ROLES}
    return Collection(images, labels, known, count["validation"], count["test"], report)


def _by_role(pictures: Sequence[Labelled]) -> list[Labelled]:
    """The pictures sorted by role: training, validation, test."""
    order: dict[Role, int] = {role: place for place, role in enumerate(ROLES)}
    return sorted(pictures, key=lambda each: order[each.role])


# Boxes ------------------------------------------------------------------------------------------------------


def _from_boxes(members: Members, form: Form, report: ImportReport, progress: Progress) -> Collection:
    """The collection of pictures with boxes, as COCO's JSON has them, or else YOLO's text."""
    named = [member for member in members.files if companions.is_names(member)]
    told = {"json": list[Member](), "txt": list[Member]()}
    for member in members.files:
        ending = member.stem.rpartition(".")[2].lower()
        if ending in told and member not in named:
            told[ending].append(member)
    others = [*named, *told["json"], *told["txt"]]
    pictures = pictures_of(members, report, [member for member in members.files if member not in others])
    if not pictures:
        raise DataError(
            "no pictures in the ZIP; expected them with COCO's JSON or YOLO's text of their boxes"
        )
    files = coco.read(members, told["json"], report)
    if files:
        for member in [*named, *told["txt"]]:
            report.leave_out(member.name, "beside COCO's JSON")
        entries, classes = coco.entries(files, pictures, report)
    else:
        classes = companions.class_names(members, named, report)
        entries, classes = yolo.entries(members, told["txt"], pictures, classes, report)
    return boxes.collected(members, entries, classes, form, report, progress)
