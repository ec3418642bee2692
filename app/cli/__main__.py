"""`python -m glassnet.app.cli`: the command line of the Python that runs it."""

import sys

from glassnet.app.cli import main

sys.exit(main())
