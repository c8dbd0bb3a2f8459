"""``otak serve --lan``: HTTPS, a PIN and a local certificate authority; ``docs/lan.md`` explains all of it."""
