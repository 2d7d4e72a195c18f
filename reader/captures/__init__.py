"""Paths -> Captures: finds the captures, opens them safely and decodes them. One small file a format."""

from reader.captures.find import Found, find_files, read_captures, read_files, read_found
from reader.captures.site import PathsOfSite, Site
from reader.captures.source import STANDARD_INPUT
from reader.captures.tally import NOT_A_CAPTURE, PASSED_OVER

__all__ = [
    "NOT_A_CAPTURE", "PASSED_OVER", "STANDARD_INPUT", "Found", "PathsOfSite", "Site",
    "find_files", "read_captures", "read_files", "read_found",
]  # fmt: skip
