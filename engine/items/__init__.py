"""What there is to choose from, a folder for each family, and what all nodes of a network share."""
