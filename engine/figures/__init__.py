"""Figures: what an item does, as numbers to draw, computed by the item itself."""

from glassnet.engine.figures.figure import Figure
from glassnet.engine.figures.figures import PLOTS, compared, drawn, figure_of, plotted
from glassnet.engine.figures.sliders import Slider

__all__ = ["PLOTS", "Figure", "Slider", "compared", "drawn", "figure_of", "plotted"]
