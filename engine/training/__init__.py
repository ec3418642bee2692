"""Training: the trainer's state and step, what makes steps fast, and checkpoints."""
