"""Reads the records of WARC files, and the pages in them."""
