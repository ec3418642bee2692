"""Networks: the graph of nodes, the plan of shapes and costs, and the PyTorch module."""
