"""Replicas: trainings of one experiment with consecutive seeds, taken through every step together."""
