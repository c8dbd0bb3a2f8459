"""Files that both readers, Python and the page, must read alike or refuse alike; made by script, a kind a module."""
