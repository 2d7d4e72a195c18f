"""Tests of the library: what is kept, matched, counted, repaired and undone."""
