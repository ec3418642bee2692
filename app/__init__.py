"""Glassnet's service: runs, viewers and commands around the engine."""
