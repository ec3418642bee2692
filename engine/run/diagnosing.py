"""Diagnosing: what goes wrong in a run, looked for at each of its evaluations, and told once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.engine.diagnosis import Course, Finding, cures_of, diagnose, divergence
from glassnet.engine.diagnosis.reading import read
from glassnet.engine.errors import Diverged
from glassnet.engine.run.current_training import CurrentTraining
from glassnet.engine.run.directory import RunDirectory

#: The type of a finding's event.
FINDING = "finding"


class Diagnosing:
    """The diagnosis of a run: one course of readings for each life and revision of it."""

    def __init__(
        self, directory: RunDirectory, current: CurrentTraining, note: Callable[[dict[str, Any]], None]
    ) -> None:
        """`note` journals an event and tells viewers. What an earlier session has found is not told again."""
        self._current, self._note = current, note
        self._course = Course()
        self._place = self._here
        self._told = {
            str(event.get("trouble"))
            for event in directory.events()
            if event["type"] == FINDING and (event.get("life"), event.get("revision")) == self._here
        }

    @property
    def _here(self) -> tuple[int, int]:
        return self._current.life, self._current.revision

    def look(self, metrics: dict[str, float]) -> None:
        """Read the present state, whose evaluation is `metrics`; tell of a trouble that is new."""
        self._follow()
        course, trainer = self._course, self._current.trainer
        course.add(read(trainer, metrics, count_dead=course.wants_dead_units))
        finding = diagnose(course)
        if finding is not None:
            self._tell(finding)

    def diverged(self, error: Diverged) -> None:
        """Tell that training has diverged."""
        self._follow()
        self._tell(divergence(self._course, error))

    def _follow(self) -> None:
        """Begin anew where the run is in another life or at another revision."""
        if self._place != self._here:
            self._course, self._told, self._place = Course(), set(), self._here

    def _tell(self, finding: Finding) -> None:
        """Journal a finding with its cures, unless one as grave was told before."""
        if not finding.is_graver_than(self._told):
            return
        self._told.add(finding.trouble)
        cures = cures_of(finding.trouble, self._current.experiment)
        life, revision = self._here
        place = {"life": life, "revision": revision}
        told = {**finding.document(), "cures": [cure.document() for cure in cures]}
        self._note({"type": FINDING, **place, **told})
