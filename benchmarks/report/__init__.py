"""Tables, figures and pages from what was measured."""
