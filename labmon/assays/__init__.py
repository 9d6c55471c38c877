"""Readings become results: mapping, standard curves, replicates, controls, acceptance, limits."""
