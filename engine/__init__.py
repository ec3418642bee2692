"""Glassnet's engine: experiments, networks, training and what can be seen of them, without a server."""
