"""Figures on the screen and on paper: the only part of labmon that knows pyqtgraph."""
