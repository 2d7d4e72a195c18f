"""Tests of fetching from web archives."""
