"""Adds captures to a library in batches (read, parse, match, write), and removes them."""
