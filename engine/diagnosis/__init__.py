"""Diagnosis: what goes wrong in a training, found from its evaluations, and the changes that cure it."""

from glassnet.engine.diagnosis.course import Course
from glassnet.engine.diagnosis.cures import Cure, cures_of
from glassnet.engine.diagnosis.finding import Evidence, Finding, Trouble
from glassnet.engine.diagnosis.reading import Reading
from glassnet.engine.diagnosis.rules import diagnose, divergence

__all__ = [
    "Course",
    "Cure",
    "Evidence",
    "Finding",
    "Reading",
    "Trouble",
    "cures_of",
    "diagnose",
    "divergence",
]
