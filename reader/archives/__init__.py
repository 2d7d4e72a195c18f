"""Fetches captures of a web archive into WARC files: lists them (CDX), chooses the best of each page, asks politely.

Nothing here prints, reads a setting or touches the library: `reader.commands.fetch` does.
"""
