"""Tests of the parser, with the captures whose truth is known."""
