"""Data: samples loaded, split and normalised, their order and batches, and single inputs for probes."""
