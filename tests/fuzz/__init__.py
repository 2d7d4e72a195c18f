"""Broken and hostile captures of every format, for all that reads them.

    pytest tests/fuzz --fuzz-seconds 3600

Each target starts from sound input (its seeds) and breaks it in random ways. Whatever is not one of the program's own
errors is a failure, and so is a case that takes too long or too much memory.
"""
