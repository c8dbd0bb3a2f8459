"""Proves the built wheel on ARM without one: Debian of a Raspberry Pi, under qemu."""
