"""The hub: distribution of one run's frames and messages to many viewers."""
