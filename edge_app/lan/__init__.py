"""``otak serve --lan``: HTTPS, a PIN and a certificate authority of its own; see ``docs/lan.md``."""
