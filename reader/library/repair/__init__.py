"""Checks and repairs damaged libraries, and copies intact content to a new one."""
