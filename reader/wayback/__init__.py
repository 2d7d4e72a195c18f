"""A web archive's captures -> WARC files: listed by CDX, the best of each page chosen, fetched politely, kept.

Nothing here prints, reads a setting or touches the library: `reader.commands.fetch` composes it.
"""
