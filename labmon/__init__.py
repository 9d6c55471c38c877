"""Medicine and laboratories: everything labmon knows, without Qt."""

__version__ = "0.1.0"
