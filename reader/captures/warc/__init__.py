"""WARC files: their records, and the pages in these."""
