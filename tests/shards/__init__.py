"""Tests of parsing in many processes and on clusters."""
