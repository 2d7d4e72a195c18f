"""Tests of the reader in a browser."""
