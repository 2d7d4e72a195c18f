"""Fetches captures of web archives into WARC files: lists them, chooses the best of each page, asks politely.

Nothing here prints, reads a setting or touches the library: `reader.commands.fetch` does.
"""
