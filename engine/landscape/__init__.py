"""The loss as a function of the weights: slices through it, the path through it, how sharply it bends.

weights.py     all parameters as one vector
directions.py  which way to look: random and filter-normalised, to another point
objective.py   the mean loss over some samples, of a copy of a trainer's network
methods.py     the loss at many points at once: stacked, vectorised, or one after the other
evaluate.py    which of these, by measuring
grid.py        coarse at once, then finer
sharpness.py   the largest eigenvalue of the Hessian
path.py        where training went: its principal plane, and what a random walk would show
"""
