"""Studies beside the session of a run."""
