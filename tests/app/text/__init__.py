"""Tests of how text is laid out and drawn."""
