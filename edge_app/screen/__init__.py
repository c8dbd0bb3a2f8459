"""``otak screen``: an archive's slices, and which studies to look at first."""
