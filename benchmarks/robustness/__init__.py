"""Inputs that a file should withstand or refuse."""
