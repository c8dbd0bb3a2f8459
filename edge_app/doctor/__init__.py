"""``otak doctor``: what is checked of a device, and what to do where something is not as it should be."""
