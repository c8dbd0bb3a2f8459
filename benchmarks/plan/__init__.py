"""The plan of results: every committed result, and the steps that make it again."""
