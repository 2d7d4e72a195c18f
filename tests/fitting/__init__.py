"""Fits the parser's costs to captures whose truth is known: `python -m tests.fitting FOLDER…` (extra `dev`)."""
