"""Classifiers made elsewhere, brought to what a bundle's files take and give."""
