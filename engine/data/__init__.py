"""From a data set to batches: samples drawn, split and normalised, their order, inputs to look at."""
