"""Files that both readers, Python and the page, must read or refuse alike; a module for each kind."""
