"""What is fitted after training: ranges, temperature, thresholds, rejection."""
