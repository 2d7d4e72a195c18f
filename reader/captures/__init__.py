"""Paths -> Captures: finds the captures, opens them safely and decodes them. One small file a format."""

from reader.captures.find import NOT_A_CAPTURE, read_captures

__all__ = ["NOT_A_CAPTURE", "read_captures"]
