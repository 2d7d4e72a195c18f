"""Tests of the settings and of what is kept between sessions."""
