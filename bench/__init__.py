"""Measurements of speed, as ratios taken side by side in one run; `make bench` prints them all."""
