"""Export of an experiment as a program that needs nothing but PyTorch."""
