"""Tests of the export formats and citations."""
