"""Finds captures at paths, opens them safely and decodes them. Each format has its own module."""

from reader.captures.find import file_stamp, find_files, read_captures, read_file, read_files, storage_at
from reader.captures.results import PictureRecord
from reader.captures.source import (
    STANDARD_INPUT,
    Columns,
    InputFile,
    PageFilter,
    SelectedPaths,
    other_sites_problem,
)
from reader.model import EMPTY_FOLDER, MISSING, NOT_A_CAPTURE, PASSED_OVER

__all__ = [
    "EMPTY_FOLDER", "MISSING", "NOT_A_CAPTURE", "PASSED_OVER", "STANDARD_INPUT", "Columns", "InputFile", "PageFilter",
    "PictureRecord", "SelectedPaths", "file_stamp", "find_files", "other_sites_problem", "read_captures",
    "read_file", "read_files", "storage_at",
]  # fmt: skip
