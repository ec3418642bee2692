"""Every item is imported before the service answers: later, threads would wait for each other's locks."""

import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from glassnet.app.main import create_app
from glassnet.app.core.settings import Settings
create_app(Settings(data_dir=Path(sys.argv[1])))
before = set(sys.modules)
from glassnet.engine.reference import reference
from glassnet.engine.experiment.experiment import Experiment
reference()
Experiment.model_json_schema()
print(sorted(name for name in set(sys.modules) - before if name.startswith("glassnet.engine.")))
"""


def test_no_item_is_imported_after_the_application_is_made(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
