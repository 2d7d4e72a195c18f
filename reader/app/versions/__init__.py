"""The versions of a story, and the differences between any two."""
