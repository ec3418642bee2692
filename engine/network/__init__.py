"""The network: its graph, its plan of shapes and costs, and the PyTorch module."""
