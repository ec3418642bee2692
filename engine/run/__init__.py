"""Runs: a session that trains, is edited and watched, and its run directory."""
