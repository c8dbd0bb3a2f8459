"""``python -m train audit``: what a data set holds twice, contradicts itself in, and gives away."""
