"""Runs: their life cycle, who may have a worker, what may be asked of them when."""
