"""Glassnet: a neural network you can see through while it trains.

This file and `__main__.py` beside it are read by whatever Python there is, so that one that is too old is
told so: they keep to what Python 3.7 can parse.
"""

#: The one place where the version is written; pyproject.toml reads it from here.
__version__ = "0.1.0"
