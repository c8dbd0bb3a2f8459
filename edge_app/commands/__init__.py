"""The sub-commands of ``otak``, a module each: ``add`` tells the parser of one, ``run`` does its work."""
