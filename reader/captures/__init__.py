"""Paths -> Captures: finds the captures, opens them safely and decodes them. One small file a format."""

from reader.captures.find import Found, find_files, read_captures, read_found
from reader.captures.formats import NOT_A_CAPTURE
from reader.captures.source import STANDARD_INPUT

__all__ = ["NOT_A_CAPTURE", "STANDARD_INPUT", "Found", "find_files", "read_captures", "read_found"]
