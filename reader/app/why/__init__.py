"""Why an article was read as it was, line by line; corrections; the raw text of a capture."""
