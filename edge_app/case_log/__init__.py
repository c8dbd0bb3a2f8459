"""The case log of a clinic's device, kept where ``otak serve --keep-cases`` is on.

``docs/case-log.md`` explains it.
"""
