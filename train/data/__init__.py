"""Labelled slices: read, grouped, split and loaded."""
