"""Damaged libraries: found, mended, and what is intact taken over into a new one."""
