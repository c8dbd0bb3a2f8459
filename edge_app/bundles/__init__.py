"""Bundles that come from elsewhere: unpacked, checked, installed, and gone back from."""
