"""Figures: the style, pieces of panels, one module per figure."""
