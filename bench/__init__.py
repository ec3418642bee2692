"""Measurements of speed, as ratios taken side by side in one run; `make bench` prints them all."""

from tools.package import use_this_checkout

use_this_checkout()
