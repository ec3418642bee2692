"""How Sphinx builds the documentation site; tools/docs_site.py gathers what it is built from."""

from glassnet import __version__

project = "Glassnet"
author = "The Glassnet maintainers"
release = __version__

extensions = ["myst_parser"]
myst_heading_anchors = 3  # links to headings, as they are written on a code host
source_suffix = {".md": "markdown"}

html_theme = "furo"
html_title = f"Glassnet {__version__}"
html_show_sourcelink = False
html_copy_source = False
