"""Files of a ZIP with their classes and sets, read off its folders as those of pictures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import import names as naming
from glassnet.engine.files.image_import.archive import Member, Members
from glassnet.engine.files.image_import.collection import ROLES
from glassnet.engine.files.image_import.folders import Choices, labelled
from glassnet.engine.files.image_import.report import ImportReport


@dataclass(frozen=True)
class Classified:
    """Files, the class of each as a number, the classes' names, and the sizes of sets that come last."""

    files: list[Member]
    labels: list[int]
    names: list[str]
    validated: int
    tested: int


def classified(
    members: Members, files: Sequence[Member], choices: Choices, report: ImportReport
) -> Classified:
    """The files with their classes. Raises DataError; Ambiguous where several sets would be mixed."""
    if not files:
        left = [f"{each['files'][0]}: {each['why']}" for each in report.left_out()]
        said = f" ({'; '.join(left)[:300]})" if left else ""
        raise DataError(
            f"no {report.what} in the ZIP{said}; expected a folder of {report.what} for each class"
        )
    found = sorted(labelled(members, choices, report, files), key=lambda each: ROLES.index(each.role))
    names = sorted({each.name for each in found}, key=lambda name: (naming.natural(name), name))
    numbers = {name: number for number, name in enumerate(names)}
    held = [sum(each.role == role for each in found) for role in ("validation", "test")]
    return Classified(
        [each.member for each in found], [numbers[each.name] for each in found], names, held[0], held[1]
    )
