"""Tests of the commands in the shell, and of the manual."""
