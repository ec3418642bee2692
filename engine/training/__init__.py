"""Training: the trainer's state and step, capture and replay of steps, metrics and checkpoints."""
