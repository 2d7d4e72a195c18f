"""Tests of the formats of captures."""
