"""Reads captures: finds them at paths, opens them safely and decodes them, each format in a file of its own."""

from reader.captures.find import find_files, read_captures, read_files, read_found
from reader.captures.remote import is_url, remote_stamp, storage_at
from reader.captures.results import NOT_A_CAPTURE, PASSED_OVER, PictureRecord
from reader.captures.site import PageFilter, PathsOfSite, Site
from reader.captures.source import STANDARD_INPUT, Found

__all__ = [
    "NOT_A_CAPTURE", "PASSED_OVER", "STANDARD_INPUT", "Found", "PageFilter", "PathsOfSite", "PictureRecord", "Site",
    "find_files", "is_url", "read_captures", "read_files", "read_found", "remote_stamp", "storage_at",
]  # fmt: skip
