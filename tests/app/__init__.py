"""Tests of the reader on the screen."""
