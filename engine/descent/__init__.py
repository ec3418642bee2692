"""Optimizers on surfaces of two numbers."""
