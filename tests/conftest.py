"""What every test needs: torch on one thread, Hypothesis without a clock."""

import os

# One thread, as `make test` exports; set before torch is imported, so that a bare `pytest` is the same.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import torch
from hypothesis import settings

torch.set_num_threads(1)

# No deadline: a first call imports and warms up. In CI the same examples each time, so that a red run is
# about the change it tests; at home new ones.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")
