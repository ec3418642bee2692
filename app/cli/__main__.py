"""`python -m glassnet.app.cli`: the command line from whatever Python runs it."""

import sys

from glassnet.app.cli import main

sys.exit(main())
