"""The items of the catalogue, a package for each family, and the base class of all network nodes."""
