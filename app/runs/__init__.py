"""Runs: life cycle, workers, legal commands."""
