"""The loss landscape: slices through the loss as a function of the weights, paths, and sharpness.

weights.py     all parameters as one vector
directions.py  directions in weight space: random and filter-normalised, or to another point
objective.py   the mean loss over some samples, of a copy of a trainer's network
methods.py     the loss at many points at once: stacked, vectorised, or in a loop
evaluate.py    the choice of a method by measurement
grid.py        a grid refined from coarse to fine
sharpness.py   the largest eigenvalue of the Hessian
path.py        the path of training: its principal plane, compared with a random walk
"""
