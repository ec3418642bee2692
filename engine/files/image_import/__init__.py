"""Import of uploaded pictures: archives of many formats, converted to one blob of pictures of one size.

The import runs in a separate process (`python -m glassnet.engine.files.image_import`) with bounded memory
and time, because uploads are untrusted: no size that a file announces is believed before bytes are counted.
It does not import torch, so that it starts quickly. Guesses are recorded in the collection's report.
"""

from __future__ import annotations

from glassnet.engine.files.image_import.collection import Collection, Form, Progress
from glassnet.engine.files.image_import.report import ImportReport
from glassnet.engine.files.image_import.upload import gathered

__all__ = ["Collection", "Form", "ImportReport", "Progress", "gathered"]
