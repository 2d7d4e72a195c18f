"""Damaged libraries: checked, mended, and what is intact copied to a new one."""
