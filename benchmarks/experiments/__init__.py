"""One module a question that the docs answer."""
