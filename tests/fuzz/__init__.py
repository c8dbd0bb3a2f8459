"""Mutated files by the hundred thousand, read by a worker: ``python -m tests.fuzz``."""
