"""Medicine and laboratories: everything labmon knows, without Qt."""
