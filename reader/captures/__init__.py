"""Paths -> Captures: finds the captures, opens them safely and decodes them. One small file a format."""

from reader.captures.find import read_captures
from reader.captures.site import PathsOfSite
from reader.captures.tally import NOT_A_CAPTURE, PASSED_OVER

__all__ = ["NOT_A_CAPTURE", "PASSED_OVER", "PathsOfSite", "read_captures"]
