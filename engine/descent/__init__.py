"""Descent of optimizers on cost surfaces of two numbers."""
