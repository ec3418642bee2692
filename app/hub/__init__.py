"""One run, many viewers: what is sent to whom, and what waits."""
