"""Predictions in, scores out: numpy alone, so that a Raspberry Pi can evaluate too."""
